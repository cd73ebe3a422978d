package hclspec

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"tasks/hclspec/internal/ctyconv"
	"tasks/hclspec/internal/diag"
	"tasks/hclspec/internal/secret"
)

// variableEnvPrefix is what a variable's name has before it in the environment.
const variableEnvPrefix = "TASKS_VAR_"

// checkGivenVariables reports values that are given for variables nobody declares: an error where they are typed, a warning
// where they may come from elsewhere.
func (e *evaluation) checkGivenVariables() {
	e.diags = append(e.diags, e.file.UndeclaredVariables(e.in)...)
	declared := slices.Collect(maps.Keys(e.file.root.variableByName))
	if e.in.Environ == nil {
		return
	}
	for _, entry := range slices.Sorted(slices.Values(e.in.Environ())) {
		key, _, _ := strings.Cut(entry, "=")
		name, ours := strings.CutPrefix(key, variableEnvPrefix)
		if ours && e.file.root.variableByName[name] == nil {
			d := diag.Error(fmt.Sprintf("unknown variable %q", name), "%s is set in the environment, but no such variable is declared.%s", key, diag.DidYouMean(name, declared))
			d.Severity = hcl.DiagWarning
			e.report(d)
		}
	}
}

// UndeclaredVariables reports the variables that are given on the command line, and that no file declares.
func (f *File) UndeclaredVariables(in Inputs) (diags hcl.Diagnostics) {
	declared := slices.Collect(maps.Keys(f.root.variableByName))
	for _, name := range slices.Sorted(maps.Keys(in.Vars)) {
		if f.root.variableByName[name] == nil {
			diags = append(diags, diag.Error(fmt.Sprintf("unknown variable %q", name), "--var %s=… is given, but no such variable is declared.%s", name, diag.DidYouMean(name, declared)))
		}
	}
	return diags
}

// variable gives the value of a variable, or cty.NilVal after reporting why there is none.
func (e *evaluation) variable(v *variable, used hcl.Range) cty.Value {
	if value, known := e.variables[v]; known {
		return value
	}
	given := e.lookUpVariable(v, used)
	if v.isSensitive && given.value != cty.NilVal {
		plain, _ := given.value.UnmarkDeep()
		e.secretSet.Add(plain)
		given.value = plain.Mark(secret.Mark{})
	}
	e.variables[v] = given.value
	if given.value != cty.NilVal && !e.checkVariableRules(v, given.errorRange) {
		e.variables[v] = cty.NilVal
	}
	return e.variables[v]
}

// variableValue is a variable's value, cty.NilVal where it has none that can be used, and what a mistake in it points to.
type variableValue struct {
	value      cty.Value
	errorRange hcl.Range
}

// lookUpVariable looks through the places of a value; the first that has one wins.
func (e *evaluation) lookUpVariable(v *variable, used hcl.Range) variableValue {
	given, found := e.externalValue(v)
	if found && (given.value == cty.NilVal || v.isNullable || !given.value.IsNull()) {
		return given
	}
	if v.defaultValue == nil && v.mod.include != nil {
		e.report(diag.ErrorAt(used, fmt.Sprintf("variable %q has no value", v.name),
			"It is declared without a default at %s. Give one: variables = { %s = … } in the include block at %s, or default = … in the variable's.",
			diag.Place(v.labelRange), v.name, diag.Place(v.mod.include.headerRange)))
		return variableValue{}
	}
	if v.defaultValue == nil {
		e.report(diag.ErrorAt(used, fmt.Sprintf("variable %q has no value", v.name),
			"It is declared without a default at %s. Give one: --var %s=… on the command line, %s = … in a file of --var-file or *%s, %s%s=… in the environment, or default = … in the block.",
			diag.Place(v.labelRange), v.name, v.name, AutoVariablesSuffix, variableEnvPrefix, v.name))
		return variableValue{}
	}
	value := e.variableDefault(v)
	if value != cty.NilVal && value.IsNull() && !v.isNullable {
		e.report(diag.ErrorAt(v.diagnosticRange(v.defaultValue.expr.Range()), fmt.Sprintf("wrong default of variable %q", v.name), "It is null, and the block says nullable = false."))
		value = cty.NilVal
	}
	return variableValue{value: value, errorRange: v.diagnosticRange(v.defaultValue.expr.Range())}
}

// diagnosticRange is the place of a value as a mistake in it may point to: the line of a sensitive one is not shown.
func (v *variable) diagnosticRange(at hcl.Range) hcl.Range {
	if v.isSensitive {
		return v.labelRange
	}
	return at
}

