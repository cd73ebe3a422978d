package hcltext

import (
	"strings"

	"github.com/zclconf/go-cty/cty"

	"tasks/hclspec/internal/ctyconv"
	"tasks/hclspec/internal/secret"
)

// Value writes a value as an expression, with a line for each element. Marked values are masked, and unknown
// values have a note.
func Value(v cty.Value) string {
	ty := v.Type()
	switch {
	case v.IsMarked():
		return secret.Masked
	case !v.IsKnown():
		return "(known after the run)"
	case v.IsNull():
		return "null"
	case ty == cty.String:
		return Quote(v.AsString())
	case ty == cty.Number:
		return v.AsBigFloat().Text('f', -1)
	case ty == cty.Bool:
		if v.True() {
			return "true"
		}
		return "false"
	case ty.IsSetType():
		return "toset(" + sequenceText(v) + ")"
	case ctyconv.IsSequence(ty):
		return sequenceText(v)
	}
	return mappingText(v)
}

func sequenceText(v cty.Value) string {
	if v.LengthInt() == 0 {
		return "[]"
	}
	var b strings.Builder
	for it := v.ElementIterator(); it.Next(); {
		_, element := it.Element()
		b.WriteString("  " + indentedText(element) + ",\n")
	}
	return "[\n" + b.String() + "]"
}

func mappingText(v cty.Value) string {
	if v.LengthInt() == 0 {
		return "{}"
	}
	var list []Assignment
	for it := v.ElementIterator(); it.Next(); {
		key, element := it.Element()
		list = append(list, Assignment{keyText(key.AsString()), Value(element)})
	}
	var b strings.Builder
	WriteAssignments(&b, "  ", list)
	return "{\n" + b.String() + "}"
}

func indentedText(v cty.Value) string {
	return strings.ReplaceAll(Value(v), "\n", "\n  ")
}
