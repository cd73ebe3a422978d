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

	make func(host) function.Function
}

// host is what functions can ask: the facts of the world, and the directory that paths start at.
type host struct {
	Inputs
	dir string
	// concealed is told of the texts that are declared to be no secrets; nil where nobody evaluates.
	concealed *concealed
}

// Functions lists all functions, sorted by name.
func Functions() []Function {
	all := slices.Concat(numberFunctions(), stringFunctions(), collectionFunctions(), conversionFunctions(), worldFunctions(), fileFunctions(), dataFunctions(), secrecyFunctions())
	slices.SortFunc(all, func(a, b Function) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// fixed makes a function that asks nothing of the world.
func fixed(f function.Function) func(host) function.Function {
	return func(host) function.Function { return f }
}

// buildFunctions makes the functions by name.
func buildFunctions(h host) map[string]function.Function {
	all := Functions()
	functions := make(map[string]function.Function, len(all))
	for _, f := range all {
		functions[f.Name] = f.make(h)
	}
	return functions
}

// functionsIn gives the functions for the expressions of files in a directory.
func (e *evaluation) functionsIn(dir string) map[string]function.Function {
	if e.functions[dir] == nil {
		e.functions[dir] = buildFunctions(host{Inputs: e.in, dir: dir, concealed: e.concealed})
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

// countArgs renders how many arguments a function takes.
func countArgs(f function.Function) string {
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
