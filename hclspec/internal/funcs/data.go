package funcs

import (
	"fmt"
	"strings"

	"github.com/compose-spec/compose-go/v2/dotenv"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"

	"tasks/hclspec/internal/ctyconv"
)

// dataFunctions are the functions for structures, formats and times.
func dataFunctions() []Function {
	return []Function{
		{Name: "deepmerge", Doc: "maps as one, later ones winning, and maps within them merged in the same way; lists are " +
			"replaced", Example: `deepmerge({ a = { b = 1, c = 2 } }, { a = { b = 3 } })`, Result: `{ a = { b = 3, c = 2 } }`,
			Build: pureFunction(deepmergeFunc())},
		{Name: "dotenvdecode", Doc: "a map of the text of a dotenv file, which sees its own names only",
			Example: `dotenvdecode("A=1\nB=$${A}2")`, Result: `{ A = "1", B = "12" }`, Build: pureFunction(dotenvdecodeFunc())},
		{Name: "formatdate", Doc: "a time (RFC 3339) in a form such as YYYY-MM-DD hh:mm:ss",
			Example: `formatdate("DD.MM.YYYY", "2026-01-02T03:04:05Z")`, Result: `"02.01.2026"`,
			Build: pureFunction(stdlib.FormatDateFunc)},
		{Name: "timeadd", Doc: "a time (RFC 3339) moved by a duration", Example: `timeadd("2026-01-02T03:04:05Z", "1h")`,
			Result: `"2026-01-02T04:04:05Z"`, Build: pureFunction(stdlib.TimeAddFunc)},
	}
}

func dotenvdecodeFunc() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "text", Type: cty.String}},
		Type:   function.StaticReturnType(cty.Map(cty.String)),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			nothing := func(string) (string, bool) { return "", false }
			entries, err := dotenv.ParseWithLookup(strings.NewReader(args[0].AsString()), nothing)
			if err != nil {
				return cty.NilVal, function.NewArgError(0, fmt.Errorf("it is not the text of a dotenv file: %w", err))
			}
			if len(entries) == 0 {
				return cty.MapValEmpty(cty.String), nil
			}
			values := map[string]cty.Value{}
			for name, value := range entries {
				values[name] = cty.StringVal(value)
			}
			return cty.MapVal(values), nil
		},
	})
}

func deepmergeFunc() function.Function {
	return function.New(&function.Spec{
		VarParam: &function.Parameter{Name: "maps", Type: cty.DynamicPseudoType, AllowNull: true, AllowDynamicType: true,
			AllowUnknown: true},
		Type: func(args []cty.Value) (cty.Type, error) {
			v, err := deepmerge(args)
			return v.Type(), err
		},
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) { return deepmerge(args) },
	})
}

// deepmerge merges maps. Null maps are left out.
func deepmerge(args []cty.Value) (cty.Value, error) {
	merged := cty.EmptyObjectVal
	for i, v := range args {
		switch {
		case v.IsNull():
		case v.Type() == cty.DynamicPseudoType:
			return cty.DynamicVal, nil
		case !ctyconv.IsMapping(v.Type()):
			return cty.DynamicVal, function.NewArgError(i, ctyconv.WrongTypeError("a map", v))
		case !v.IsKnown():
			return cty.DynamicVal, nil
		default:
			merged = deepMergeValues(merged, v)
		}
	}
	return merged, nil
}

// deepMergeValues merges a value over another value.
func deepMergeValues(lower, upper cty.Value) cty.Value {
	maps := ctyconv.IsMapping(lower.Type()) && ctyconv.IsMapping(upper.Type())
	if !maps || lower.IsNull() || upper.IsNull() || !lower.IsKnown() || !upper.IsKnown() {
		return upper
	}
	values := lower.AsValueMap()
	if values == nil {
		values = map[string]cty.Value{}
	}
	for key, v := range upper.AsValueMap() {
		if below, set := values[key]; set {
			v = deepMergeValues(below, v)
		}
		values[key] = v
	}
	return cty.ObjectVal(values)
}
