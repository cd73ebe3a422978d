package hclspec

import (
	"fmt"
	"math/big"
	"math/rand"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"

	"tasks/hclspec/internal/funcs"
	"tasks/hclspec/internal/secret"
)

// oddValues are arguments that functions may not expect.
func oddValues() []cty.Value {
	number := func(text string) cty.Value { return cty.MustParseNumberVal(text) }
	text := cty.StringVal
	unknown := cty.UnknownVal(cty.String)
	deep := text("x")
	for range 50 {
		deep = cty.TupleVal([]cty.Value{deep})
	}
	return []cty.Value{
		cty.Zero, number("-0"), number("1"), number("-1"), number("2"), number("-5"), number("0.5"), number("-0.5"), number("1e-400"),
		number("63"), number("64"), number("9223372036854775807"), number("9223372036854775808"), number("-9223372036854775809"),
		number("1e300"), number("1e400"), number("-1e400"), cty.PositiveInfinity, cty.NegativeInfinity,
		cty.NumberVal(new(big.Float).SetPrec(20).SetFloat64(1.1)),
		text(""), text("a\nb\n"), text("é\u0301\u200d"), text("\x00"), text("-1"), text("0x10"), text("%s%d%[9]d"), text("%*d"), text("/(/"), text("/a*/"),
		text("(?P<a>x)|(y)"), text("2026-01-02T03:04:05Z"), text("9999999h"), text("'"), text("${x}"), text("[1,{\"a\":null}]"), text("a: &a [*a]"),
		text("a,a\n1,2"), text(".."), text("/"), text("loop.tmpl"), text("example.txt"), text("**"), text(strings.Repeat("[", 2000)),
		cty.True, cty.NullVal(cty.DynamicPseudoType), cty.NullVal(cty.String), cty.NullVal(cty.Number), cty.DynamicVal, unknown, cty.UnknownVal(cty.Number),
		unknown.RefineNotNull(), cty.UnknownVal(cty.List(cty.String)), cty.UnknownVal(cty.EmptyObject), text("s").Mark(secret.Mark{}),
		cty.EmptyTupleVal, cty.EmptyObjectVal, cty.ListValEmpty(cty.String), cty.MapValEmpty(cty.Number), cty.SetValEmpty(cty.Bool), deep,
		cty.TupleVal([]cty.Value{cty.NullVal(cty.String), unknown, text("a"), cty.Zero}), cty.ListVal([]cty.Value{cty.NullVal(cty.Number), cty.Zero}),
		cty.ListVal([]cty.Value{cty.NullVal(cty.String), text("a")}), cty.SetVal([]cty.Value{unknown, text("a")}),
		cty.SetVal([]cty.Value{cty.NullVal(cty.String)}), cty.ListVal([]cty.Value{cty.NullVal(cty.List(cty.String))}),
		cty.TupleVal([]cty.Value{text("s").Mark(secret.Mark{})}), cty.ListVal([]cty.Value{cty.UnknownVal(cty.Bool), cty.NullVal(cty.Bool)}),
		cty.ObjectVal(map[string]cty.Value{"": cty.NullVal(cty.String), "a": unknown, "b": deep}),
		cty.MapVal(map[string]cty.Value{"a": cty.NullVal(cty.String)}), cty.MapVal(map[string]cty.Value{"a": cty.NullVal(cty.Map(cty.String))}),
	}
}

// oddCalls calls do with argument lists for a function: all lists of up to two arguments, and a share of the longer lists.
func oddCalls(params int, isVariadic bool, do func(args []cty.Value)) {
	values, random := oddValues(), rand.New(rand.NewSource(1))
	counts := []int{params}
	if isVariadic {
		counts = append(counts, params+1, params+2, params+3)
	}
	for _, n := range counts {
		switch n {
		case 0:
			do(nil)
		case 1:
			for _, v := range values {
				do([]cty.Value{v})
			}
		case 2:
			for _, v := range values {
				for _, w := range values {
					do([]cty.Value{v, w})
				}
			}
		default:
			for range 2000 {
				args := make([]cty.Value, n)
				for i := range args {
					args[i] = values[random.Intn(len(values))]
				}
				do(args)
			}
		}
	}
}

