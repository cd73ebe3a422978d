package ctyconv

import (
	"fmt"
	"strings"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"tasks/hclspec/internal/diag"
	"tasks/hclspec/internal/nesting"
)

// TypeOfDefault returns the type for values from outside: the type of the default, but a list for a tuple. Without
// a default this is string.
func TypeOfDefault(fallback cty.Value) cty.Type {
	if fallback == cty.NilVal || fallback.IsNull() {
		return cty.String
	}
	ty := fallback.Type()
	if !ty.IsTupleType() {
		return ty
	}
	element, _ := convert.UnifyUnsafe(ty.TupleElementTypes())
	if element == cty.NilType {
		element = cty.DynamicPseudoType
	}
	return cty.List(element)
}

// ParseValue parses text from outside. A string is taken as is, other types are expressions without names.
func ParseValue(text string, want cty.Type) (cty.Value, error) {
	if want == cty.String {
		return cty.StringVal(text), nil
	}
	if want.IsPrimitiveType() {
		return convert.Convert(cty.StringVal(strings.TrimSpace(text)), want)
	}
	expr, diags := nesting.ParseExpression([]byte(text), "value")
	if diags.HasErrors() {
		return cty.NilVal, fmt.Errorf("%s", diag.LowerFirst(diags[0].Summary))
	}
	if len(expr.Variables()) > 0 {
		return cty.NilVal, fmt.Errorf("text stands in quotes, as in %s", `["a", "b"]`)
	}
	value, diags := expr.Value(nil)
	if diags.HasErrors() {
		return cty.NilVal, fmt.Errorf("%s", diag.LowerFirst(diags[0].Summary))
	}
	return value, nil
}
