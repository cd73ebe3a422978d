package hclspec

import (
	"errors"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"

	"tasks/hclspec/internal/config"
	"tasks/hclspec/internal/diag"
)

// call evaluates a function's result. What is wrong in it is told with its place; the caller adds that of the call.
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

// reportedError is that of a call whose function uses something without a value: what is wrong with that is reported.
type reportedError struct{}

func (reportedError) Error() string { return "what it uses has no value" }

func isReported(err error) bool { return errors.As(err, new(reportedError)) }

// moduleFunctions are the functions of a module's own, for the expressions of this scope.
func (s *scope) moduleFunctions(m *config.Module) map[string]function.Function {
	if len(m.Functions) == 0 {
		return nil
	}
	if s.functionsByModule[m] == nil {
		s.functionsByModule[m] = map[string]function.Function{}
		for _, f := range m.Functions {
			s.functionsByModule[m][f.Name] = f.CtyFunction(func(args []cty.Value) (cty.Value, error) { return callFunction(s, f, args) })
		}
	}
	return s.functionsByModule[m]
}
