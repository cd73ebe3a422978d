package secret

import (
	"errors"

	"github.com/hashicorp/hcl/v2/ext/customdecode"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
)

// Reason stands in a message in place of a reason that could show a sensitive value.
const Reason = "the reason is not shown, because a sensitive value is among the values; where the value may be " +
	"shown, write nonsensitive(…)"

// errHidden replaces the error of a function with sensitive arguments.
var errHidden = errors.New(Reason)

// Guard returns a function that is equal to f but for sensitive arguments. The error of f then does not show the
// arguments, and the set receives the texts of the result. The set may be nil.
func Guard(f function.Function, set *Set) function.Function {
	spec := &function.Spec{
		Description: f.Description(),
		// The type is dynamic: f checks types and values once, in the call.
		Type: function.StaticReturnType(cty.DynamicPseudoType),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) { return guardedCall(f, args, set) },
	}
	for _, p := range f.Params() {
		spec.Params = append(spec.Params, openParameter(p))
	}
	if p := f.VarParam(); p != nil {
		rest := openParameter(*p)
		spec.VarParam = &rest
	}
	return function.New(spec)
}

// openParameter returns a parameter that passes unknown and marked values on. Null stays as the function has it.
func openParameter(p function.Parameter) function.Parameter {
	p.AllowUnknown, p.AllowDynamicType, p.AllowMarked = true, true, true
	return p
}

func guardedCall(f function.Function, args []cty.Value, set *Set) (cty.Value, error) {
	v, err := f.Call(args)
	sensitive, plain := splitArguments(args)
	switch {
	case err != nil && sensitive:
		if argument, ok := errors.AsType[function.ArgError](err); ok {
			return cty.DynamicVal, function.NewArgError(argument.Index, errHidden)
		}
		return cty.DynamicVal, errHidden
	case err == nil && set != nil && (sensitive || v.ContainsMarked()):
		set.AddDerived(sensitivePart(v), plain...)
	}
	return v, err
}

// splitArguments reports whether an argument is sensitive, and returns the arguments without sensitive parts.
func splitArguments(args []cty.Value) (sensitive bool, plain []cty.Value) {
	for _, arg := range args {
		switch {
		case arg.Type() == customdecode.ExpressionClosureType:
			closure := customdecode.ExpressionClosureFromVal(arg)
			sensitive = sensitive || Takes(closure.Expression, closure.EvalContext)
		case arg.ContainsMarked():
			sensitive = true
		default:
			plain = append(plain, arg)
		}
	}
	return sensitive, plain
}

// sensitivePart returns the marked parts of a value.
func sensitivePart(v cty.Value) cty.Value {
	plain, marked := v.UnmarkDeepWithPaths()
	var parts []cty.Value
	for _, m := range marked {
		part, err := m.Path.Apply(plain)
		if err != nil {
			return plain // an element of a set
		}
		parts = append(parts, part)
	}
	return cty.TupleVal(parts)
}
