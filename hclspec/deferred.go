package hclspec

import (
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"tasks/hclspec/internal/config"
	"tasks/hclspec/internal/diag"
)

// deferredPlaceholder stands in what is shown for a value that is computed with results of a run: a condition on an output, say, has no form
// before. It is empty for one that only holds results, as in "--version=${task.version.stdout}": that can be shown with these in it.
func deferredPlaceholder(f *config.File, e config.Expression, part hclsyntax.Expression) string {
	var results []string
	for _, deferred := range deferredParts(f, e, part) {
		for _, use := range runTimeUses(f, e, deferred.Range()) {
			if text := use.Ref.String(); !slices.Contains(results, text) {
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
func deferredParts(f *config.File, e config.Expression, part hclsyntax.Expression) (parts []hclsyntax.Expression) {
	if len(runTimeUses(f, e, part.Range())) == 0 {
		return nil
	}
	switch x := part.(type) {
	case *hclsyntax.TupleConsExpr:
		for _, element := range x.Exprs {
			parts = append(parts, deferredParts(f, e, element)...)
		}
	case *hclsyntax.TemplateExpr:
		for _, piece := range x.Parts {
			parts = append(parts, deferredParts(f, e, piece)...)
		}
	case *hclsyntax.TemplateWrapExpr:
		return deferredParts(f, e, x.Wrapped)
	case *hclsyntax.ParenthesesExpr:
		return deferredParts(f, e, x.Expression)
	case *hclsyntax.ScopeTraversalExpr:
		if l := localAt(f, e, x.Range()); l != nil && len(deferredParts(f, l.Expression, l.Expr)) > 0 {
			return []hclsyntax.Expression{part}
		}
	default:
		return []hclsyntax.Expression{part}
	}
	return parts
}

// runTimeUses are the results of a run that a part of an expression refers to, itself or through locals.
func runTimeUses(f *config.File, e config.Expression, part hcl.Range) (uses []config.ReferenceUse) {
	for use := range f.ReachableReferences(e.Refs) {
		if use.Ref.IsRunTime() && diag.IsWithin(use.RangeInExpression(), part) {
			uses = append(uses, use)
		}
	}
	return uses
}

// localAt is the local that is referred to at a place, or nil.
func localAt(f *config.File, e config.Expression, at hcl.Range) *config.Local {
	for _, ref := range e.Refs {
		if ref.Kind == config.RefLocal && diag.IsWithin(ref.Range, at) {
			return ref.Local()
		}
	}
	return nil
}

// withDeferredPlaceholders puts what stands for computed values into a task that is to be shown.
func withDeferredPlaceholders(f *config.File, t *config.Task, task *Task) *Task {
	for _, name := range []string{"command", "script"} {
		if a := t.Attrs[name]; a != nil {
			if text := deferredPlaceholder(f, a.Expression, a.Expr); text != "" {
				shown := *task
				shown.Command = []string{text}
				return &shown
			}
		}
	}
	return task
}
