package hclspec

import (
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

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
	// EnvNames are the literal names of the task's environment, sorted.
	EnvNames []string
}

// TaskSummaries returns the tasks in the order of the files.
func (f *File) TaskSummaries() []TaskSummary {
	outlines := make([]TaskSummary, len(f.config.Tasks))
	for i, decl := range f.Tasks() {
		t := f.config.TaskByName[decl.Name]
		outlines[i] = TaskSummary{TaskInfo: decl, Kind: t.Kind}
		outlines[i].EnvNames = envNames(t.AllLayers("env"))
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

// envNames returns the literal names of an environment. A literal null removes a name from the values below.
func envNames(layers []*config.Attribute) []string {
	names := map[string]bool{}
	for _, layer := range layers {
		pairs, diags := hcl.ExprMap(layer.Expr)
		if diags.HasErrors() {
			continue // an expression that makes the environment
		}
		for _, pair := range pairs {
			name, diags := pair.Key.Value(nil)
			if diags.HasErrors() || name.IsNull() || !name.IsKnown() || name.Type() != cty.String {
				continue
			}
			if value, isSyntax := pair.Value.(hclsyntax.Expression); isSyntax && config.IsNull(value) {
				delete(names, name.AsString())
			} else {
				names[name.AsString()] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(names))
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
