package view

import (
	"os"
	"strings"

	"tasks/hclspec"
	"tasks/internal/plaintext"
	"tasks/planner"
)

// maxPrefixWidth is the width up to which names are padded.
const maxPrefixWidth = 20

// prefixes are the names before the lines of the tasks of a plan. At a terminal the names have one width, and colours.
type prefixes struct {
	width int
	// colors has the colour of each task, by name.
	colors map[string]string
}

// prefixColors are readable on light and dark backgrounds. Red and yellow are for failures and warnings.
func prefixColors() []string { return []string{"36", "32", "35", "34", "96", "92", "95", "94"} }

// newPrefixes chooses the width and the colours for the tasks of a plan with style prefix.
func (c *Output) newPrefixes(plan *planner.Plan) prefixes {
	p := prefixes{colors: map[string]string{}}
	for _, s := range plan.Steps {
		if !planner.RunsCommand(s) || c.styleOf(planner.TaskOf(s)) != hclspec.StylePrefix {
			continue
		}
		name := planner.TaskOf(s).Name
		if columns := columns(plaintext.Escape(name)); columns <= maxPrefixWidth {
			p.width = max(p.width, columns)
		}
		if p.colors[name] == "" {
			p.colors[name] = prefixColors()[len(p.colors)%len(prefixColors())]
		}
	}
	return p
}

// prefixOf returns the text before the lines of a task in a file. name is the masked and escaped name.
func (c *Output) prefixOf(task *hclspec.Task, name string, file *os.File) string {
	if !c.isTerminal(file) {
		return name + " | "
	}
	text := name + strings.Repeat(" ", max(0, c.prefixes.width-columns(name))) + " |"
	if code := c.prefixes.colors[task.Name]; code != "" && c.NoticePrinter != nil {
		text = c.paint(code, text)
	}
	return text + " "
}

// isTerminal reports whether a stream of the output is a terminal.
func (c *Output) isTerminal(file *os.File) bool {
	return file == c.Out && c.isOutTerminal || file == c.Err && c.isErrTerminal
}
