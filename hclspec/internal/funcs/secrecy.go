package funcs

import (
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"

	"tasks/hclspec/internal/secret"
)

func secretFunctions() []Function {
	return []Function{
		{Name: "nonsensitive", Doc: "a value that may be shown, though it was made of sensitive ones",
			Example: `nonsensitive(sensitive("a"))`, Result: `"a"`, Build: nonsensitiveFunc},
		{Name: "sensitive", Doc: "a value that is masked in all that is printed", Example: `sensitive("a")`,
			Result: `sensitive("a")`, Build: sensitiveFunc},
	}
}

// markedParameters returns the parameter of a function that accepts marked values.
func markedParameters() []function.Parameter {
	return []function.Parameter{{
		Name: "value", Type: cty.DynamicPseudoType,
		AllowNull: true, AllowUnknown: true, AllowDynamicType: true, AllowMarked: true,
	}}
}

func sensitiveFunc(h Inputs) function.Function {
	return function.New(&function.Spec{
		Params: markedParameters(),
		Type:   func(args []cty.Value) (cty.Type, error) { return args[0].Type(), nil },
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			if h.Secrets != nil {
				plain, _ := args[0].UnmarkDeep()
				h.Secrets.Add(plain)
			}
			return args[0].Mark(secret.Mark{}), nil
		},
	})
}

func nonsensitiveFunc(h Inputs) function.Function {
	return function.New(&function.Spec{
		Params: markedParameters(),
		Type:   func(args []cty.Value) (cty.Type, error) { return args[0].Type(), nil },
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			plain, _ := args[0].UnmarkDeep()
			if h.Secrets != nil {
				h.Secrets.Exempt(plain)
			}
			return plain, nil
		},
	})
}
