package hclspec

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"tasks/hclspec/internal/config"
	"tasks/hclspec/internal/ctyconv"
	"tasks/hclspec/internal/diag"
	"tasks/hclspec/internal/secret"
)

// UndeclaredVariables reports variables of the command line without a declaration.
func (f *File) UndeclaredVariables(in Inputs) hcl.Diagnostics {
	return undeclaredVariables(f.config, in)
}

// includeValue returns the value of an include block for a variable.
func includeValue(e *evaluation, v *config.Variable, value *config.Expression) variableValue {
	at := v.DiagnosticRange(value.Expr.Range())
	given, ok := e.scope("", nil, RunResults{}).markedValue(*value)
	if !ok {
		return variableValue{}
	}
	want := externalType(e, v)
	given, err := v.Convert(given, want)
	if err != nil {
		e.report(diag.ErrorAt(at, fmt.Sprintf("wrong value for variable %q", v.Name), "The value at %s is not %s: %s.",
			diag.Place(value.Expr.Range()), diag.Article(want.FriendlyNameForConstraint()), err))
		return variableValue{}
	}
	return variableValue{value: given, errorRange: at}
}

// variableEnvPrefix is the prefix of a variable's name in the environment.
const variableEnvPrefix = "TASKS_VAR_"

// checkGivenVariables reports values for undeclared variables. On the command line this is an error, in the
// environment a warning.
func checkGivenVariables(e *evaluation) {
	e.diags = append(e.diags, undeclaredVariables(e.file, e.in)...)
	declared := slices.Collect(maps.Keys(e.file.Root.VariableByName))
	if e.in.Environ == nil {
		return
	}
	for _, entry := range slices.Sorted(slices.Values(e.in.Environ())) {
		key, _, _ := strings.Cut(entry, "=")
		name, ours := strings.CutPrefix(key, variableEnvPrefix)
		if ours && e.file.Root.VariableByName[name] == nil {
			d := diag.Error(fmt.Sprintf("unknown variable %q", name),
				"%s is set in the environment, but no such variable is declared.%s", key, diag.DidYouMean(name, declared))
			d.Severity = hcl.DiagWarning
			e.report(d)
		}
	}
}

func undeclaredVariables(f *config.File, in Inputs) (diags hcl.Diagnostics) {
	declared := slices.Collect(maps.Keys(f.Root.VariableByName))
	for _, name := range slices.Sorted(maps.Keys(in.Vars)) {
		if f.Root.VariableByName[name] == nil {
			diags = append(diags, diag.Error(fmt.Sprintf("unknown variable %q", name),
				"--var %s=… is given, but no such variable is declared.%s", name, diag.DidYouMean(name, declared)))
		}
	}
	return diags
}

// variable returns the value of a variable, or cty.NilVal after a reported mistake.
func (e *evaluation) variable(v *config.Variable, used hcl.Range) cty.Value {
	if value, known := e.variables[v]; known {
		return value
	}
	given := lookUpVariable(e, v, used)
	if v.IsSensitive && given.value != cty.NilVal {
		plain, _ := given.value.UnmarkDeep()
		e.secretSet.Add(plain)
		given.value = plain.Mark(secret.Mark{})
	}
	e.variables[v] = given.value
	if given.value != cty.NilVal && !checkVariableRules(e, v, given.errorRange) {
		e.variables[v] = cty.NilVal
	}
	return e.variables[v]
}

// variableValue is a variable's value and the place for mistakes. A value that cannot be used is cty.NilVal.
type variableValue struct {
	value      cty.Value
	errorRange hcl.Range
}

// lookUpVariable searches the sources of a value. The first value wins.
func lookUpVariable(e *evaluation, v *config.Variable, used hcl.Range) variableValue {
	given, found := externalValue(e, v)
	if found && (given.value == cty.NilVal || v.IsNullable || !given.value.IsNull()) {
		return given
	}
	if v.DefaultValue == nil && v.Module.Include != nil {
		e.report(diag.ErrorAt(used, fmt.Sprintf("variable %q has no value", v.Name),
			"It is declared without a default at %s. Give one: variables = { %s = … } in the include block at %s, or default "+
				"= … in the variable's.",
			diag.Place(v.LabelRange), v.Name, diag.Place(v.Module.Include.HeaderRange)))
		return variableValue{}
	}
	if v.DefaultValue == nil {
		e.report(diag.ErrorAt(used, fmt.Sprintf("variable %q has no value", v.Name),
			"It is declared without a default at %s. Give one: --var %s=… on the command line, %s = … in a file of --var-file "+
				"or *%s, %s%s=… in the environment, or default = … in the block.",
			diag.Place(v.LabelRange), v.Name, v.Name, AutoVariablesSuffix, variableEnvPrefix, v.Name))
		return variableValue{}
	}
	value := variableDefault(e, v)
	if value != cty.NilVal && value.IsNull() && !v.IsNullable {
		e.report(diag.ErrorAt(v.DiagnosticRange(v.DefaultValue.Expr.Range()),
			fmt.Sprintf("invalid default of variable %q", v.Name), "It is null, and the block says nullable = false."))
		value = cty.NilVal
	}
	return variableValue{value: value, errorRange: v.DiagnosticRange(v.DefaultValue.Expr.Range())}
}

