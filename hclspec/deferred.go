package hclspec

import (
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"tasks/hclspec/internal/config"
	"tasks/hclspec/internal/diag"
)

// deferredPlaceholder returns the text in place of a value that is computed from results of a run. Before the run
// such a value has no form, for example a condition on an output. The text is empty for a value that only contains
// results, as in "--version=${task.version.stdout}": the references can be shown in place.
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

// deferredParts returns the parts of an expression that compute with results.
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

// runTimeUses returns the results of a run in a part of an expression, direct or through locals.
func runTimeUses(f *config.File, e config.Expression, part hcl.Range) (uses []config.ReferenceUse) {
	for use := range f.ReachableReferences(e.Refs) {
		if use.Ref.IsRunTime() && diag.IsWithin(use.RangeInExpression(), part) {
			uses = append(uses, use)
		}
	}
	return uses
}

// localAt returns the local of the reference at a place, or nil.
func localAt(f *config.File, e config.Expression, at hcl.Range) *config.Local {
	for _, ref := range e.Refs {
		if ref.Kind == config.RefLocal && diag.IsWithin(ref.Range, at) {
			return ref.Local()
		}
	}
	return nil
}

// withDeferredPlaceholders replaces computed values of a task by placeholders.
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
