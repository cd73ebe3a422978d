package config

import (
	"fmt"

	"tasks/hclspec/internal/diag"
)

func validationBlockType() *BlockType {
	return &BlockType{
		Name: "validation",
		Doc:  "a condition that a value has to meet",
		Attrs: []AttributeType{
			{Name: "condition", TypeText: "bool", DefaultText: "none: it is required", Doc: "what is true of a right value",
				Example: `length(var.tag) > 0`},
			{Name: "error_message", TypeText: "string", DefaultText: "none: it is required", Doc: "what is said of a wrong one",
				Example: `"The tag must not be empty."`},
		},
	}
}

// checkValidations checks the rules of a variable without a value.
func (c *checker) checkValidations(v *Variable) {
	for _, rule := range v.RepeatedBlocks {
		for _, name := range []string{"condition", "error_message"} {
			a := rule.Attrs[name]
			if a == nil {
				if !rule.hasUnknownNames {
					c.report(diag.ErrorAt(rule.HeaderRange, fmt.Sprintf("validation without %s", name), "Write %s = … in the block.",
						name))
				}
				continue
			}
			a.Refs = c.analyse(a.Expression)
			c.checkAllowed(a.Expression, "a variable's validation", RefVar, RefPath, RefPlatform)
		}
	}
}
