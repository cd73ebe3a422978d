package config

import (
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"tasks/hclspec/internal/diag"
	"tasks/hclspec/internal/nesting"
)

// VariableFiles are files with values of variables: `name = value` in the syntax of the language, without names
// and calls.
type VariableFiles struct {
	// Explicit are the files of --var-file, in order. A later file wins, and all win over the environment.
	Explicit []Source
	// Automatic are the *.auto.tasksvars beside Tasks.hcl, in order. A later file wins. The environment wins over
	// all.
	Automatic []Source
}

// VariableFileValue is the value of a variable in a file.
type VariableFileValue struct {
	Value cty.Value
	// NameRange is the place of the name in the file.
	NameRange hcl.Range
}

// readValueFiles returns the last value of each name.
func (d *declarer) readValueFiles(sources []Source) map[string]VariableFileValue {
	values := map[string]VariableFileValue{}
	for _, source := range sources {
		d.file.addSource(source)
		file, diags := nesting.ParseFile(source.Bytes, source.Name, nil)
		// Any line may have a secret, with a wrong name too. So the file stays out of the sources for messages.
		if first := diag.FirstError(diags); first != nil {
			diag.AddParserData(first, source.Name, source.Bytes)
			d.report(first)
			continue
		}
		body := file.Body.(*hclsyntax.Body)
		for _, block := range body.Blocks {
			d.report(diag.ErrorAt(block.TypeRange, fmt.Sprintf("%q is a block", block.Type),
				"A file of values holds `name = value` only."))
		}
		for _, a := range sortedAttributes(body) {
			if value, ok := d.readVariableValue(a); ok {
				values[a.Name] = VariableFileValue{Value: value, NameRange: a.NameRange}
			}
		}
	}
	return values
}

func (d *declarer) readVariableValue(a *hclsyntax.Attribute) (cty.Value, bool) {
	if d.file.Root.VariableByName[a.Name] == nil {
		declared := slices.Collect(maps.Keys(d.file.Root.VariableByName))
		d.report(diag.ErrorAt(a.NameRange, fmt.Sprintf("unknown variable %q", a.Name), "No such variable is declared.%s",
			diag.DidYouMean(a.Name, declared)))
		return cty.NilVal, false
	}
	value, diags := a.Expr.Value(nil)
	if diags.HasErrors() {
		detail := "A file of values holds constants only: text in quotes, numbers, true, false, null, lists and maps. "
		at := a.Expr.Range()
		if v := d.file.Root.VariableByName[a.Name]; v.IsSensitive {
			d.report(diag.ErrorAt(v.DiagnosticRange(at), fmt.Sprintf("wrong value for variable %q", a.Name),
				"%sThis one stands at %s.", detail, diag.Place(at)))
			return cty.NilVal, false
		}
		d.report(diag.ErrorAt(at, fmt.Sprintf("wrong value for variable %q", a.Name), "%s%s", detail, diags[0].Detail))
		return cty.NilVal, false
	}
	return value, true
}
