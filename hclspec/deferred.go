package hclspec

import (
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"tasks/hclspec/internal/diag"
)

// deferredPlaceholder stands in what is shown for a value that is computed with results of a run: a condition on an output, say, has no form
// before. It is empty for one that only holds results, as in "--version=${task.version.stdout}": that can be shown with these in it.
func (f *File) deferredPlaceholder(e expression, part hclsyntax.Expression) string {
	var results []string
	for _, deferred := range f.deferredParts(e, part) {
		for _, use := range f.runTimeUses(e, deferred.Range()) {
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

// deferredParts are the parts of an expression that make something of results, rather than hold them.
func (f *File) deferredParts(e expression, part hclsyntax.Expression) (parts []hclsyntax.Expression) {
	if len(f.runTimeUses(e, part.Range())) == 0 {
		return nil
	}
	switch x := part.(type) {
	case *hclsyntax.TupleConsExpr:
		for _, element := range x.Exprs {
			parts = append(parts, f.deferredParts(e, element)...)
		}
	case *hclsyntax.TemplateExpr:
		for _, piece := range x.Parts {
			parts = append(parts, f.deferredParts(e, piece)...)
		}
	case *hclsyntax.TemplateWrapExpr:
		return f.deferredParts(e, x.Wrapped)
	case *hclsyntax.ParenthesesExpr:
		return f.deferredParts(e, x.Expression)
	case *hclsyntax.ScopeTraversalExpr:
		if l := f.localAt(e, x.Range()); l != nil && len(f.deferredParts(l.expression, l.expr)) > 0 {
			return []hclsyntax.Expression{part}
		}
	default:
		return []hclsyntax.Expression{part}
	}
	return parts
}

// runTimeUses are the results of a run that a part of an expression refers to, itself or through locals.
func (f *File) runTimeUses(e expression, part hcl.Range) (uses []referenceUse) {
	for use := range f.reachableReferences(e.refs) {
		if use.ref.isRunTime() && diag.IsWithin(use.rangeInExpression(), part) {
			uses = append(uses, use)
		}
	}
	return uses
}

// localAt is the local that is referred to at a place, or nil.
func (f *File) localAt(e expression, at hcl.Range) *local {
	for _, ref := range e.refs {
		if ref.kind == refLocal && diag.IsWithin(ref.rng, at) {
			return ref.local()
		}
	}
	return nil
}

// withDeferredPlaceholders puts what stands for computed values into a task that is to be shown.
func (f *File) withDeferredPlaceholders(t *taskBlock, task *Task) *Task {
	for _, name := range []string{"command", "script"} {
		if a := t.attrs[name]; a != nil {
			if text := f.deferredPlaceholder(a.expression, a.expr); text != "" {
				shown := *task
				shown.Command = []string{text}
				return &shown
			}
		}
	}
	return task
}
