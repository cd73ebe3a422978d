package funcs

import (
	"errors"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

func numberFunctions() []Function {
	return []Function{
		{Name: "abs", Doc: "the number without its sign", Example: `abs(-3)`, Result: `3`,
			Build: pureFunction(stdlib.AbsoluteFunc)},
		{Name: "ceil", Doc: "the next whole number up", Example: `ceil(1.2)`, Result: `2`,
			Build: pureFunction(stdlib.CeilFunc)},
		{Name: "floor", Doc: "the next whole number down", Example: `floor(1.8)`, Result: `1`,
			Build: pureFunction(stdlib.FloorFunc)},
		{Name: "log", Doc: "logarithm of a number in a base", Example: `log(8, 2)`, Result: `3`,
			Build: pureFunction(stdlib.LogFunc), check: checkLog},
		{Name: "max", Doc: "the greatest number", Example: `max(1, 3, 2)`, Result: `3`, Build: pureFunction(stdlib.MaxFunc)},
		{Name: "min", Doc: "the smallest number", Example: `min(1, 3, 2)`, Result: `1`, Build: pureFunction(stdlib.MinFunc)},
		{Name: "parseint", Doc: "a whole number from its digits in a base", Example: `parseint("ff", 16)`, Result: `255`,
			Build: pureFunction(stdlib.ParseIntFunc)},
		{Name: "pow", Doc: "a number to the power of another", Example: `pow(2, 10)`, Result: `1024`,
			Build: pureFunction(stdlib.PowFunc), check: checkPow},
		{Name: "signum", Doc: "-1, 0 or 1: the sign of a number", Example: `signum(-8)`, Result: `-1`,
			Build: pureFunction(stdlib.SignumFunc)},
		{Name: "sum", Doc: "the sum of a list of numbers", Example: `sum([1, 2, 3])`, Result: `6`,
			Build: pureFunction(sumFunc())},
	}
}

func sumFunc() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "list", Type: cty.List(cty.Number)}},
		Type:   function.StaticReturnType(cty.Number),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			if args[0].LengthInt() == 0 {
				return cty.NilVal, function.NewArgError(0, errors.New("the list is empty"))
			}
			sum := cty.Zero
			for it := args[0].ElementIterator(); it.Next(); {
				_, n := it.Element()
				if n.IsNull() {
					return cty.NilVal, function.NewArgError(0, errors.New("a number is null"))
				}
				if !n.IsKnown() {
					return cty.UnknownVal(cty.Number), nil
				}
				sum = sum.Add(n)
			}
			return sum, nil
		},
	})
}