// TestFunctionsWithOddArguments: no function panics, and no message has the text of a Go panic.
func TestFunctionsWithOddArguments(t *testing.T) {
	in := testInputs(t)
	writeFile(t, filepath.Join(in.Root, "example.txt"), "text")
	writeFile(t, filepath.Join(in.Root, "loop.tmpl"), "${log(-1, 2)}${templatefile(\"loop.tmpl\", {})}")
	functions := funcs.Build(in.forFunctions(in.Root, nil))
	for _, f := range funcs.All() {
		t.Run(f.Name, func(t *testing.T) {
			t.Parallel()
			built := functions[f.Name]
			oddCalls(len(built.Params()), built.VarParam() != nil, func(args []cty.Value) {
				checkOddCall(t, functions, f.Name, args)
			})
		})
	}
}

// checkOddCall evaluates a call as part of a file.
func checkOddCall(t *testing.T, functions map[string]function.Function, name string, args []cty.Value) {
	t.Helper()
	ctx := &hcl.EvalContext{Functions: functions, Variables: map[string]cty.Value{}}
	var names []string
	for i, v := range args {
		names = append(names, fmt.Sprintf("a%d", i))
		ctx.Variables[names[i]] = v
	}
	expr, _ := hclsyntax.ParseExpression([]byte(name+"("+strings.Join(names, ", ")+")"), "test", hcl.InitialPos)
	defer func() {
		if r := recover(); r != nil {
			t.Errorf("%s of %#v panics: %v", name, args, r)
		}
	}()
	v, diags := expr.Value(ctx)
	checkResult(t, name, args, v)
	for _, d := range diags {
		checkNoDump(t, name, args, d.Summary+"; "+d.Detail)
		if strings.Contains(d.Detail, "no result for such values") {
			t.Errorf("%s of %#v has no check of its own: %s", name, args, d.Detail)
		}
	}
}

// checkResult: no result has the text of a failed format, and no number is infinite.
func checkResult(t *testing.T, name string, args []cty.Value, v cty.Value) {
	t.Helper()
	if v, _ = v.Unmark(); name == "try" || v == cty.NilVal || !v.IsKnown() || v.IsNull() {
		return
	}
	switch {
	case v.Type() == cty.String && strings.Contains(v.AsString(), "%!("):
		t.Errorf("%s of %#v is %q", name, args, v.AsString())
	case v.Type() == cty.Number && v.AsBigFloat().IsInf():
		t.Errorf("%s of %#v is infinite", name, args)
	}
}

func checkNoDump(t *testing.T, name string, args []cty.Value, text string) {
	t.Helper()
	for _, word := range []string{"goroutine ", "panic", "runtime error", ".go:"} {
		if strings.Contains(text, word) {
			t.Errorf("%s of %#v: %q in %s", name, args, word, text[:min(len(text), 400)])
		}
	}
}

// TestOddArgumentsAreExplained: the messages say what is wrong with the argument.
func TestOddArgumentsAreExplained(t *testing.T) {
	for call, want := range map[string]string{
		`indent(-5, "x")`:             "the number of spaces must be between 0 and 10000",
		`indent(1e12, "x")`:           "the number of spaces must be between 0 and 10000",
		`log(-1, 2)`:                  "the number must be greater than 0",
		`log(0, 0)`:                   "the number must be greater than 0",
		`log(8, 1)`:                   "the base must be greater than 0, and neither 1",
		`pow(-1, 0.5)`:                "a negative number has powers of whole numbers only",
		`format("%999999999d", 1)`:    "the width 999999999 is over 10000",
		`format("%% %05.99999f", 1)`:  "the precision 99999 is over 10000",
		`formatlist("%99999s", [""])`: "the width 99999 is over 10000",
		`pow(10, 1e7)`:                "the result is too large for a number",
		`pow(-10, 401)`:               "the result is too large for a number",
		`merge(null, ["a"])`:          "it must be a map, not a list",
		`zipmap([null], tolist([1]))`: "a key is null; compact(…) leaves null out",
	} {
		v, diags := calculate(t, testInputs(t), call)
		if !diags.HasErrors() || !strings.Contains(diags.Error(), want) {
			t.Errorf("%s is %#v, %v; no %q", call, v, diags, want)
		}
	}
}
