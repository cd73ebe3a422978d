package composefile

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// checkSyntax reports the syntax error of a file. The parser stops at the first error.
func (c *checker) checkSyntax(f *File) {
	if f.Err == nil {
		return
	}
	message, line, column := f.Err.Error(), 0, 0
	if failure, ok := errors.AsType[*yaml.LoadError](f.Err); ok {
		message, line, column = failure.Message, failure.Mark.Line, failure.Mark.Column
	}
	if last := f.lineCount(); line > last { // the file ends too early
		line, column = last, 0
	}
	if line == 0 {
		line, column = invalidBytePosition(f)
	}
	if tabs := tabLines(f); len(tabs) > 0 && isAboutTab(f, message, line) {
		c.reportTabs(f, tabs)
		return
	}
	c.report(Mistake{
		Path: f.Path, Line: line, Column: column, Message: "not valid YAML: " + message,
		Detail: syntaxRemedy(message),
	})
}

// invalidBytePosition returns the position of the first byte that YAML does not allow, else the last line.
func invalidBytePosition(f *File) (line, column int) {
	number := 0
	for text := range bytes.Lines(f.Content) {
		number++
		column := 0
		for len(text) > 0 {
			r, size := utf8.DecodeRune(text)
			column++
			isControl := unicode.IsControl(r) && r != '\t' && r != '\n' && r != '\r'
			if r == utf8.RuneError && size == 1 || isControl {
				return number, column
			}
			text = text[size:]
		}
	}
	return f.lineCount(), 0
}

// syntaxRemedy returns the probable cause of a syntax error, or an empty text.
func syntaxRemedy(message string) string {
	for _, remedy := range []struct{ part, text string }{
		{"mapping values are not allowed", "A value cannot hold another `key: value`. Indent the line as its neighbours " +
			"are indented, or quote a value with a colon."},
		{"did not find expected key", "Indent the keys of one mapping by the same number of spaces."},
		{"did not find expected '-' indicator", "Indent all items of a list by the same number of spaces."},
		{"could not find expected ':'", "A key needs a colon and a space after it, and a long text needs quotes."},
		{"cannot start any token", "Quote a value that begins with @, %, ` or a tab."},
		{"found unknown escape character", "In double quotes a backslash is special: write single quotes."},
		{"control characters", "Delete the character. Some editors show it as ^@ or not at all."},
		{"UTF-8", "Save the file in UTF-8."},
		{"unknown anchor", "Define the anchor with & earlier in the same file."},
		{"found unexpected end of stream", "A quote is not closed."},
	} {
		if strings.Contains(message, remedy.part) {
			return remedy.text
		}
	}
	return ""
}

// tabLines returns the lines with a tab in the indentation.
func tabLines(f *File) []int {
	var lines []int
	number := 0
	for line := range bytes.Lines(f.Content) {
		number++
		indentation := line[:len(line)-len(bytes.TrimLeft(line, " \t"))]
		if bytes.ContainsRune(indentation, '\t') {
			lines = append(lines, number)
		}
	}
	return lines
}

// isAboutTab reports whether a syntax error at a line comes from a tab. The parser finds some tabs only at the next
// line.
func isAboutTab(f *File, message string, line int) bool {
	if strings.Contains(message, "tab") {
		return true
	}
	for _, near := range []int{line, line - 1} {
		if near >= 1 && bytes.HasPrefix(bytes.TrimLeft(f.line(near), " "), []byte("\t")) {
			return true
		}
	}
	return false
}

// canMerge reports whether a value is a mapping, or a list of mappings.
func canMerge(value *yaml.Node) bool {
	for _, merged := range mergedMappings(value) {
		if merged = dereference(merged); merged == nil || merged.Kind != yaml.MappingNode {
			return false
		}
	}
	return true
}

func (c *checker) reportTabs(f *File, lines []int) {
	column := bytes.IndexByte(f.line(lines[0]), '\t') + 1
	m := Mistake{
		Path: f.Path, Line: lines[0], Column: column, Message: "a tab in the indentation",
		Detail: "YAML allows only spaces there.",
	}
	if rest := lines[1:]; len(rest) > 0 {
		const maxListed = 20
		var numbers []string
		for _, line := range rest[:min(len(rest), maxListed)] {
			numbers = append(numbers, strconv.Itoa(line))
		}
		m.Detail += " More tabs are in line " + strings.Join(numbers, ", ")
		if len(rest) > maxListed {
			m.Detail += fmt.Sprintf(" and %d others", len(rest)-maxListed)
		}
		m.Detail += "."
	}
	c.report(m)
}

// checkDuplicateKeys reports the repeated keys of all mappings below a node.
func (c *checker) checkDuplicateKeys(f *File, node *yaml.Node) {
	if node.Kind == yaml.MappingNode {
		first := map[string]*yaml.Node{}
		for i := 0; i+1 < len(node.Content); i += 2 {
			key := node.Content[i]
			if key.Value == mergeKey && !canMerge(node.Content[i+1]) {
				c.reportAt(f, key, "only mappings can be merged with <<", "Write `<<: *name`, or a list of such names.")
			}
			if key.Kind != yaml.ScalarNode {
				continue
			}
			if earlier := first[key.Value]; earlier != nil {
				c.reportAt(f, key, fmt.Sprintf("the key %q is already in line %d", key.Value, earlier.Line),
					"Write the key once, with the content of both.")
				continue
			}
			first[key.Value] = key
		}
	}
	for _, child := range node.Content {
		c.checkDuplicateKeys(f, child)
	}
}
