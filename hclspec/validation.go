package hclspec

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"tasks/hclspec/internal/config"
	"tasks/hclspec/internal/ctyconv"
	"tasks/hclspec/internal/diag"
)

// checkVariableRules reports the first broken rule of a variable. The scope already knows the value.
func checkVariableRules(e *evaluation, v *config.Variable, at hcl.Range) bool {
	s := e.scope("", nil, RunResults{})
	for _, rule := range v.RepeatedBlocks {
		condition := rule.Attrs["condition"]
		met, ok := s.value(condition.Expression)
		if !ok {
			return false
		}
		met, err := convert.Convert(met, cty.Bool)
		if err != nil || met.IsNull() {
			e.report(diag.ErrorAt(condition.Expr.Range(), "invalid value for condition", "It must be true or false."))
			return false
		}
		if met.True() {
			continue
		}
		e.report(diag.ErrorAt(at, fmt.Sprintf("wrong value for variable %q", v.Name), "%s The rule is at %s.",
			diag.WithFullStop(errorMessage(e, s, rule)), diag.Place(rule.HeaderRange)))
		return false
	}
	return true
}

// errorMessage returns the author's message. Without a value, the message says that the condition is false.
func errorMessage(e *evaluation, s *scope, rule *config.Block) string {
	a := rule.Attrs["error_message"]
	v, ok := s.messageValue(a.Expression)
	if ok {
		text, err := ctyconv.AsText(v)
		if err == nil {
			return text
		}
		s.reportWrongValue(a, err)
	}
	return "Its condition is false."
}
