package hclspec

import (
	"errors"
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"

	"tasks/hclspec/internal/diag"
	"tasks/hclspec/internal/funcs"
)

// userFunction is one `function` block.
type userFunction struct {
	*decodedBlock
	name   string
	params []string
	// variadicParam is the parameter that takes all further arguments as a list; empty: none does.
	variadicParam string
	// result is nil where the block has none, which is an error.
	result *expression
}

func functionBlockType() *blockType {
	return &blockType{
		name: "function", label: "function",
		doc: "a function of one's own",
		attrs: []attributeType{
			{name: "params", typeText: "list of names", isStatic: true, defaultText: "none", doc: "the names of its parameters", example: "[name, tag]"},
			{name: "variadic_param", typeText: "name", isStatic: true, doc: "the parameter that takes all further arguments, as a list", example: "rest"},
			{name: "result", typeText: "any", defaultText: "none: it is required", doc: "its value", example: `"${name}:${tag}"`},
		},
	}
}

func (c *checker) declareFunction(n *decodedBlock) {
	f := &userFunction{decodedBlock: n, name: n.label}
	if first, set := n.mod.functionByName[f.name]; set {
		c.reportDuplicate(fmt.Sprintf("function %q", f.name), n.labelRange, first.labelRange)
		return
	}
	switch {
	case slices.Contains(funcs.Names(), f.name):
		c.report(diag.ErrorAt(n.labelRange, fmt.Sprintf("%s() is a function of the language", f.name), "A function of one's own needs a name of its own."))
	case !hclsyntax.ValidIdentifier(f.name):
		c.report(diag.ErrorAt(n.labelRange, "invalid name of a function", "A name is made of letters, digits, `_` and `-`, with a letter first, so that it can be called."))
	}
	c.readFunctionParams(f)
	if a := n.attrs["result"]; a != nil {
		f.result = &a.expression
	} else if !n.hasUnknownNames {
		c.report(diag.ErrorAt(n.headerRange, "function without a result", "Write result = … in the block."))
	}
	n.mod.functionByName[f.name] = f
	n.mod.functions = append(n.mod.functions, f)
}

func (c *checker) readFunctionParams(f *userFunction) {
	if a := f.attrs["params"]; a != nil {
		list, ok := a.expr.(*hclsyntax.TupleConsExpr)
		if !ok {
			c.report(diag.ErrorAt(a.expr.Range(), "params must be a list of names", "Write names in brackets: params = [name, tag]."))
			return
		}
		for _, entry := range list.Exprs {
			if name := c.readParamName(f, entry); name != "" {
				f.params = append(f.params, name)
			}
		}
	}
	if a := f.attrs["variadic_param"]; a != nil {
		f.variadicParam = c.readParamName(f, a.expr)
	}
}

// readParamName reads the name of a parameter. It is empty after a mistake.
func (c *checker) readParamName(f *userFunction, expr hclsyntax.Expression) string {
	name := hcl.ExprAsKeyword(expr)
	switch {
	case name == "":
		c.report(diag.ErrorAt(expr.Range(), "a parameter must be a name", "Write a plain name, without quotes, made of letters, digits, `_` and `-`."))
	case slices.Contains(referenceRoots(), name):
		c.report(diag.ErrorAt(expr.Range(), fmt.Sprintf("%q cannot be a parameter", name), "It is a name of the language, which would be hidden. Choose another one."))
	case slices.Contains(f.params, name):
		c.report(diag.ErrorAt(expr.Range(), fmt.Sprintf("parameter %q is there twice", name), "Rename one of the two."))
	default:
		return name
	}
	return ""
}

// checkFunction finds what a function's result refers to.
func (c *checker) checkFunction(f *userFunction) {
	if f.result == nil {
		return
	}
	c.functionParams = f.allParams()
	f.result.refs = c.analyse(*f.result)
	c.functionParams = nil
}

// allParams are the names of the parameters.
func (f *userFunction) allParams() []string {
	if f.variadicParam == "" {
		return f.params
	}
	return append(slices.Clone(f.params), f.variadicParam)
}

// String is how messages call the function.
func (f *userFunction) String() string { return f.mod.qualifiedName(f.name + "()") }

// ctyFunction makes the function callable from expressions of a scope; without one it has a signature only.
func (f *userFunction) ctyFunction(s *scope) function.Function {
	spec := &function.Spec{
		// The type is that of the result, which need not be evaluated twice to be known.
		Type: function.StaticReturnType(cty.DynamicPseudoType),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) { return s.callFunction(f, args) },
	}
	for _, name := range f.params {
		spec.Params = append(spec.Params, dynamicParameter(name))
	}
	if f.variadicParam != "" {
		rest := dynamicParameter(f.variadicParam)
		spec.VarParam = &rest
	}
	return function.New(spec)
}

// dynamicParameter is a parameter that takes every value as it is.
func dynamicParameter(name string) function.Parameter {
	return function.Parameter{
		Name: name, Type: cty.DynamicPseudoType,
		AllowNull: true, AllowUnknown: true, AllowDynamicType: true, AllowMarked: true,
	}
}

// call evaluates a function's result. What is wrong in it is told with its place; the caller adds that of the call.
func (s *scope) callFunction(f *userFunction, args []cty.Value) (cty.Value, error) {
	values := map[string]cty.Value{}
	for i, name := range f.params {
		values[name] = args[i]
	}
	if f.variadicParam != "" {
		values[f.variadicParam] = cty.TupleVal(args[len(f.params):])
	}
	v, diags, ok := s.evaluateWith(*f.result, values)
	switch {
	case !ok:
		return cty.DynamicVal, reportedError{}
	case diags.HasErrors():
		d, at := diag.FirstError(diags), f.headerRange
		if d.Subject != nil {
			at = *d.Subject
		}
		return cty.DynamicVal, diag.Errorf("at %s: %s", diag.Place(at), diag.Clause(d))
	}
	return v, nil
}

// reportedError is that of a call whose function uses something without a value: what is wrong with that is reported.
type reportedError struct{}

func (reportedError) Error() string { return "what it uses has no value" }

func isReported(err error) bool { return errors.As(err, new(reportedError)) }

// moduleFunctions are the functions of a module's own, for the expressions of this scope.
func (s *scope) moduleFunctions(m *module) map[string]function.Function {
	if len(m.functions) == 0 {
		return nil
	}
	if s.functionsByModule[m] == nil {
		s.functionsByModule[m] = map[string]function.Function{}
		for _, f := range m.functions {
			s.functionsByModule[m][f.name] = f.ctyFunction(s)
		}
	}
	return s.functionsByModule[m]
}
