package config

import (
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"tasks/hclspec/internal/diag"
)

// explainTypeErrors adds the known type names to errors in types.
func explainTypeErrors(expr hclsyntax.Expression, diags hcl.Diagnostics) hcl.Diagnostics {
	for _, d := range diags {
		_ = hclsyntax.VisitAll(expr, func(n hclsyntax.Node) hcl.Diagnostics {
			if at := n.Range(); d.Subject != nil && (at == *d.Subject || at.Start == d.Subject.Start && isCall(n)) {
				explainType(d, n)
			}
			return nil
		})
	}
	return diags
}

func isCall(n hclsyntax.Node) bool {
	_, call := n.(*hclsyntax.FunctionCallExpr)
	return call
}

// explainType suggests a type for an unknown type.
func explainType(d *hcl.Diagnostic, n hclsyntax.Node) {
	primitive, composite := []string{"any", "bool", "number", "string"}, []string{"list", "map", "object", "set", "tuple"}
	switch expr := n.(type) {
	case *hclsyntax.TemplateExpr:
		if text, ok := LiteralString(expr); ok && slices.Contains(primitive, text) {
			d.Detail = fmt.Sprintf("A type stands without quotes: %s.", text)
		}
	case *hclsyntax.ScopeTraversalExpr:
		if name := hcl.ExprAsKeyword(expr); name != "" && !slices.Contains(slices.Concat(primitive, composite), name) {
			diag.SetDetail(d, unknownTypeDetail(name, primitive, composite))
		}
	case *hclsyntax.FunctionCallExpr:
		if !slices.Contains(slices.Concat(primitive, composite), expr.Name) {
			d.Subject = &expr.NameRange
			diag.SetDetail(d, unknownTypeDetail(expr.Name, primitive, composite))
		}
	}
}

func unknownTypeDetail(name string, primitive, composite []string) diag.Text {
	if hint := diag.DidYouMean(name, slices.Concat(primitive, composite)); !hint.IsEmpty() {
		return diag.Textf("There is no type %q.%s", name, hint)
	}
	return diag.Textf("There is no type %q: there are %s, and those that are made of others, as in list(string): %s.",
		name, diag.EnumerateNames(primitive), diag.EnumerateNames(composite))
}
