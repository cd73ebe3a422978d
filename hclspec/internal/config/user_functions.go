package config

import (
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"

	"tasks/hclspec/internal/diag"
	"tasks/hclspec/internal/funcs"
)

// UserFunction is a `function` block.
type UserFunction struct {
	*Block
	Name   string
	Params []string
	// VariadicParam is the parameter for all further arguments, as a list. Empty: there is none.
	VariadicParam string
	// Result is nil for a block without a result, which is an error.
	Result *Expression
}

func functionBlockType() *BlockType {
	return &BlockType{
		Name: "function", Label: "function",
		Doc: "a function of one's own",
		Attrs: []AttributeType{
			{Name: "params", TypeText: "list of names", IsStatic: true, DefaultText: "none", Doc: "the names of its parameters",
				Example: "[name, tag]"},
			{Name: "variadic_param", TypeText: "name", IsStatic: true,
				Doc: "the parameter that takes all further arguments, as a list", Example: "rest"},
			{Name: "result", TypeText: "any", DefaultText: "none: it is required", Doc: "its value",
				Example: `"${name}:${tag}"`},
		},
	}
}

func (d *declarer) declareFunction(n *Block) {
	f := &UserFunction{Block: n, Name: n.Label}
	if first, set := n.Module.FunctionByName[f.Name]; set {
		d.reportDuplicate(fmt.Sprintf("function %q", f.Name), n.LabelRange, first.LabelRange)
		return
	}
	switch {
	case slices.Contains(funcs.Names(), f.Name):
		d.report(diag.ErrorAt(n.LabelRange, fmt.Sprintf("%s() is a function of the language", f.Name),
			"A function of one's own needs a name of its own."))
	case !hclsyntax.ValidIdentifier(f.Name):
		d.report(diag.ErrorAt(n.LabelRange, "invalid name of a function",
			"A name is made of letters, digits, `_` and `-`, with a letter first, so that it can be called."))
	}
	d.readFunctionParams(f)
	if a := n.Attrs["result"]; a != nil {
		f.Result = &a.Expression
	} else if !n.hasUnknownNames {
		d.report(diag.ErrorAt(n.HeaderRange, "function without a result", "Write result = … in the block."))
	}
	n.Module.FunctionByName[f.Name] = f
	n.Module.Functions = append(n.Module.Functions, f)
}

func (d *declarer) readFunctionParams(f *UserFunction) {
	if a := f.Attrs["params"]; a != nil {
		list, ok := a.Expr.(*hclsyntax.TupleConsExpr)
		if !ok {
			d.report(diag.ErrorAt(a.Expr.Range(), "params must be a list of names",
				"Write names in brackets: params = [name, tag]."))
			return
		}
		for _, entry := range list.Exprs {
			if name := d.readParamName(f, entry); name != "" {
				f.Params = append(f.Params, name)
			}
		}
	}
	if a := f.Attrs["variadic_param"]; a != nil {
		f.VariadicParam = d.readParamName(f, a.Expr)
	}
}

// readParamName reads the name of a parameter. After a mistake the name is empty.
func (d *declarer) readParamName(f *UserFunction, expr hclsyntax.Expression) string {
	name := hcl.ExprAsKeyword(expr)
	switch {
	case name == "":
		d.report(diag.ErrorAt(expr.Range(), "a parameter must be a name",
			"Write a plain name, without quotes, made of letters, digits, `_` and `-`."))
	case slices.Contains(ReferenceRoots(), name):
		d.report(diag.ErrorAt(expr.Range(), fmt.Sprintf("%q cannot be a parameter", name),
			"It is a name of the language, which would be hidden. Choose another one."))
	case slices.Contains(f.Params, name):
		d.report(diag.ErrorAt(expr.Range(), fmt.Sprintf("parameter %q is there twice", name), "Rename one of the two."))
	default:
		return name
	}
	return ""
}

// checkFunction finds the references of a function's result.
func (c *checker) checkFunction(f *UserFunction) {
	if f.Result == nil {
		return
	}
	c.functionParams = f.allParams()
	f.Result.Refs = c.analyse(*f.Result)
	c.functionParams = nil
}

// allParams returns the names of all parameters.
func (f *UserFunction) allParams() []string {
	if f.VariadicParam == "" {
		return f.Params
	}
	return append(slices.Clone(f.Params), f.VariadicParam)
}

// String returns the name of the function in messages.
func (f *UserFunction) String() string { return f.Module.qualifiedName(f.Name + "()") }

// CtyFunction makes a function for expressions. Call gives the result. A function without call has a signature only.
func (f *UserFunction) CtyFunction(call func(args []cty.Value) (cty.Value, error)) function.Function {
	spec := &function.Spec{
		// The type is dynamic, so the result need not be evaluated twice.
		Type: function.StaticReturnType(cty.DynamicPseudoType),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) { return call(args) },
	}
	for _, name := range f.Params {
		spec.Params = append(spec.Params, dynamicParameter(name))
	}
	if f.VariadicParam != "" {
		rest := dynamicParameter(f.VariadicParam)
		spec.VarParam = &rest
	}
	return function.New(spec)
}

// dynamicParameter returns a parameter for values of all kinds, unchanged.
func dynamicParameter(name string) function.Parameter {
	return function.Parameter{
		Name: name, Type: cty.DynamicPseudoType,
		AllowNull: true, AllowUnknown: true, AllowDynamicType: true, AllowMarked: true,
	}
}

// checkCalls reports unknown functions and wrong numbers of arguments. It returns the calls of user functions.
func (r *resolver) checkCalls(expr hclsyntax.Expression) []Reference {
	var calls []Reference
	// The callback returns no diagnostics.
	_ = hclsyntax.VisitAll(expr, func(n hclsyntax.Node) hcl.Diagnostics {
		if call, ok := n.(*hclsyntax.FunctionCallExpr); ok {
			r.checkCall(call)
			if r.module.FunctionByName[call.Name] != nil {
				calls = append(calls, Reference{Kind: RefFunction, Name: call.Name, Range: call.NameRange, Module: r.module})
			}
		}
		return nil
	})
	return calls
}

func (r *resolver) checkCall(call *hclsyntax.FunctionCallExpr) {
	if r.functions == nil {
		r.functions = funcs.Build(funcs.Inputs{})
	}
	f, ok := r.functions[call.Name]
	if own := r.module.FunctionByName[call.Name]; own != nil {
		f, ok = own.CtyFunction(nil), true
	}
	if !ok {
		r.report(diag.ErrorAt(call.NameRange, fmt.Sprintf("unknown function %q", call.Name),
			"There is no function with this name.%s",
			diag.DidYouMean(call.Name, append(funcs.Names(), slices.Collect(maps.Keys(r.module.FunctionByName))...))))
		return
	}
	given, required := len(call.Args), len(f.Params())
	switch {
	case call.ExpandFinal, r.module.FunctionByName[call.Name] != nil && r.module.FunctionByName[call.Name].hasUnknownNames:
	case given < required:
		r.report(diag.ErrorAt(call.Range(), fmt.Sprintf("too few arguments for %s()", call.Name),
			"It takes %s: %s. Given: %d.", funcs.ArgCountText(f), funcs.Signature(call.Name, f), given))
	case given > required && f.VarParam() == nil:
		r.report(diag.ErrorAt(call.Args[required].Range(), fmt.Sprintf("too many arguments for %s()", call.Name),
			"It takes %s: %s. Given: %d.", funcs.ArgCountText(f), funcs.Signature(call.Name, f), given))
	}
}
