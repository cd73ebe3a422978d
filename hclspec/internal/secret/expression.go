package secret

import (
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"tasks/hclspec/internal/diag"
)

// Takes reports whether an expression takes a sensitive value: by a name, by sensitive(…), or by a function with
// such a result. Where an evaluation could not tell, the answer is true.
func Takes(expr hcl.Expression, ctx *hcl.EvalContext) bool {
	if v, diags := expr.Value(ctx); !diags.HasErrors() && v.ContainsMarked() {
		return true
	}
	for _, name := range expr.Variables() {
		if isMarkedName(name, ctx) {
			return true
		}
	}
	node, ok := expr.(hclsyntax.Expression)
	if !ok {
		return false
	}
	takes := false
	// The callback returns no diagnostics.
	_ = hclsyntax.VisitAll(node, func(n hclsyntax.Node) hcl.Diagnostics {
		if call, ok := n.(*hclsyntax.FunctionCallExpr); ok && !takes {
			takes = callMayReturnMark(call, ctx)
		}
		return nil
	})
	return takes
}

// isMarkedName reports whether the longest usable part of a reference has a mark.
func isMarkedName(name hcl.Traversal, ctx *hcl.EvalContext) bool {
	for end := len(name); end > 0; end-- {
		if v, diags := name[:end].TraverseAbs(ctx); !diags.HasErrors() {
			return v.ContainsMarked()
		}
	}
	return false
}

// callMayReturnMark reports whether a call may return a mark that none of its arguments has. The functions of the
// language have static result types but for the guarded ones, so only sensitive() and functions of a file count.
func callMayReturnMark(call *hclsyntax.FunctionCallExpr, ctx *hcl.EvalContext) bool {
	if call.Name == "sensitive" {
		return true
	}
	for level := ctx; level != nil; level = level.Parent() {
		if _, ok := level.Functions[call.Name]; ok {
			if level.Parent() == nil {
				return false // a function of the language
			}
			v, diags := call.Value(ctx)
			return diags.HasErrors() || v.ContainsMarked()
		}
	}
	return false
}

// HideValues takes the values out of the messages of an evaluation with sensitive values. A message about a function
// needs no such change, because [Guard] has changed the message. A message without an expression is about expr.
func HideValues(diags hcl.Diagnostics, expr hcl.Expression, ctx *hcl.EvalContext) {
	for _, d := range diags {
		from, in := d.Expression, d.EvalContext
		if from == nil {
			from, in = expr, ctx
		}
		call, isCall := hcl.DiagnosticExtra[hclsyntax.FunctionCallDiagExtra](d)
		switch from.(type) {
		case *hclsyntax.ScopeTraversalExpr, *hclsyntax.RelativeTraversalExpr:
			continue // names of the source, and no values
		}
		switch {
		case isCall && call.FunctionCallError() != nil, !mayShowValue(d.Detail):
		case Takes(from, in):
			d.Detail = diag.UpperFirst(Reason) + "."
			d.Extra = nil
		}
	}
}

// mayShowValue reports whether a message of HCL may show a value. All values in these messages have quotes, as has the
// name of a parameter at the start.
func mayShowValue(detail string) bool {
	if rest, ok := strings.CutPrefix(detail, `Invalid value for "`); ok {
		_, detail, _ = strings.Cut(rest, `"`)
	}
	return strings.Contains(detail, `"`)
}

// IsHidden reports whether the reason of a message is not shown.
func IsHidden(d *hcl.Diagnostic) bool { return strings.Contains(d.Detail, Reason[1:]) }

// AddMessageParts adds the sensitive parts of a text for people. The text as a whole is no secret. A part that was
// chosen by a sensitive condition is none.
func (c *Set) AddMessageParts(expr hclsyntax.Expression, ctx *hcl.EvalContext) {
	switch expr := expr.(type) {
	case *hclsyntax.TemplateExpr:
		for _, part := range expr.Parts {
			c.AddMessageParts(part, ctx)
		}
		return
	case *hclsyntax.TemplateWrapExpr:
		c.AddMessageParts(expr.Wrapped, ctx)
		return
	case *hclsyntax.ParenthesesExpr:
		c.AddMessageParts(expr.Expression, ctx)
		return
	case *hclsyntax.ConditionalExpr:
		c.AddMessageParts(expr.TrueResult, ctx)
		c.AddMessageParts(expr.FalseResult, ctx)
		return
	}
	if v, diags := expr.Value(ctx); !diags.HasErrors() && v.ContainsMarked() {
		c.AddDerived(sensitivePart(v))
	}
}
