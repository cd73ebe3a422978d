package hclspec

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

// environmentPrefix is what a variable's name has before it in the environment.
const environmentPrefix = "TASKS_VAR_"

// checkGiven reports values that are given for variables nobody declares: an error where they are typed, a warning
// where they may come from elsewhere.
func (e *evaluation) checkGiven() {
	declared := slices.Collect(maps.Keys(e.file.root.variableByName))
	for _, name := range slices.Sorted(maps.Keys(e.in.Vars)) {
		if e.file.root.variableByName[name] == nil {
			e.report(complaint(fmt.Sprintf("unknown variable %q", name), "--var %s=… is given, but no such variable is declared.%s", name, didYouMean(name, declared)))
		}
	}
	if e.in.Environ == nil {
		return
	}
	for _, entry := range slices.Sorted(slices.Values(e.in.Environ())) {
		key, _, _ := strings.Cut(entry, "=")
		name, ours := strings.CutPrefix(key, environmentPrefix)
		if ours && e.file.root.variableByName[name] == nil {
			d := complaint(fmt.Sprintf("unknown variable %q", name), "%s is set in the environment, but no such variable is declared.%s", key, didYouMean(name, declared))
			d.Severity = hcl.DiagWarning
			e.report(d)
		}
	}
}

// variable gives the value of a variable, or cty.NilVal after reporting why there is none.
func (e *evaluation) variable(v *variable, used hcl.Range) cty.Value {
	if value, known := e.vars[v]; known {
		return value
	}
	value := e.decideVariable(v, used)
	e.vars[v] = value
	return value
}

// decideVariable looks through the places of a value; the first that has one wins.
func (e *evaluation) decideVariable(v *variable, used hcl.Range) cty.Value {
	fallback := e.defaultOf(v)
	if text, given := e.in.Vars[v.name]; given {
		return e.givenValue(v, text, "--var "+v.name, fallback)
	}
	if text, given := e.in.Env(environmentPrefix + v.name); given {
		return e.givenValue(v, text, environmentPrefix+v.name, fallback)
	}
	if v.defaultValue == nil {
		e.report(problem(used, fmt.Sprintf("variable %q has no value", v.name),
			"It is declared without a default at %s. Give one: --var %s=… on the command line, %s%s=… in the environment, or default = … in the block.",
			place(v.labelRange), v.name, environmentPrefix, v.name))
	}
	return fallback
}

// defaultOf evaluates the default, as the declared type.
func (e *evaluation) defaultOf(v *variable) cty.Value {
	if v.defaultValue == nil {
		return cty.NilVal
	}
	value, ok := e.scope("", nil, nil).value(*v.defaultValue)
	if !ok {
		return cty.NilVal
	}
	value, err := v.convert(value, v.typ)
	if err != nil {
		e.report(problem(v.defaultValue.expr.Range(), fmt.Sprintf("wrong default of variable %q", v.name),
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
	if v.optional != nil && !value.IsNull() {
		value = v.optional.Apply(value)
	}
	return convert.Convert(value, want)
}

// givenValue reads text from outside as the variable's type.
func (e *evaluation) givenValue(v *variable, text, from string, fallback cty.Value) cty.Value {
	want := v.typ
	if want == cty.NilType {
		want = typeLike(fallback)
	}
	value, err := readValue(text, want)
	if err == nil {
		value, err = v.convert(value, want)
	}
	if err != nil {
		e.report(problem(v.labelRange, fmt.Sprintf("wrong value for variable %q", v.name),
			"%s gives %q, which is not %s: %s.", from, text, article(want.FriendlyNameForConstraint()), err))
		return cty.NilVal
	}
	return value
}

// typeLike is the type that a default stands for: its own, lists for the tuples and maps for the objects that HCL
// makes of brackets, or string where there is none.
func typeLike(fallback cty.Value) cty.Type {
	if fallback == cty.NilVal || fallback.IsNull() {
		return cty.String
	}
	ty := fallback.Type()
	if !ty.IsTupleType() {
		return ty
	}
	element, _ := convert.UnifyUnsafe(ty.TupleElementTypes())
	if element == cty.NilType {
		element = cty.DynamicPseudoType
	}
	return cty.List(element)
}

// readValue reads text from outside: as it is for a string, else as an expression without names.
func readValue(text string, want cty.Type) (cty.Value, error) {
	if want == cty.String {
		return cty.StringVal(text), nil
	}
	if want.IsPrimitiveType() {
		return convert.Convert(cty.StringVal(strings.TrimSpace(text)), want)
	}
	expr, diags := hclsyntax.ParseExpression([]byte(text), "value", hcl.Pos{Line: 1, Column: 1})
	if diags.HasErrors() {
		return cty.NilVal, fmt.Errorf("%s", lowerFirst(diags[0].Summary))
	}
	if len(expr.Variables()) > 0 {
		return cty.NilVal, fmt.Errorf("text stands in quotes, as in %s", `["a", "b"]`)
	}
	value, diags := expr.Value(nil)
	if diags.HasErrors() {
		return cty.NilVal, fmt.Errorf("%s", lowerFirst(diags[0].Summary))
	}
	return value, nil
}
