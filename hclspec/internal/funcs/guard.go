package funcs

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2/ext/customdecode"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"

	"tasks/hclspec/internal/ctyconv"
)

// guarded adds a check of the arguments to a function, and turns a panic into an error without the text of the panic:
// the text has values and the stack. A nil check accepts all arguments.
func guarded(f function.Function, check func(args []cty.Value) error) function.Function {
	if takesExpressions(f) {
		return f // its own code is a loop over other calls, and would evaluate the expressions once more
	}
	return function.New(&function.Spec{
		Params:   f.Params(),
		VarParam: f.VarParam(),
		Type: func(args []cty.Value) (cty.Type, error) {
			t, err := f.ReturnTypeForValues(args)
			return t, withoutPanic(err, args)
		},
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			if check != nil {
				if err := check(args); err != nil {
					return cty.NilVal, err
				}
			}
			v, err := f.Call(args)
			if err == nil && isInfinite(v) {
				return cty.NilVal, errors.New("the result is too large for a number")
			}
			return v, withoutPanic(err, args)
		},
	})
}

// isInfinite reports whether a value is an infinite number: the result of a calculation is out of range.
func isInfinite(v cty.Value) bool {
	v, _ = v.Unmark()
	return v.IsKnown() && !v.IsNull() && v.Type() == cty.Number && v.AsBigFloat().IsInf()
}

// takesExpressions reports whether a function evaluates its arguments by itself, as try does.
func takesExpressions(f function.Function) bool {
	p := f.VarParam()
	if params := f.Params(); len(params) > 0 {
		p = &params[0]
	}
	return p != nil && p.Type.Equals(customdecode.ExpressionClosureType)
}

// withoutPanic replaces the error of a panic, which cty recovers from.
func withoutPanic(err error, args []cty.Value) error {
	if !errors.As(err, new(function.PanicError)) {
		return err
	}
	var types []string
	for _, v := range args {
		types = append(types, v.Type().FriendlyName())
	}
	return fmt.Errorf("it has no result for such values (%s); look for null, a number out of range, or a value of "+
		"another type", strings.Join(types, ", "))
}

// maxIndent is the greatest number of spaces of indent. A greater number is a mistake and could use all memory.
const maxIndent = 10_000

func checkIndent(args []cty.Value) error {
	if n := args[0].AsBigFloat(); n.Sign() < 0 || n.Cmp(cty.NumberIntVal(maxIndent).AsBigFloat()) > 0 {
		return function.NewArgErrorf(0, "the number of spaces must be between 0 and %d", maxIndent)
	}
	return nil
}

func checkLog(args []cty.Value) error {
	n, _ := args[0].AsBigFloat().Float64()
	if n <= 0 || math.IsInf(n, 0) {
		return function.NewArgErrorf(0, "the number must be greater than 0, and not infinite")
	}
	base, _ := args[1].AsBigFloat().Float64()
	if base <= 0 || base == 1 || math.IsInf(base, 0) {
		return function.NewArgErrorf(1, "the base must be greater than 0, and neither 1 nor infinite")
	}
	return nil
}

func checkPow(args []cty.Value) error {
	if args[0].AsBigFloat().Sign() < 0 && !args[1].AsBigFloat().IsInt() {
		return function.NewArgErrorf(1, "a negative number has powers of whole numbers only")
	}
	return nil
}

func checkRange(args []cty.Value) error {
	for i, v := range args {
		if v.AsBigFloat().IsInf() {
			return function.NewArgErrorf(i, "the number must not be infinite")
		}
	}
	return nil
}

// maxFormatWidth is the greatest width and precision in a format. Above a million, fmt writes an error into the text.
const maxFormatWidth = 10_000

// formatVerb is the beginning of a verb in a format, with width and precision.
var formatVerb = regexp.MustCompile(`%%|%[-+# 0]*(\d*)(?:\.(\d*))?`)

func checkFormat(args []cty.Value) error {
	for _, verb := range formatVerb.FindAllStringSubmatch(args[0].AsString(), -1) {
		for i, what := range []string{"width", "precision"} {
			digits := strings.TrimLeft(verb[i+1], "0")
			if n, err := strconv.Atoi(digits); digits != "" && (err != nil || n > maxFormatWidth) {
				return function.NewArgErrorf(0, "the %s %s is over %d", what, digits, maxFormatWidth)
			}
		}
	}
	return nil
}

func checkMerge(args []cty.Value) error {
	for i, v := range args {
		if !v.IsNull() && !ctyconv.IsMapping(v.Type()) {
			return function.NewArgError(i, ctyconv.WrongTypeError("a map", v))
		}
	}
	return nil
}

func checkZipmap(args []cty.Value) error {
	keys, _ := args[0].UnmarkDeep()
	if slices.ContainsFunc(keys.AsValueSlice(), cty.Value.IsNull) {
		return function.NewArgErrorf(0, "a key is null; compact(…) leaves null out")
	}
	return nil
}
