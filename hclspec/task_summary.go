package hclspec

import (
	"slices"

	"github.com/hashicorp/hcl/v2"

	"tasks/hclspec/internal/config"
	"tasks/hclspec/internal/ctyconv"
)

// TaskSummary describes a task without an evaluation.
type TaskSummary struct {
	TaskInfo
	Kind TaskKind
	// Service is the literal compose service of a service task; otherwise empty. A service of an included compose
	// project has its scope before the name, here and in DependsOn: "ns:db".
	Service string
	// IsJob reports whether Service is a job of the compose file.
	IsJob bool
	// NoDeps reports a literal no_deps = true.
	NoDeps bool
}

// TaskSummaries returns the tasks in the order of the files.
func (f *File) TaskSummaries() []TaskSummary {
	outlines := make([]TaskSummary, len(f.config.Tasks))
	for i, decl := range f.Tasks() {
		t := f.config.TaskByName[decl.Name]
		outlines[i] = TaskSummary{TaskInfo: decl, Kind: t.Kind}
		outlines[i].DependsOn = withScope(t.Module.ComposeScope(), decl.DependsOn)
		a := t.Attrs["service"]
		if outlines[i].IsJob = a == nil && t.Attrs["job"] != nil; outlines[i].IsJob {
			a = t.Attrs["job"]
		}
		if a != nil {
			if name, ok := config.LiteralString(a.Expr); ok {
				outlines[i].Service = t.Module.ComposeScope() + name
			}
		}
		if a := t.Attrs["no_deps"]; a != nil {
			v, diags := a.Expr.Value(nil)
			outlines[i].NoDeps = !diags.HasErrors() && ctyconv.IsTrue(v)
		}
	}
	return outlines
}

// ResolveTaskName returns the task of a name on the command line: a name, an alias, or a matrix cell.
func (f *File) ResolveTaskName(in Inputs, name string) (string, hcl.Diagnostics) {
	if t := f.config.FindTask(config.DeclaredName(name)); t != nil {
		return t.Name, nil
	}
	return "", hcl.Diagnostics{unknownTargetError(newEvaluation(f.config, in), name)}
}

// withScope puts a scope before the names of services.
func withScope(scope string, written []Dependency) []Dependency {
	if scope == "" {
		return written
	}
	all := slices.Clone(written)
	for i, d := range all {
		if d.Service != "" {
			all[i].Service = scope + d.Service
		}
	}
	return all
}