// AutoVariablesSuffix is the suffix of files beside Tasks.hcl with values of variables.
const AutoVariablesSuffix = ".auto.tasksvars"

// externalValue returns the value from outside of the variable's block.
func externalValue(e *evaluation, v *config.Variable) (variableValue, bool) {
	if value := v.Module.IncludeValues[v.Name]; value != nil {
		return includeValue(e, v, value), true
	}
	if text, given := e.in.Vars[v.Name]; given && v.Module == e.file.Root {
		return valueFromText(e, v, text, "--var "+v.Name), true
	}
	if value, given := v.Module.ExplicitValues[v.Name]; given {
		return valueFromFile(e, v, value), true
	}
	if text, given := e.in.Env(variableEnvPrefix + v.Name); given && v.Module == e.file.Root {
		return valueFromText(e, v, text, variableEnvPrefix+v.Name), true
	}
	if value, found := v.Module.AutomaticValues[v.Name]; found {
		return valueFromFile(e, v, value), true
	}
	return variableValue{}, false
}

// hasExternalValue reports whether a variable has a value from outside of the block.
func hasExternalValue(e *evaluation, v *config.Variable) bool {
	_, flag := e.in.Vars[v.Name]
	_, environment := e.in.Env(variableEnvPrefix + v.Name)
	_, given := v.Module.ExplicitValues[v.Name]
	_, found := v.Module.AutomaticValues[v.Name]
	return given || found || v.Module.IncludeValues[v.Name] != nil || v.Module == e.file.Root && (flag || environment)
}

// variableDefault evaluates the default and converts it to the declared type.
func variableDefault(e *evaluation, v *config.Variable) cty.Value {
	if v.DefaultValue == nil {
		return cty.NilVal
	}
	value, ok := e.scope("", nil, RunResults{}).markedValue(*v.DefaultValue)
	if !ok {
		return cty.NilVal
	}
	value, err := v.Convert(value, v.Type)
	if err != nil {
		e.report(diag.ErrorAt(v.DiagnosticRange(v.DefaultValue.Expr.Range()),
			fmt.Sprintf("invalid default of variable %q", v.Name),
			"%s is declared, and this is not: %s.", v.TypeName, err))
		return cty.NilVal
	}
	return value
}

// externalType returns the type for values from outside.
func externalType(e *evaluation, v *config.Variable) cty.Type {
	if v.Type != cty.NilType {
		return v.Type
	}
	return ctyconv.TypeOfDefault(variableDefault(e, v))
}

// valueFromText parses text from outside as the variable's type.
func valueFromText(e *evaluation, v *config.Variable, text, from string) variableValue {
	want := externalType(e, v)
	value, err := ctyconv.ParseValue(text, want)
	if err == nil {
		value, err = v.Convert(value, want)
	}
	if err != nil {
		e.report(diag.ErrorAt(v.LabelRange, fmt.Sprintf("wrong value for variable %q", v.Name),
			"%s gives %s, which is not %s: %s.", from, v.QuotedValue(text), diag.Article(want.FriendlyNameForConstraint()), err))
		return variableValue{}
	}
	return variableValue{value: value, errorRange: v.LabelRange}
}

// valueFromFile converts a value of a file to the variable's type.
func valueFromFile(e *evaluation, v *config.Variable, from config.VariableFileValue) variableValue {
	at := v.DiagnosticRange(from.NameRange)
	want := externalType(e, v)
	value, err := v.Convert(from.Value, want)
	if err != nil {
		e.report(diag.ErrorAt(at, fmt.Sprintf("wrong value for variable %q", v.Name),
			"The value at %s is not %s: %s.", diag.Place(from.NameRange), diag.Article(want.FriendlyNameForConstraint()), err))
		return variableValue{}
	}
	return variableValue{value: value, errorRange: at}
}
