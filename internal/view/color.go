package view

import "strings"

const (
	red    = "31"
	yellow = "33"
	green  = "32"
	cyan   = "36"
	bold   = "1"
	dim    = "2"
)

// paintText gives the first line of a text a colour.
func paintText(hasColor bool, code, text string) string {
	if !hasColor {
		return text
	}
	first, rest, hasRest := strings.Cut(text, "\n")
	painted := "\x1b[" + code + "m" + first + "\x1b[0m"
	if hasRest {
		painted += "\n" + rest
	}
	return painted
}
