package view

import (
	"strconv"
	"strings"
)

// buildProgress turns the plain lines of BuildKit into text for people: "[2/4] npm install" instead of "#5 0.296 npm
// install". The zero value is a build without lines.
type buildProgress struct {
	// titles are the steps of the Dockerfile by the number of BuildKit: "[2/4] RUN npm install".
	titles map[string]string
	text   string
}

// add records a line, and returns the text to show.
func (b *buildProgress) add(line string) string {
	number, rest, isNumbered := strings.Cut(line, " ")
	if !isNumbered || !strings.HasPrefix(number, "#") {
		b.text = line
		return b.text
	}
	if strings.HasPrefix(rest, "[") {
		if b.titles == nil {
			b.titles = map[string]string{}
		}
		b.titles[number], b.text = rest, rest
		return b.text
	}
	at, output, isOutput := strings.Cut(rest, " ")
	if _, err := strconv.ParseFloat(at, 64); err != nil || !isOutput || strings.TrimSpace(output) == "" {
		return b.text // DONE, CACHED, the size of a layer
	}
	position, _, _ := strings.Cut(b.titles[number], "]")
	if position != "" {
		position += "] "
	}
	b.text = position + output
	return b.text
}
