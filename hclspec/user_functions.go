package hclspec

import (
	"errors"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"

	"tasks/hclspec/internal/config"
	"tasks/hclspec/internal/diag"
)

// callFunction evaluates a function's result. An error has its place in the function; the caller adds the place of
// the call.
func callFunction(s *scope, f *config.UserFunction, args []cty.Value) (cty.Value, error) {
	values := map[string]cty.Value{}
	for i, name := range f.Params {
		values[name] = args[i]
	}
	if f.VariadicParam != "" {
		values[f.VariadicParam] = cty.TupleVal(args[len(f.Params):])
	}
	v, diags, ok := s.evaluateWith(*f.Result, values)
	switch {
	case !ok:
		return cty.DynamicVal, reportedError{}
	case diags.HasErrors():
		d, at := diag.FirstError(diags), f.HeaderRange
		if d.Subject != nil {
			at = *d.Subject
		}
		return cty.DynamicVal, diag.Errorf("at %s: %s", diag.Place(at), diag.Clause(d))
	}
	return v, nil
}

// reportedError is the error of a call with a missing value inside. The mistake has been reported.
type reportedError struct{}

func (reportedError) Error() string { return "what it uses has no value" }

func isReported(err error) bool { return errors.As(err, new(reportedError)) }

// moduleFunctions returns the user functions of a module for this scope.
func (s *scope) moduleFunctions(m *config.Module) map[string]function.Function {
	if len(m.Functions) == 0 {
		return nil
	}
	if s.functionsByModule[m] == nil {
		s.functionsByModule[m] = map[string]function.Function{}
		for _, f := range m.Functions {
			s.functionsByModule[m][f.Name] = f.CtyFunction(func(args []cty.Value) (cty.Value,
				error) {
				return callFunction(s, f, args)
			})
		}
	}
	return s.functionsByModule[m]
}
