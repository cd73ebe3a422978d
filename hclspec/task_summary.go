package hclspec

import (
	"slices"

	"github.com/hashicorp/hcl/v2"

	"tasks/hclspec/internal/config"
	"tasks/hclspec/internal/ctyconv"
)

// TaskSummary is what the files say of a task, without evaluating anything.
type TaskSummary struct {
	TaskInfo
	Kind TaskKind
	// Service is the compose service of a Service task, where its name is written out, else empty. A service of another
	// compose project than the files' own, here and in DependsOn, has the scope before its name: "ns:db".
	Service string
	// NoDeps says that no_deps = true is written out.
	NoDeps bool
}

// TaskSummaries lists the tasks in the order of their declaration.
func (f *File) TaskSummaries() []TaskSummary {
	outlines := make([]TaskSummary, len(f.config.Tasks))
	for i, decl := range f.Tasks() {
		t := f.config.TaskByName[decl.Name]
		outlines[i] = TaskSummary{TaskInfo: decl, Kind: t.Kind}
		outlines[i].DependsOn = withScope(t.Module.ComposeScope(), decl.DependsOn)
		if a := t.Attrs["service"]; a != nil {
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

// ResolveTaskName gives the name of the task that a name on the command line means: its own, one of its aliases, or that of one of its
// combinations.
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
