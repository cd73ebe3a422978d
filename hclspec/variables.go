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
	e.diags = append(e.diags, e.file.Undeclared(e.in)...)
	declared := slices.Collect(maps.Keys(e.file.root.variableByName))
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

// Undeclared reports the variables that are given on the command line, and that no file declares.
func (f *File) Undeclared(in Inputs) (diags hcl.Diagnostics) {
	declared := slices.Collect(maps.Keys(f.root.variableByName))
	for _, name := range slices.Sorted(maps.Keys(in.Vars)) {
		if f.root.variableByName[name] == nil {
			diags = append(diags, complaint(fmt.Sprintf("unknown variable %q", name), "--var %s=… is given, but no such variable is declared.%s", name, didYouMean(name, declared)))
		}
	}
	return diags
}

// variable gives the value of a variable, or cty.NilVal after reporting why there is none.
func (e *evaluation) variable(v *variable, used hcl.Range) cty.Value {
	if value, known := e.vars[v]; known {
		return value
	}
	given := e.decideVariable(v, used)
	if v.sensitive && given.value != cty.NilVal {
		plain, _ := given.value.UnmarkDeep()
		e.concealed.conceal(plain)
		given.value = plain.Mark(sensitive{})
	}
	e.vars[v] = given.value
	if given.value != cty.NilVal && !e.validate(v, given.at) {
		e.vars[v] = cty.NilVal
	}
	return e.vars[v]
}

// givenTo is a variable's value, cty.NilVal where it has none that can be used, and what a mistake in it points to.
type givenTo struct {
	value cty.Value
	at    hcl.Range
}

// decideVariable looks through the places of a value; the first that has one wins.
func (e *evaluation) decideVariable(v *variable, used hcl.Range) givenTo {
	given, found := e.outside(v)
	if found && (given.value == cty.NilVal || v.nullable || !given.value.IsNull()) {
		return given
	}
	if v.defaultValue == nil && v.mod.include != nil {
		e.report(problem(used, fmt.Sprintf("variable %q has no value", v.name),
			"It is declared without a default at %s. Give one: variables = { %s = … } in the include block at %s, or default = … in the variable's.",
			place(v.labelRange), v.name, place(v.mod.include.header)))
		return givenTo{}
	}
	if v.defaultValue == nil {
		e.report(problem(used, fmt.Sprintf("variable %q has no value", v.name),
			"It is declared without a default at %s. Give one: --var %s=… on the command line, %s = … in a file of --var-file or *%s, %s%s=… in the environment, or default = … in the block.",
			place(v.labelRange), v.name, v.name, AutoValues, environmentPrefix, v.name))
		return givenTo{}
	}
	value := e.defaultOf(v)
	if value != cty.NilVal && value.IsNull() && !v.nullable {
		e.report(problem(v.shown(v.defaultValue.expr.Range()), fmt.Sprintf("wrong default of variable %q", v.name), "It is null, and the block says nullable = false."))
		value = cty.NilVal
	}
	return givenTo{value: value, at: v.shown(v.defaultValue.expr.Range())}
}

// shown is the place of a value as a mistake in it may point to: the line of a sensitive one is not shown.
func (v *variable) shown(at hcl.Range) hcl.Range {
	if v.sensitive {
		return v.labelRange
	}
	return at
}

// AutoValues is what the names of the files end in that give values to variables by standing beside Tasks.hcl.
const AutoValues = ".auto.tasksvars"

// outside gives the value that comes from outside of the block.
func (e *evaluation) outside(v *variable) (givenTo, bool) {
	if value := v.mod.passed[v.name]; value != nil {
		return e.passedTo(v, value), true
	}
	if text, given := e.in.Vars[v.name]; given && v.mod == e.file.root {
		return e.givenText(v, text, "--var "+v.name), true
	}
	if value, given := v.mod.given[v.name]; given {
		return e.givenInFile(v, value), true
	}
	if text, given := e.in.Env(environmentPrefix + v.name); given && v.mod == e.file.root {
		return e.givenText(v, text, environmentPrefix+v.name), true
	}
	if value, found := v.mod.found[v.name]; found {
		return e.givenInFile(v, value), true
	}
	return givenTo{}, false
}

// isGiven says that a variable has a value from outside of the block.
func (e *evaluation) isGiven(v *variable) bool {
	_, flag := e.in.Vars[v.name]
	_, environment := e.in.Env(environmentPrefix + v.name)
	_, given := v.mod.given[v.name]
	_, found := v.mod.found[v.name]
	return given || found || v.mod.passed[v.name] != nil || v.mod == e.file.root && (flag || environment)
}

// defaultOf evaluates the default, as the declared type.
func (e *evaluation) defaultOf(v *variable) cty.Value {
	if v.defaultValue == nil {
		return cty.NilVal
	}
	value, ok := e.scope("", nil, Results{}).marked(*v.defaultValue)
	if !ok {
		return cty.NilVal
	}
	value, err := v.convert(value, v.typ)
	if err != nil {
		e.report(problem(v.shown(v.defaultValue.expr.Range()), fmt.Sprintf("wrong default of variable %q", v.name),
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
	if v.optional != nil && !plain.IsNull() {
		plain = v.optional.Apply(plain)
	}
	plain, err := convert.Convert(plain, want)
	if err != nil {
		return cty.NilVal, err
	}
	return plain.WithMarks(marks), nil
}

// wanted is the type that values from outside are read as.
func (e *evaluation) wanted(v *variable) cty.Type {
	if v.typ != cty.NilType {
		return v.typ
	}
	return typeLike(e.defaultOf(v))
}

// givenText reads text from outside as the variable's type.
func (e *evaluation) givenText(v *variable, text, from string) givenTo {
	want := e.wanted(v)
	value, err := readValue(text, want)
	if err == nil {
		value, err = v.convert(value, want)
	}
	if err != nil {
		e.report(problem(v.labelRange, fmt.Sprintf("wrong value for variable %q", v.name),
			"%s gives %s, which is not %s: %s.", from, v.quoted(text), article(want.FriendlyNameForConstraint()), err))
		return givenTo{}
	}
	return givenTo{value: value, at: v.labelRange}
}

// quoted is a value as a message may show it.
func (v *variable) quoted(text string) string {
	if v.sensitive {
		return "a value"
	}
	return fmt.Sprintf("%q", text)
}

// givenInFile makes the variable's type of a value in a file.
func (e *evaluation) givenInFile(v *variable, from fileValue) givenTo {
	at := v.shown(from.name)
	want := e.wanted(v)
	value, err := v.convert(from.value, want)
	if err != nil {
		e.report(problem(at, fmt.Sprintf("wrong value for variable %q", v.name),
			"The value at %s is not %s: %s.", place(from.name), article(want.FriendlyNameForConstraint()), err))
		return givenTo{}
	}
	return givenTo{value: value, at: at}
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
