package funcs

import (
	"regexp"
	"strings"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"

	"tasks/hclspec/internal/ctyconv"
	"tasks/hclspec/internal/shellwords"
)

func stringFunctions() []Function {
	return []Function{
		{Name: "chomp", Doc: "without newlines at the end", Example: `chomp("a\n")`, Result: `"a"`,
			Build: pureFunction(stdlib.ChompFunc)},
		{Name: "endswith", Doc: "whether text ends with another", Example: `endswith("a.py", ".py")`, Result: `true`,
			Build: pureFunction(textPredicate("suffix", strings.HasSuffix))},
		{Name: "format", Doc: "text from a format with %s, %d, %q …", Example: `format("%s-%02d", "a", 7)`, Result: `"a-07"`,
			Build: pureFunction(stdlib.FormatFunc), check: checkFormat},
		{Name: "formatlist", Doc: "format for every element of lists", Example: `formatlist("-%s", ["a", "b"])`,
			Result: `["-a", "-b"]`, Build: pureFunction(stdlib.FormatListFunc), check: checkFormat},
		{Name: "indent", Doc: "every line but the first moved by spaces", Example: `indent(2, "a\nb")`, Result: `"a\n  b"`,
			Build: pureFunction(stdlib.IndentFunc), check: checkIndent},
		{Name: "join", Doc: "a list as text, with a separator", Example: `join("-", ["a", "b"])`, Result: `"a-b"`,
			Build: pureFunction(stdlib.JoinFunc)},
		{Name: "lower", Doc: "in lower case", Example: `lower("AB")`, Result: `"ab"`, Build: pureFunction(stdlib.LowerFunc)},
		{Name: "regex", Doc: "the first match of a regular expression (RE2), or its groups; an error without one",
			Example: `regex("[0-9]+", "v12")`, Result: `"12"`, Build: pureFunction(stdlib.RegexFunc)},
		{Name: "regexall", Doc: "all matches of a regular expression", Example: `regexall("[0-9]", "a1b2")`,
			Result: `["1", "2"]`, Build: pureFunction(stdlib.RegexAllFunc)},
		{Name: "replace", Doc: "every occurrence replaced; /…/ is a regular expression",
			Example: `replace("a.b", "/[.]/", "-")`, Result: `"a-b"`, Build: pureFunction(replaceFunc())},
		{Name: "shellquote", Doc: "text or a list of words, quoted for a POSIX shell", Example: `shellquote(["a", "b c"])`,
			Result: `"a 'b c'"`, Build: pureFunction(shellquoteFunc())},
		{Name: "shellsplit", Doc: "text split into words at its spaces, with quotes", Example: `shellsplit("a 'b c'")`,
			Result: `["a", "b c"]`, Build: pureFunction(shellsplitFunc())},
		{Name: "split", Doc: "text as a list, cut at a separator", Example: `split(",", "a,b")`, Result: `["a", "b"]`,
			Build: pureFunction(stdlib.SplitFunc)},
		{Name: "startswith", Doc: "whether text starts with another", Example: `startswith("v1", "v")`, Result: `true`,
			Build: pureFunction(textPredicate("prefix", strings.HasPrefix))},
		{Name: "strcontains", Doc: "whether text holds another", Example: `strcontains("abc", "b")`, Result: `true`,
			Build: pureFunction(textPredicate("part", strings.Contains))},
		{Name: "strrev", Doc: "the characters in reverse", Example: `strrev("ab")`, Result: `"ba"`,
			Build: pureFunction(stdlib.ReverseFunc)},
		{Name: "substr", Doc: "characters from an offset, so many of them", Example: `substr("abcd", 1, 2)`, Result: `"bc"`,
			Build: pureFunction(stdlib.SubstrFunc)},
		{Name: "title", Doc: "the first letter of each word in upper case", Example: `title("a b")`, Result: `"A B"`,
			Build: pureFunction(stdlib.TitleFunc)},
		{Name: "trim", Doc: "without any of the given characters at both ends", Example: `trim("--a--", "-")`, Result: `"a"`,
			Build: pureFunction(stdlib.TrimFunc)},
		{Name: "trimprefix", Doc: "without a prefix", Example: `trimprefix("v1", "v")`, Result: `"1"`,
			Build: pureFunction(stdlib.TrimPrefixFunc)},
		{Name: "trimspace", Doc: "without white space at both ends", Example: `trimspace(" a ")`, Result: `"a"`,
			Build: pureFunction(stdlib.TrimSpaceFunc)},
		{Name: "trimsuffix", Doc: "without a suffix", Example: `trimsuffix("a.py", ".py")`, Result: `"a"`,
			Build: pureFunction(stdlib.TrimSuffixFunc)},
		{Name: "upper", Doc: "in upper case", Example: `upper("ab")`, Result: `"AB"`, Build: pureFunction(stdlib.UpperFunc)},
	}
}

// textPredicate makes a function from two texts to a bool.
func textPredicate(second string, test func(text, other string) bool) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "text", Type: cty.String}, {Name: second, Type: cty.String}},
		Type:   function.StaticReturnType(cty.Bool),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			return cty.BoolVal(test(args[0].AsString(), args[1].AsString())), nil
		},
	})
}

// replaceFunc follows Terraform's replace: text between slashes is a regular expression.
func replaceFunc() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{
			{Name: "text", Type: cty.String}, {Name: "old", Type: cty.String}, {Name: "new", Type: cty.String},
		},
		Type: function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			text, old, with := args[0].AsString(), args[1].AsString(), args[2].AsString()
			if len(old) < 2 || old[0] != '/' || old[len(old)-1] != '/' {
				return cty.StringVal(strings.ReplaceAll(text, old, with)), nil
			}
			re, err := regexp.Compile(old[1 : len(old)-1])
			if err != nil {
				return cty.NilVal, function.NewArgError(1, err)
			}
			return cty.StringVal(re.ReplaceAllString(text, with)), nil
		},
	})
}

func shellquoteFunc() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "words", Type: cty.DynamicPseudoType}},
		Type:   function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			if !args[0].IsWhollyKnown() {
				return cty.UnknownVal(cty.String), nil
			}
			if ctyconv.IsSequence(args[0].Type()) {
				words, err := ctyconv.AsWords(args[0])
				if err != nil {
					return cty.NilVal, function.NewArgError(0, err)
				}
				return cty.StringVal(shellwords.Quote(words)), nil
			}
			word, err := ctyconv.AsText(args[0])
			if err != nil {
				return cty.NilVal, function.NewArgError(0, ctyconv.WrongTypeError("a string or a list", args[0]))
			}
			return cty.StringVal(shellwords.QuoteWord(word)), nil
		},
	})
}

func shellsplitFunc() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "text", Type: cty.String}},
		Type:   function.StaticReturnType(cty.List(cty.String)),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			words, err := shellwords.Split(args[0].AsString(), nil)
			if err != nil {
				return cty.NilVal, function.NewArgError(0, err)
			}
			return ctyconv.TextList(words), nil
		},
	})
}
