package config

import (
	"slices"
	"strings"

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

// readOutputStyle reads that of a tasks block; empty: it says nothing.
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

// OutputStyle says how the output of a command is shown.
type OutputStyle string

// The styles.
const (
	// StyleStream passes it on as it comes.
	StyleStream OutputStyle = "stream"
	// StylePrefix puts the task's name before each line.
	StylePrefix OutputStyle = "prefix"
	// StyleGroup shows it in one piece, when the command has ended.
	StyleGroup OutputStyle = "group"
	// StyleQuiet shows it only where the command failed.
	StyleQuiet OutputStyle = "quiet"
)
