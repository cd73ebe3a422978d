package hclspec

import (
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"tasks/hclspec/internal/diag"
)

// VariableFiles are files with values of variables: `name = value` in the syntax of the language, without names and calls.
type VariableFiles struct {
	// Explicit are those of --var-file, in order: a later one wins. They win over the environment.
	Explicit []Source
	// Automatic are the *.auto.tasksvars beside Tasks.hcl, in order: a later one wins. The environment wins over them.
	Automatic []Source
}

// variableFileValue is what a file says of a variable.
type variableFileValue struct {
	value cty.Value
	// name is the place of the name in the file.
	nameRange hcl.Range
}

// readValueFiles gives the last value of each name.
func (c *checker) readValueFiles(sources []Source) map[string]variableFileValue {
	values := map[string]variableFileValue{}
	for _, source := range sources {
		c.file.sourceOrder[source.Name] = len(c.file.sourceOrder)
		file, diags := hclsyntax.ParseConfig(source.Bytes, source.Name, hcl.InitialPos)
		first := diag.FirstError(diags)
		// Where a line may be that of a secret, none is shown.
		if first == nil || !slices.ContainsFunc(c.file.root.variables, func(v *variable) bool { return v.isSensitive }) {
			c.file.files[source.Name] = &hcl.File{Body: file.Body, Bytes: source.Bytes}
		}
		if first != nil {
			diag.AddParserData(first, source.Name, source.Bytes)
			c.report(first)
			continue
		}
		body := file.Body.(*hclsyntax.Body)
		for _, block := range body.Blocks {
			c.report(diag.ErrorAt(block.TypeRange, fmt.Sprintf("%q is a block", block.Type), "A file of values holds `name = value` only."))
		}
		for _, a := range sortedAttributes(body) {
			if value, ok := c.readVariableValue(a); ok {
				values[a.Name] = variableFileValue{value: value, nameRange: a.NameRange}
			}
		}
	}
	return values
}

func (c *checker) readVariableValue(a *hclsyntax.Attribute) (cty.Value, bool) {
	if c.file.root.variableByName[a.Name] == nil {
		declared := slices.Collect(maps.Keys(c.file.root.variableByName))
		c.report(diag.ErrorAt(a.NameRange, fmt.Sprintf("unknown variable %q", a.Name), "No such variable is declared.%s", diag.DidYouMean(a.Name, declared)))
		return cty.NilVal, false
	}
	value, diags := a.Expr.Value(nil)
	if diags.HasErrors() {
		detail := "A file of values holds constants only: text in quotes, numbers, true, false, null, lists and maps. "
		at := a.Expr.Range()
		if v := c.file.root.variableByName[a.Name]; v.isSensitive {
			c.report(diag.ErrorAt(v.diagnosticRange(at), fmt.Sprintf("wrong value for variable %q", a.Name), "%sThis one stands at %s.", detail, diag.Place(at)))
			return cty.NilVal, false
		}
		c.report(diag.ErrorAt(at, fmt.Sprintf("wrong value for variable %q", a.Name), "%s%s", detail, diags[0].Detail))
		return cty.NilVal, false
	}
	return value, true
}
