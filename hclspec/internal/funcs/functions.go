package funcs

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"

	"tasks/hclspec/internal/secret"
)

// Function describes a function of the language.
type Function struct {
	Name, Doc string
	// Example is a call and Result its value. Both are expressions of the language.
	Example, Result string

	Build func(Inputs) function.Function
	// check refuses arguments with an unclear error or a panic in Build's function. Nil: no check.
	check func(args []cty.Value) error
}

// Inputs are the facts of the host for functions, and the directory for relative paths.
type Inputs struct {
	// Root is the project's directory. Relative paths start at Dir. Both are absolute.
	Root, Dir string
	// Env looks a name up in the environment of `tasks`.
	Env func(name string) (string, bool)
	// UID and GID are the numbers of the user, as text.
	UID, GID string
	// Secrets receives the results of sensitive(), what is made of these, and the exemptions of nonsensitive(); nil
	// without an evaluation.
	Secrets *secret.Set
}

// All returns all functions, sorted by name.
func All() []Function {
	all := slices.Concat(numberFunctions(), stringFunctions(), collectionFunctions(), conversionFunctions(),
		environmentFunctions(), fileFunctions(), dataFunctions(), secretFunctions())
	slices.SortFunc(all, func(a, b Function) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// pureFunction makes a function that needs no inputs.
func pureFunction(f function.Function) func(Inputs) function.Function {
	return func(Inputs) function.Function { return f }
}

// Build makes the functions by name. Errors do not show sensitive arguments.
func Build(h Inputs) map[string]function.Function {
	all := All()
	functions := make(map[string]function.Function, len(all))
	for _, f := range all {
		functions[f.Name] = guarded(f.Build(h), f.check)
		if !slices.Contains([]string{"sensitive", "nonsensitive"}, f.Name) {
			functions[f.Name] = secret.Guard(functions[f.Name], h.Secrets)
		}
	}
	return functions
}

func Names() []string {
	var names []string
	for _, f := range All() {
		names = append(names, f.Name)
	}
	return names
}

// ArgCountText renders the number of a function's arguments.
func ArgCountText(f function.Function) string {
	n := len(f.Params())
	switch {
	case f.VarParam() != nil:
		return fmt.Sprintf("at least %d", n)
	case n == 0:
		return "no arguments"
	case n == 1:
		return "1 argument"
	}
	return fmt.Sprintf("%d arguments", n)
}

// Signature renders a function with the names of its parameters.
func Signature(name string, f function.Function) string {
	var params []string
	for _, p := range f.Params() {
		params = append(params, p.Name)
	}
	if p := f.VarParam(); p != nil {
		params = append(params, p.Name+"...")
	}
	return fmt.Sprintf("%s(%s)", name, strings.Join(params, ", "))
}
