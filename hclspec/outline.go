package hclspec

import (
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
)

// Outline is what the files say of a task, without evaluating anything.
type Outline struct {
	TaskDecl
	Kind Kind
	// Service is the compose service of a Service task, where its name is written out, else empty. A service of another
	// compose project than the files' own, here and in DependsOn, has the scope before its name: "ns:db".
	Service string
	// NoDeps says that no_deps = true is written out.
	NoDeps bool
}

// Outlines lists the tasks in the order of their declaration.
func (f *File) Outlines() []Outline {
	outlines := make([]Outline, len(f.tasks))
	for i, decl := range f.Tasks() {
		t := f.taskByName[decl.Name]
		outlines[i] = Outline{TaskDecl: decl, Kind: t.kind}
		outlines[i].DependsOn = withScope(t.mod.home(), decl.DependsOn)
		if a := t.attrs["service"]; a != nil {
			if name, ok := literalString(a.expr); ok {
				outlines[i].Service = t.mod.home() + name
			}
		}
		if a := t.attrs["no_deps"]; a != nil {
			v, diags := a.expr.Value(nil)
			outlines[i].NoDeps = !diags.HasErrors() && isTrue(v)
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

// Find gives the name of the task that a name on the command line means: its own, one of its aliases, or that of one of its
// combinations.
func (f *File) Find(in Inputs, name string) (string, hcl.Diagnostics) {
	if t := f.taskNamed(blockName(name)); t != nil {
		return t.name, nil
	}
	return "", hcl.Diagnostics{newEvaluation(f, in).unknownTarget(name)}
}

// isTrue says that a value is known to be true.
func isTrue(v cty.Value) bool {
	return v.IsWhollyKnown() && !v.IsNull() && v.Type() == cty.Bool && v.True()
}
