package hclspec

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

func validationBlockType() *blockType {
	return &blockType{
		name: "validation",
		doc:  "a condition that a value has to meet",
		attrs: []attribute{
			{name: "condition", typ: "bool", def: "none: it is required", doc: "what is true of a right value", example: `length(var.tag) > 0`},
			{name: "error_message", typ: "string", def: "none: it is required", doc: "what is said of a wrong one", example: `"The tag must not be empty."`},
		},
	}
}

// checkValidations checks what can be checked of a variable's rules without a value.
func (c *checker) checkValidations(v *variable) {
	for _, rule := range v.repeated {
		for _, name := range []string{"condition", "error_message"} {
			a := rule.attrs[name]
			if a == nil {
				if !rule.misnamed {
					c.report(problem(rule.header, fmt.Sprintf("validation without %s", name), "Write %s = … in the block.", name))
				}
				continue
			}
			a.refs = c.analyse(a.expression)
			c.checkAllowed(a.expression, "a variable's validation", refVar, refPath, refPlatform)
		}
	}
}

// validate reports the first rule that a variable's value does not meet. The value is known to the scope by now.
func (e *evaluation) validate(v *variable, at hcl.Range) bool {
	s := e.scope("", nil, Results{})
	for _, rule := range v.repeated {
		condition := rule.attrs["condition"]
		met, ok := s.value(condition.expression)
		if !ok {
			return false
		}
		met, err := convert.Convert(met, cty.Bool)
		if err != nil || met.IsNull() {
			e.report(problem(condition.expr.Range(), "wrong value of condition", "It must be true or false."))
			return false
		}
		if met.True() {
			continue
		}
		e.report(problem(at, fmt.Sprintf("wrong value for variable %q", v.name), "%s The rule is at %s.", ended(e.errorMessage(s, rule)), place(rule.header)))
		return false
	}
	return true
}

// errorMessage is what the author says, or, where that has no value, that the condition is false.
func (e *evaluation) errorMessage(s *scope, rule *node) string {
	a := rule.attrs["error_message"]
	v, ok := s.told(a.expression)
	if ok {
		text, err := asText(v)
		if err == nil {
			return text
		}
		e.report(wrongValue(a, err))
	}
	return "Its condition is false."
}
