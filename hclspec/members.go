package hclspec

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"tasks/hclspec/internal/config"
	"tasks/hclspec/internal/ctyconv"
	"tasks/hclspec/internal/diag"
	"tasks/hclspec/internal/secret"
	"tasks/internal/suggest"
)

// explainMembers rewrites HCL's messages about missing members: the message then lists the members. A message that
// follows from a reported mistake is dropped.
func explainMembers(diags hcl.Diagnostics) hcl.Diagnostics {
	diags = slices.DeleteFunc(diags, func(d *hcl.Diagnostic) bool {
		call, ok := hcl.DiagnosticExtra[hclsyntax.FunctionCallDiagExtra](d)
		return ok && isReported(call.FunctionCallError())
	})
	for _, d := range diags {
		if secret.IsHidden(d) {
			continue
		}
		if strings.HasSuffix(d.Detail, "?.") { // a question of our own within a sentence of HCL's
			d.Detail = strings.TrimSuffix(d.Detail, ".")
		}
		if call, ok := hcl.DiagnosticExtra[hclsyntax.FunctionCallDiagExtra](d); ok {
			diag.AddData(d, diag.Textf("%v", call.FunctionCallError()))
		}
		object, name, ok := missingMember(d)
		switch {
		case !ok:
		case isComposeVariable(d):
			d.Summary = fmt.Sprintf("the variable %q of compose files has no value", name)
			diag.SetDetail(d, diag.Textf("Set it in the environment, in .env, or in a file of --env-file.%s",
				diag.DidYouMean(name, object)))
		default:
			d.Summary = fmt.Sprintf("unknown name %q", name)
			diag.SetDetail(d, diag.Textf("This value has no %q.%s", name, diag.DidYouMean(name, object)))
			if len(object) > 0 && suggest.Nearest(name, object) == "" {
				diag.SetDetail(d, diag.Textf("This value has no %q; it has %s.", name, diag.EnumerateNames(object)))
			}
		}
	}
	return diags
}

// isComposeVariable reports whether a diagnostic is about a member of compose.env.
func isComposeVariable(d *hcl.Diagnostic) bool {
	expr, ok := d.Expression.(*hclsyntax.ScopeTraversalExpr)
	return ok && expr.Traversal.RootName() == string(config.RefCompose)
}

// missingMember returns the members of a value without a wanted member. Members of sensitive values stay secret.
func missingMember(d *hcl.Diagnostic) (members []string, name string, ok bool) {
	if d.Subject == nil || d.EvalContext == nil {
		return nil, "", false
	}
	var value cty.Value
	var step hcl.Traverser
	switch expr := d.Expression.(type) {
	case *hclsyntax.ScopeTraversalExpr:
		i := stepAt(expr.Traversal, *d.Subject)
		if i < 1 {
			return nil, "", false
		}
		value, _ = expr.Traversal[:i].TraverseAbs(d.EvalContext)
		step = expr.Traversal[i]
	case *hclsyntax.RelativeTraversalExpr:
		i := stepAt(expr.Traversal, *d.Subject)
		if i < 0 {
			return nil, "", false
		}
		value, _ = expr.Source.Value(d.EvalContext)
		value, _ = expr.Traversal[:i].TraverseRel(value)
		step = expr.Traversal[i]
	case *hclsyntax.IndexExpr:
		value, _ = expr.Collection.Value(d.EvalContext)
		key, _ := expr.Key.Value(d.EvalContext)
		if key.ContainsMarked() {
			return nil, "", false
		}
		step = hcl.TraverseIndex{Key: key}
	}
	if step == nil || value.ContainsMarked() || value.IsNull() || !value.IsKnown() || !ctyconv.IsMapping(value.Type()) {
		return nil, "", false
	}
	name, ok = config.StepName(hcl.Traversal{step}, 0)
	for key := range value.AsValueMap() {
		members = append(members, key)
	}
	slices.Sort(members)
	return members, name, ok && !slices.Contains(members, name)
}

// stepAt returns the index of a traversal's step at a place, or -1.
func stepAt(t hcl.Traversal, at hcl.Range) int {
	return slices.IndexFunc(t, func(step hcl.Traverser) bool { return step.SourceRange() == at })
}
