package hclspec

import (
	"slices"

	"github.com/hashicorp/hcl/v2"

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
	outlines := make([]TaskSummary, len(f.tasks))
	for i, decl := range f.Tasks() {
		t := f.taskByName[decl.Name]
		outlines[i] = TaskSummary{TaskInfo: decl, Kind: t.kind}
		outlines[i].DependsOn = withScope(t.mod.composeScope(), decl.DependsOn)
		if a := t.attrs["service"]; a != nil {
			if name, ok := literalString(a.expr); ok {
				outlines[i].Service = t.mod.composeScope() + name
			}
		}
		if a := t.attrs["no_deps"]; a != nil {
			v, diags := a.expr.Value(nil)
			outlines[i].NoDeps = !diags.HasErrors() && ctyconv.IsTrue(v)
		}
	}
	return outlines
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

// ResolveTaskName gives the name of the task that a name on the command line means: its own, one of its aliases, or that of one of its
// combinations.
func (f *File) ResolveTaskName(in Inputs, name string) (string, hcl.Diagnostics) {
	if t := f.findTask(declaredName(name)); t != nil {
		return t.name, nil
	}
	return "", hcl.Diagnostics{newEvaluation(f, in).unknownTargetError(name)}
}
