package funcs

import (
	"path/filepath"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
)

// environmentFunctions are the functions that read the host.
func environmentFunctions() []Function {
	return []Function{
		{Name: "basename", Doc: "the last part of a path", Example: `basename("a/b.txt")`, Result: `"b.txt"`,
			Build: pureFunction(textFunction(pathPart(filepath.Base)))},
		{Name: "dirname", Doc: "a path without its last part", Example: `dirname("a/b.txt")`, Result: `"a"`,
			Build: pureFunction(textFunction(pathPart(filepath.Dir)))},
		{Name: "env", Doc: "a variable of the environment of `tasks`, or a default; an error where there is neither",
			Example: `env("NO_SUCH_NAME", "x")`, Result: `"x"`, Build: envFunc},
		{Name: "gid", Doc: "the number of the user's group", Example: `gid()`, Result: `"1000"`,
			Build: func(h Inputs) function.Function { return constantFunction(h.GID) }},
		{Name: "uid", Doc: "the number of the user", Example: `uid()`, Result: `"1000"`,
			Build: func(h Inputs) function.Function { return constantFunction(h.UID) }},
	}
}

func pathPart(part func(string) string) func(string) (string, error) {
	return func(path string) (string, error) { return filepath.ToSlash(part(path)), nil }
}

func constantFunction(text string) function.Function {
	return function.New(&function.Spec{
		Type: function.StaticReturnType(cty.String),
		Impl: func([]cty.Value, cty.Type) (cty.Value, error) { return cty.StringVal(text), nil },
	})
}

func envFunc(h Inputs) function.Function {
	return function.New(&function.Spec{
		Params:   []function.Parameter{{Name: "name", Type: cty.String}},
		VarParam: &function.Parameter{Name: "default", Type: cty.String, AllowNull: true},
		Type:     function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			name := args[0].AsString()
			if len(args) > 2 {
				return cty.NilVal, function.NewArgErrorf(2, "env takes a name and one default")
			}
			if value, set := h.Env(name); set {
				return cty.StringVal(value), nil
			}
			if len(args) == 2 {
				return args[1], nil
			}
			return cty.NilVal, function.NewArgErrorf(0,
				"%s is not set in the environment; set it, or give a default: env(%q, \"…\")", name, name)
		},
	})
}
