package composefile

import (
	"bytes"
	"errors"
	"io"

	"go.yaml.in/yaml/v4"
)

// File is a compose file.
type File struct {
	// Path is absolute.
	Path    string
	Content []byte
	// Documents are the YAML documents before the first syntax error.
	Documents []*yaml.Node
	// Err is the syntax error.
	Err error
}

// Parse reads the YAML documents of a file.
func Parse(path string, content []byte) *File {
	f := &File{Path: path, Content: content}
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	for {
		var root yaml.Node
		err := decoder.Decode(&root)
		if errors.Is(err, io.EOF) {
			return f
		}
		if err != nil {
			f.Err = err
			return f
		}
		moveIntoFile(&root, content)
		f.Documents = append(f.Documents, &root)
	}
}

// moveIntoFile moves the place of an empty document to the last line: YAML places a document without text, as in
// "---" at the end, behind the file.
func moveIntoFile(root *yaml.Node, content []byte) {
	if len(root.Content) != 1 || root.Content[0].Tag != "!!null" {
		return
	}
	text, last := bytes.ReplaceAll(content, []byte("\r\n"), []byte("\n")), 1
	for _, lineBreak := range []string{"\n", "\r", "\u0085", "\u2028", "\u2029"} {
		last += bytes.Count(text, []byte(lineBreak))
	}
	for _, node := range []*yaml.Node{root, root.Content[0]} {
		if node.Line > last {
			node.Line, node.Column = last, 1
		}
	}
}

// lineCount returns the number of lines of the file.
func (f *File) lineCount() int {
	return bytes.Count(bytes.TrimRight(f.Content, "\n"), []byte("\n")) + 1
}

func (f *File) line(number int) []byte { return []byte(Line(f.Content, number)) }

// Line returns a line of a file, counted from 1.
func Line(content []byte, number int) string {
	start, end := lineBounds(content, number)
	return string(content[start:end])
}

// lineBounds returns the offsets of a line without its line break.
func lineBounds(content []byte, number int) (start, end int) {
	for ; number > 1; number-- {
		next := bytes.IndexByte(content[start:], '\n')
		if next < 0 {
			return len(content), len(content)
		}
		start += next + 1
	}
	if length := bytes.IndexByte(content[start:], '\n'); length >= 0 {
		return start, start + length
	}
	return start, len(content)
}
