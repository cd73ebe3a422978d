package hclspec

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"tasks/hclspec/internal/ctyconv"
	"tasks/hclspec/internal/diag"
)

func validationBlockType() *blockType {
	return &blockType{
		name: "validation",
		doc:  "a condition that a value has to meet",
		attrs: []attributeType{
			{name: "condition", typeText: "bool", defaultText: "none: it is required", doc: "what is true of a right value", example: `length(var.tag) > 0`},
			{name: "error_message", typeText: "string", defaultText: "none: it is required", doc: "what is said of a wrong one", example: `"The tag must not be empty."`},
		},
	}
}

// checkValidations checks what can be checked of a variable's rules without a value.
func (c *checker) checkValidations(v *variable) {
	for _, rule := range v.repeatedBlocks {
		for _, name := range []string{"condition", "error_message"} {
			a := rule.attrs[name]
			if a == nil {
				if !rule.hasUnknownNames {
					c.report(diag.ErrorAt(rule.headerRange, fmt.Sprintf("validation without %s", name), "Write %s = … in the block.", name))
				}
				continue
			}
			a.refs = c.analyse(a.expression)
			c.checkAllowed(a.expression, "a variable's validation", refVar, refPath, refPlatform)
		}
	}
}

// checkVariableRules reports the first rule that a variable's value does not meet. The value is known to the scope by now.
func (e *evaluation) checkVariableRules(v *variable, at hcl.Range) bool {
	s := e.scope("", nil, RunResults{})
	for _, rule := range v.repeatedBlocks {
		condition := rule.attrs["condition"]
		met, ok := s.value(condition.expression)
		if !ok {
			return false
		}
		met, err := convert.Convert(met, cty.Bool)
		if err != nil || met.IsNull() {
			e.report(diag.ErrorAt(condition.expr.Range(), "wrong value of condition", "It must be true or false."))
			return false
		}
		if met.True() {
			continue
		}
		e.report(diag.ErrorAt(at, fmt.Sprintf("wrong value for variable %q", v.name), "%s The rule is at %s.", diag.WithFullStop(e.errorMessage(s, rule)), diag.Place(rule.headerRange)))
		return false
	}
	return true
}

// errorMessage is what the author says, or, where that has no value, that the condition is false.
func (e *evaluation) errorMessage(s *scope, rule *decodedBlock) string {
	a := rule.attrs["error_message"]
	v, ok := s.messageValue(a.expression)
	if ok {
		text, err := ctyconv.AsText(v)
		if err == nil {
			return text
		}
		e.report(wrongValueError(a, err))
	}
	return "Its condition is false."
}
