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
		f.Documents = append(f.Documents, &root)
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
