package main

import (
	"bytes"
	"io"
	"os"

	"github.com/hashicorp/hcl/v2"
	"github.com/spf13/cobra"

	"tasks/hclspec"
	"tasks/internal/format"
)

// codeFound ends a command that was asked to find something, and has: `fmt --check`, `validate --strict`.
const codeFound = 1

func newFmtCommand(a *app) *cobra.Command {
	f := fmtCommand{app: a}
	cmd := &cobra.Command{
		Use:   "fmt [flags] [FILES...]",
		Short: "Give the files of the language their canonical layout",
		Long:  "Rewrite files of the language in their canonical layout, and print the names of those that have changed. Without FILES\nTasks.hcl with those beside it, or those of -f; - is stdin, whose layout goes to stdout. A file with a wrong syntax is not touched.",
		RunE:  func(_ *cobra.Command, args []string) error { return f.run(args) },
	}
	cmd.Flags().BoolVar(&f.isCheck, "check", false, "write nothing; end with 1 where a file is not in its canonical layout")
	cmd.Flags().BoolVar(&f.isDiff, "diff", false, "print what changes")
	return cmd
}

// fmtCommand is one call of `tasks fmt`.
type fmtCommand struct {
	app             *app
	isCheck, isDiff bool
}

// layout is one file before and after.
type layout struct {
	// path is absolute, empty for stdin; name is how messages call the file.
	path, name    string
	before, after []byte
}

func (l layout) isChanged() bool { return !bytes.Equal(l.before, l.after) }

// run reads and checks all files before it writes the first.
func (f *fmtCommand) run(args []string) error {
	layouts, err := f.read(args)
	if err != nil {
		return err
	}
	anyChanged := false
	for _, l := range layouts {
		anyChanged = anyChanged || l.isChanged()
		if err := f.writeResult(l); err != nil {
			return &exitError{code: codeUsage, err: err}
		}
	}
	if f.isCheck && anyChanged {
		return &exitError{code: codeFound}
	}
	return nil
}

// read gives the files as they are and as they are to be.
func (f *fmtCommand) read(args []string) ([]layout, error) {
	layouts, err := f.inputFiles(args)
	if err != nil {
		return nil, err
	}
	var allDiags hcl.Diagnostics
	files := map[string]*hcl.File{}
	for i, l := range layouts {
		text, err := f.readSource(l)
		if err != nil {
			return nil, usageError("%s", err)
		}
		file, diags := hclspec.CheckSyntax(hclspec.Source{Name: l.name, Path: l.path, Bytes: text})
		files[l.name], allDiags = file, append(allDiags, diags...)
		layouts[i].before, layouts[i].after = text, format.Source(text)
	}
	return layouts, f.app.printDiagnostics(files, allDiags)
}

// inputFiles are the files that the command line names, else those that the other commands read.
func (f *fmtCommand) inputFiles(args []string) ([]layout, error) {
	var layouts []layout
	for _, name := range args {
		if name == "-" {
			layouts = append(layouts, layout{name: "<stdin>"})
			continue
		}
		layouts = append(layouts, layout{path: f.app.absolutePath(name), name: f.app.displayPath(f.app.absolutePath(name))})
	}
	if len(args) > 0 {
		return layouts, nil
	}
	paths, err := f.app.taskFilePaths()
	for _, path := range paths {
		layouts = append(layouts, layout{path: path, name: f.app.displayPath(path)})
	}
	return layouts, err
}

func (f *fmtCommand) readSource(l layout) ([]byte, error) {
	if l.path == "" {
		return io.ReadAll(f.app.stdin)
	}
	return os.ReadFile(l.path)
}

// writeResult tells of a file that changes, and writes it.
func (f *fmtCommand) writeResult(l layout) error {
	if l.path == "" && !f.isCheck && !f.isDiff {
		return f.app.printer.PrintText(string(l.after))
	}
	if !l.isChanged() {
		return nil
	}
	if l.path != "" || f.isCheck {
		f.app.printer.PrintLine(l.name)
	}
	if f.isDiff {
		f.app.printer.PrintDiff(format.Diff(l.name, l.before, l.after))
	}
	if f.isCheck || l.path == "" {
		return nil
	}
	return format.Write(l.path, l.after)
}
