package config

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

// DiagnosticRange returns the place for a mistake in a value. For a sensitive variable this is the label: the line
// with the value is not shown.
func (v *Variable) DiagnosticRange(at hcl.Range) hcl.Range {
	if v.IsSensitive {
		return v.LabelRange
	}
	return at
}

// Convert converts a value to the declared type, with the defaults of optional attributes.
func (v *Variable) Convert(value cty.Value, want cty.Type) (cty.Value, error) {
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

// QuotedValue returns a value for a message. A sensitive value is left out.
func (v *Variable) QuotedValue(text string) string {
	if v.IsSensitive {
		return "a value"
	}
	return fmt.Sprintf("%q", text)
}
