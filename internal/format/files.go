package format

import (
	"bytes"
	"io"
	"os"

	"github.com/hashicorp/hcl/v2"

	"tasks/hclspec"
	"tasks/internal/view"
)

// Files are files of the language, with their text before and after the formatting.
type Files struct {
	layouts []layout
	// HCL and Diagnostics are for the text of diagnostics.
	HCL         map[string]*hcl.File
	Diagnostics hcl.Diagnostics
}

// Stdin is the name of stdin on the command line.
const Stdin = "-"

// Mode says what Files.Write does with changed files. The zero Mode writes the files.
type Mode struct {
	// IsCheck writes no file. IsDiff prints the changes.
	IsCheck, IsDiff bool
}

// layout holds a file before and after the formatting.
type layout struct {
	// path is absolute, and Stdin for stdin. name is the name of the file in messages.
	path, name    string
	before, after []byte
}

func (l layout) isStdin() bool { return l.path == Stdin }

func (l layout) isChanged() bool { return !bytes.Equal(l.before, l.after) }

// Read reads and formats files. displayPath returns the name of a path in messages. Files with wrong syntax give
// diagnostics; then no file may be written.
func Read(paths []string, stdin io.Reader, displayPath func(string) string) (*Files, error) {
	f := &Files{HCL: map[string]*hcl.File{}}
	for _, path := range paths {
		l, source := layout{path: path}, hclspec.Source{}
		var err error
		if l.isStdin() {
			l.name = "<stdin>"
			l.before, err = io.ReadAll(stdin)
		} else {
			l.name, source.Path = displayPath(path), path
			l.before, err = os.ReadFile(path)
		}
		if err != nil {
			return nil, err
		}
		source.Name, source.Bytes = l.name, l.before
		file, diags := hclspec.CheckSyntax(source)
		f.HCL[l.name], f.Diagnostics = file, append(f.Diagnostics, diags...)
		if !diags.HasErrors() {
			l.after = Source(l.before)
		}
		f.layouts = append(f.layouts, l)
	}
	return f, nil
}

// Write writes the changed files, and prints their names or their changes. isChanged reports whether a file was not in
// the canonical layout.
func (f *Files) Write(p *view.Printer, mode Mode) (isChanged bool, err error) {
	for _, l := range f.layouts {
		isChanged = isChanged || l.isChanged()
		if err := l.write(p, mode); err != nil {
			return isChanged, err
		}
	}
	return isChanged, nil
}

// write writes a changed file, and then prints the name or the changes.
func (l layout) write(p *view.Printer, mode Mode) error {
	if l.isStdin() && mode == (Mode{}) {
		return view.PrintSource(p, l.after)
	}
	if !l.isChanged() {
		return nil
	}
	if !l.isStdin() && !mode.IsCheck {
		if err := Write(l.path, l.after); err != nil {
			return err
		}
	}
	if !l.isStdin() || mode.IsCheck {
		view.PrintFileName(p, l.name)
	}
	if mode.IsDiff {
		return p.PrintText(string(Diff(l.name, l.before, l.after)))
	}
	return nil
}
