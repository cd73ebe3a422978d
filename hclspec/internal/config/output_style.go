package config

import (
	"slices"
	"strings"

	"tasks/hclspec/internal/diag"
)

// OutputStyles returns the values of output_style.
func OutputStyles() []string {
	return []string{string(StyleStream), string(StylePrefix), string(StyleGroup), string(StyleQuiet)}
}

// ParseOutputStyle parses a value of output_style.
func ParseOutputStyle(text string) (OutputStyle, error) {
	if !slices.Contains(OutputStyles(), text) {
		return "", diag.Errorf("unknown output style %q; valid: %s.%s", text, strings.Join(OutputStyles(), ", "),
			diag.DidYouMean(text, OutputStyles()))
	}
	return OutputStyle(text), nil
}

// readOutputStyle reads the style of a tasks block. Empty: the block has none.
func (l *literalReader) readOutputStyle(a *Attribute) OutputStyle {
	if a == nil || IsNull(a.Expr) {
		return ""
	}
	text, literal := LiteralString(a.Expr)
	if !literal {
		l.literalText(a) // says so
		return ""
	}
	style, err := ParseOutputStyle(text)
	if err != nil {
		l.report(WrongValueError(a, err))
	}
	return style
}

// OutputStyle tells how the output of a command is shown.
type OutputStyle string

// The output styles.
const (
	// StyleStream shows output at once, as the command writes it.
	StyleStream OutputStyle = "stream"
	// StylePrefix puts the task's name before each line.
	StylePrefix OutputStyle = "prefix"
	// StyleGroup shows all output together, after the end of the command.
	StyleGroup OutputStyle = "group"
	// StyleQuiet shows output of failed commands only.
	StyleQuiet OutputStyle = "quiet"
)
