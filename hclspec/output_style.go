package hclspec

import (
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"tasks/hclspec/internal/ctyconv"
	"tasks/hclspec/internal/diag"
)

// OutputStyles are the values of output_style.
func OutputStyles() []string {
	return []string{string(StyleStream), string(StylePrefix), string(StyleGroup), string(StyleQuiet)}
}

// ParseOutputStyle takes one of them.
func ParseOutputStyle(text string) (OutputStyle, error) {
	if !slices.Contains(OutputStyles(), text) {
		return "", diag.Errorf("%q is no way to show output: there are %s.%s", text, strings.Join(OutputStyles(), ", "), diag.DidYouMean(text, OutputStyles()))
	}
	return OutputStyle(text), nil
}

func setOutputStyle(d *taskDraft, v cty.Value) error {
	text, err := ctyconv.AsText(v)
	if err == nil {
		d.task.OutputStyle, err = ParseOutputStyle(text)
	}
	return err
}

// readOutputStyle reads that of a tasks block; empty: it says nothing.
func (c *checker) readOutputStyle(a *decodedAttribute) OutputStyle {
	if a == nil || isNull(a.expr) {
		return ""
	}
	text, literal := literalString(a.expr)
	if !literal {
		c.literalText(a) // says so
		return ""
	}
	style, err := ParseOutputStyle(text)
	if err != nil {
		c.report(wrongValueError(a, err))
	}
	return style
}

// outputStyleConflict names the attribute with which a task's output cannot be shown in another way than as it comes; empty: there is
// none.
func outputStyleConflict(t *Task) string {
	switch {
	case t.Detach:
		return "detach"
	case t.TTY == TTYAlways && t.OutputStyle != StyleStream:
		return "tty"
	}
	return ""
}
