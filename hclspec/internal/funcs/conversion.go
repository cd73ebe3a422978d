package funcs

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2/ext/tryfunc"
	yaml "github.com/zclconf/go-cty-yaml"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

func conversionFunctions() []Function {
	return []Function{
		{Name: "base64decode", Doc: "text from base64", Example: `base64decode("YQ==")`, Result: `"a"`,
			Build: pureFunction(textFunction(decodeBase64))},
		{Name: "base64encode", Doc: "text as base64", Example: `base64encode("a")`, Result: `"YQ=="`,
			Build: pureFunction(textFunction(encodeBase64))},
		{Name: "can", Doc: "whether an expression has a value", Example: `can(tonumber("x"))`, Result: `false`,
			Build: pureFunction(tryfunc.CanFunc)},
		{Name: "csvdecode", Doc: "a list of maps from CSV with a header", Example: `csvdecode("a\n1")`,
			Result: `[{ a = "1" }]`, Build: pureFunction(stdlib.CSVDecodeFunc)},
		{Name: "jsondecode", Doc: "a value from JSON", Example: `jsondecode("[1]")`, Result: `[1]`,
			Build: pureFunction(stdlib.JSONDecodeFunc)},
		{Name: "jsonencode", Doc: "a value as JSON", Example: `jsonencode([1])`, Result: `"[1]"`,
			Build: pureFunction(stdlib.JSONEncodeFunc)},
		{Name: "sha256", Doc: "SHA-256 of text, in hexadecimal", Example: `substr(sha256("a"), 0, 8)`, Result: `"ca978112"`,
			Build: pureFunction(textFunction(hashText))},
		{Name: "tobool", Doc: "a value as bool", Example: `tobool("true")`, Result: `true`,
			Build: pureFunction(stdlib.MakeToFunc(cty.Bool))},
		{Name: "tolist", Doc: "a value as a list", Example: `tolist(["a"])`, Result: `["a"]`,
			Build: pureFunction(stdlib.MakeToFunc(cty.List(cty.DynamicPseudoType)))},
		{Name: "tomap", Doc: "a value as a map", Example: `tomap({ a = 1 })`, Result: `{ a = 1 }`,
			Build: pureFunction(stdlib.MakeToFunc(cty.Map(cty.DynamicPseudoType)))},
		{Name: "tonumber", Doc: "a value as a number", Example: `tonumber("1")`, Result: `1`,
			Build: pureFunction(stdlib.MakeToFunc(cty.Number))},
		{Name: "toset", Doc: "a value as a set: sorted, each once", Example: `toset(["b", "a", "b"])`,
			Result: `toset(["a", "b"])`, Build: pureFunction(stdlib.MakeToFunc(cty.Set(cty.DynamicPseudoType)))},
		{Name: "tostring", Doc: "a value as text", Example: `tostring(1)`, Result: `"1"`,
			Build: pureFunction(stdlib.MakeToFunc(cty.String))},
		{Name: "try", Doc: "the first expression that has a value", Example: `try(tonumber("x"), 0)`, Result: `0`,
			Build: pureFunction(tryfunc.TryFunc)},
		{Name: "yamldecode", Doc: "a value from YAML", Example: `yamldecode("a: 1")`, Result: `{ a = 1 }`,
			Build: pureFunction(yaml.YAMLDecodeFunc)},
		{Name: "yamlencode", Doc: "a value as YAML", Example: `yamlencode({ a = 1 })`, Result: `"\"a\": 1\n"`,
			Build: pureFunction(yaml.YAMLEncodeFunc)},
	}
}

// textFunction makes a function from text to text.
func textFunction(f func(string) (string, error)) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "text", Type: cty.String}},
		Type:   function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			text, err := f(args[0].AsString())
			if err != nil {
				return cty.NilVal, function.NewArgError(0, err)
			}
			return cty.StringVal(text), nil
		},
	})
}

func encodeBase64(text string) (string, error) {
	return base64.StdEncoding.EncodeToString([]byte(text)), nil
}

func decodeBase64(text string) (string, error) {
	bytes, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return "", errors.New("it is not base64")
	}
	if !utf8.Valid(bytes) {
		return "", errors.New("what it encodes is not UTF-8 text")
	}
	return string(bytes), nil
}

func hashText(text string) (string, error) {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:]), nil
}
