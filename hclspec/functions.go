package hclspec

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty/function"
)

// Function describes a function of the language.
type Function struct {
	Name, Doc string
	// Example is a call and Result its value, both as expressions of the language.
	Example, Result string

	build func(functionInputs) function.Function
}

// functionInputs is what functions can ask: the facts of the world, and the directory that paths start at.
type functionInputs struct {
	Inputs
	dir string
	// secretSet is told of the texts that are declared to be no secrets; nil where nobody evaluates.
	secrets *secretSet
}

// Functions lists all functions, sorted by name.
func Functions() []Function {
	all := slices.Concat(numberFunctions(), stringFunctions(), collectionFunctions(), conversionFunctions(), environmentFunctions(), fileFunctions(), dataFunctions(), secretFunctions())
	slices.SortFunc(all, func(a, b Function) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// pureFunction makes a function that asks nothing of the world.
func pureFunction(f function.Function) func(functionInputs) function.Function {
	return func(functionInputs) function.Function { return f }
}

// buildFunctions makes the functions by name.
func buildFunctions(h functionInputs) map[string]function.Function {
	all := Functions()
	functions := make(map[string]function.Function, len(all))
	for _, f := range all {
		functions[f.Name] = f.build(h)
	}
	return functions
}

// functionsForDir gives the functions for the expressions of files in a directory.
func (e *evaluation) functionsForDir(dir string) map[string]function.Function {
	if e.functions[dir] == nil {
		e.functions[dir] = buildFunctions(functionInputs{Inputs: e.in, dir: dir, secrets: e.secretSet})
	}
	return e.functions[dir]
}

func functionNames() []string {
	var names []string
	for _, f := range Functions() {
		names = append(names, f.Name)
	}
	return names
}

// argCountText renders how many arguments a function takes.
func argCountText(f function.Function) string {
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

// signature renders a function with the names of its parameters.
func signature(name string, f function.Function) string {
	var params []string
	for _, p := range f.Params() {
		params = append(params, p.Name)
	}
	if p := f.VarParam(); p != nil {
		params = append(params, p.Name+"...")
	}
	return fmt.Sprintf("%s(%s)", name, strings.Join(params, ", "))
}
