package hclspec

import (
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// madeOf stands in what is shown for a value that is computed with results of a run: a condition on an output, say, has no form
// before. It is empty for one that only holds results, as in "--version=${task.version.stdout}": that can be shown with these in it.
func (f *File) madeOf(e expression, part hclsyntax.Expression) string {
	var results []string
	for _, computed := range f.computed(e, part) {
		for _, use := range f.lateUses(e, computed.Range()) {
			if text := use.ref.String(); !slices.Contains(results, text) {
				results = append(results, text)
			}
		}
	}
	if results == nil {
		return ""
	}
	return "<made of " + strings.Join(results, ", ") + ">"
}

// computed are the parts of an expression that make something of results, rather than hold them.
func (f *File) computed(e expression, part hclsyntax.Expression) (parts []hclsyntax.Expression) {
	if len(f.lateUses(e, part.Range())) == 0 {
		return nil
	}
	switch x := part.(type) {
	case *hclsyntax.TupleConsExpr:
		for _, element := range x.Exprs {
			parts = append(parts, f.computed(e, element)...)
		}
	case *hclsyntax.TemplateExpr:
		for _, piece := range x.Parts {
			parts = append(parts, f.computed(e, piece)...)
		}
	case *hclsyntax.TemplateWrapExpr:
		return f.computed(e, x.Wrapped)
	case *hclsyntax.ParenthesesExpr:
		return f.computed(e, x.Expression)
	case *hclsyntax.ScopeTraversalExpr:
		if l := f.localIn(e, x.Range()); l != nil && len(f.computed(l.expression, l.expr)) > 0 {
			return []hclsyntax.Expression{part}
		}
	default:
		return []hclsyntax.Expression{part}
	}
	return parts
}

// lateUses are the results of a run that a part of an expression refers to, itself or through locals.
func (f *File) lateUses(e expression, part hcl.Range) (uses []use) {
	for use := range f.reach(e.refs) {
		if use.ref.atRunTime() && within(use.at(), part) {
			uses = append(uses, use)
		}
	}
	return uses
}

// localIn is the local that is referred to at a place, or nil.
func (f *File) localIn(e expression, at hcl.Range) *local {
	for _, ref := range e.refs {
		if ref.kind == refLocal && within(ref.rng, at) {
			return ref.local()
		}
	}
	return nil
}

// showComputed puts what stands for computed values into a task that is to be shown.
func (f *File) showComputed(t *taskBlock, task *Task) *Task {
	for _, name := range []string{"command", "script"} {
		if a := t.attrs[name]; a != nil {
			if text := f.madeOf(a.expression, a.expr); text != "" {
				shown := *task
				shown.Command = []string{text}
				return &shown
			}
		}
	}
	return task
}