// AutoVariablesSuffix is what the names of the files end in that give values to variables by standing beside Tasks.hcl.
const AutoVariablesSuffix = ".auto.tasksvars"

// externalValue gives the value that comes from outside of the block.
func (e *evaluation) externalValue(v *variable) (variableValue, bool) {
	if value := v.mod.includeValues[v.name]; value != nil {
		return e.includeValue(v, value), true
	}
	if text, given := e.in.Vars[v.name]; given && v.mod == e.file.root {
		return e.valueFromText(v, text, "--var "+v.name), true
	}
	if value, given := v.mod.explicitValues[v.name]; given {
		return e.valueFromFile(v, value), true
	}
	if text, given := e.in.Env(variableEnvPrefix + v.name); given && v.mod == e.file.root {
		return e.valueFromText(v, text, variableEnvPrefix+v.name), true
	}
	if value, found := v.mod.automaticValues[v.name]; found {
		return e.valueFromFile(v, value), true
	}
	return variableValue{}, false
}

// hasExternalValue says that a variable has a value from outside of the block.
func (e *evaluation) hasExternalValue(v *variable) bool {
	_, flag := e.in.Vars[v.name]
	_, environment := e.in.Env(variableEnvPrefix + v.name)
	_, given := v.mod.explicitValues[v.name]
	_, found := v.mod.automaticValues[v.name]
	return given || found || v.mod.includeValues[v.name] != nil || v.mod == e.file.root && (flag || environment)
}

// variableDefault evaluates the default, as the declared type.
func (e *evaluation) variableDefault(v *variable) cty.Value {
	if v.defaultValue == nil {
		return cty.NilVal
	}
	value, ok := e.scope("", nil, RunResults{}).markedValue(*v.defaultValue)
	if !ok {
		return cty.NilVal
	}
	value, err := v.convert(value, v.typ)
	if err != nil {
		e.report(diag.ErrorAt(v.diagnosticRange(v.defaultValue.expr.Range()), fmt.Sprintf("wrong default of variable %q", v.name),
			"%s is declared, and this is not: %s.", v.typeName, err))
		return cty.NilVal
	}
	return value
}

// convert makes a value of the declared type, filling in the defaults of optional attributes.
func (v *variable) convert(value cty.Value, want cty.Type) (cty.Value, error) {
	if want == cty.NilType {
		return value, nil
	}
	plain, marks := value.UnmarkDeep()
	if v.optionalDefaults != nil && !plain.IsNull() {
		plain = v.optionalDefaults.Apply(plain)
	}
	plain, err := convert.Convert(plain, want)
	if err != nil {
		return cty.NilVal, err
	}
	return plain.WithMarks(marks), nil
}

// externalType is the type that values from outside are read as.
func (e *evaluation) externalType(v *variable) cty.Type {
	if v.typ != cty.NilType {
		return v.typ
	}
	return ctyconv.TypeOfDefault(e.variableDefault(v))
}

// valueFromText reads text from outside as the variable's type.
func (e *evaluation) valueFromText(v *variable, text, from string) variableValue {
	want := e.externalType(v)
	value, err := ctyconv.ParseValue(text, want)
	if err == nil {
		value, err = v.convert(value, want)
	}
	if err != nil {
		e.report(diag.ErrorAt(v.labelRange, fmt.Sprintf("wrong value for variable %q", v.name),
			"%s gives %s, which is not %s: %s.", from, v.quotedValue(text), diag.Article(want.FriendlyNameForConstraint()), err))
		return variableValue{}
	}
	return variableValue{value: value, errorRange: v.labelRange}
}

// quotedValue is a value as a message may show it.
func (v *variable) quotedValue(text string) string {
	if v.isSensitive {
		return "a value"
	}
	return fmt.Sprintf("%q", text)
}

// valueFromFile makes the variable's type of a value in a file.
func (e *evaluation) valueFromFile(v *variable, from variableFileValue) variableValue {
	at := v.diagnosticRange(from.nameRange)
	want := e.externalType(v)
	value, err := v.convert(from.value, want)
	if err != nil {
		e.report(diag.ErrorAt(at, fmt.Sprintf("wrong value for variable %q", v.name),
			"The value at %s is not %s: %s.", diag.Place(from.nameRange), diag.Article(want.FriendlyNameForConstraint()), err))
		return variableValue{}
	}
	return variableValue{value: value, errorRange: at}
}
