package config

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty/function"
)

// literalReader reads attributes that must be literals.
type literalReader struct {
	*reporter
}

// decoder turns blocks of the syntax tree into decoded blocks, by the tables of block types.
type decoder struct {
	*reporter
}

// declarer adds decoded blocks to the file.
type declarer struct {
	*decoder
	literals literalReader
	file     *File
}

func newDeclarer(f *File, r *reporter) *declarer {
	return &declarer{decoder: &decoder{reporter: r}, literals: literalReader{reporter: r}, file: f}
}

// resolver finds the declarations that expressions refer to.
type resolver struct {
	*reporter
	file *File
	// module is the module of the expression under check. Names are looked up there.
	module *Module
	// functionParams are the names of the parameters in a function's result.
	functionParams []string
	// loopVariables are the variables of `for` in the expression under check.
	loopVariables []string
	// functions are the functions of the language, made at the first call.
	functions map[string]function.Function
}

// dependencyReader reads lists of references to tasks and services.
type dependencyReader struct {
	*resolver
	// list is the name of the list, for messages.
	list string
}

// taskChecker checks one task after another.
type taskChecker struct {
	*dependencyReader
	literals literalReader
}

// cycleReporter finds declarations that need each other.
type cycleReporter struct {
	*reporter
	file *File
}

// checker makes the checks of the whole file, in order.
type checker struct {
	*taskChecker
	cycles cycleReporter
}

func newChecker(f *File, r *reporter) *checker {
	references := &dependencyReader{resolver: &resolver{reporter: r, file: f}}
	return &checker{
		taskChecker: &taskChecker{dependencyReader: references, literals: literalReader{reporter: r}},
		cycles:      cycleReporter{reporter: r, file: f},
	}
}

// CheckExpression finds the references of an expression outside of the files. Where names the place in messages.
func CheckExpression(f *File, e Expression, where string, allowed ...RefKind) ([]Reference, hcl.Diagnostics) {
	r := &resolver{reporter: &reporter{}, file: f}
	e.Refs = r.analyse(e)
	r.checkAllowed(e, where, allowed...)
	return e.Refs, r.diags
}
