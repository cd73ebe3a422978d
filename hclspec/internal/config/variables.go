package config

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

// DiagnosticRange is the place of a value as a mistake in it may point to: the line of a sensitive one is not shown.
func (v *Variable) DiagnosticRange(at hcl.Range) hcl.Range {
	if v.IsSensitive {
		return v.LabelRange
	}
	return at
}

// Convert makes a value of the declared type, filling in the defaults of optional attributes.
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

// QuotedValue is a value as a message may show it.
func (v *Variable) QuotedValue(text string) string {
	if v.IsSensitive {
		return "a value"
	}
	return fmt.Sprintf("%q", text)
}
