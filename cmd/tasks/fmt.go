package main

import (
	"bytes"
	"io"
	"os"

	"github.com/hashicorp/hcl/v2"
	"github.com/spf13/cobra"

	"tasks/hclspec"
	"tasks/internal/format"
	"tasks/internal/view"
)

// codeFound is the exit code of `fmt --check` and `validate --strict` for a file with findings.
const codeFound = 1

func newFmtCommand(a *app) *cobra.Command {
	f := fmtCommand{app: a}
	cmd := &cobra.Command{
		Use:   "fmt [flags] [FILES...]",
		Short: "Give the files of the language their canonical layout",
		RunE:  func(_ *cobra.Command, args []string) error { return f.run(args) },
	}
	cmd.Flags().BoolVar(&f.isCheck, "check", false,
		"write nothing; end with 1 where a file is not in its canonical layout")
	cmd.Flags().BoolVar(&f.isDiff, "diff", false, "print what changes")
	return cmd
}

// fmtCommand is one call of `tasks fmt`.
type fmtCommand struct {
	app             *app
	isCheck, isDiff bool
}

// layout holds a file before and after the formatting.
type layout struct {
	// path is absolute, and empty for stdin. name is the name of the file in messages.
	path, name    string
	before, after []byte
}

func (l layout) isChanged() bool { return !bytes.Equal(l.before, l.after) }

// run formats the files. All files are read and checked before the first write.
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
		return exitStatus(codeFound)
	}
	return nil
}

// read returns the files before and after the formatting.
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
		if layouts[i].before = text; !allDiags.HasErrors() {
			layouts[i].after = format.Source(text)
		}
	}
	if allDiags.HasErrors() {
		return nil, &exitError{code: codeUsage, err: &diagnosticsError{files, allDiags}}
	}
	return layouts, f.app.printDiagnostics(files, allDiags)
}

// inputFiles returns the files of the command line, else the task files.
func (f *fmtCommand) inputFiles(args []string) ([]layout, error) {
	var layouts []layout
	for _, name := range args {
		if name == "-" {
			layouts = append(layouts, layout{name: "<stdin>"})
			continue
		}
		path := f.app.env.AbsolutePath(name)
		layouts = append(layouts, layout{path: path, name: f.app.env.DisplayPath(path)})
	}
	if len(args) > 0 {
		return layouts, nil
	}
	paths, err := f.app.config().TaskFiles()
	for _, path := range paths {
		layouts = append(layouts, layout{path: path, name: f.app.env.DisplayPath(path)})
	}
	return layouts, err
}

func (f *fmtCommand) readSource(l layout) ([]byte, error) {
	if l.path == "" {
		return io.ReadAll(f.app.stdin)
	}
	return os.ReadFile(l.path)
}

// writeResult writes a changed file, and then prints the name or the changes.
func (f *fmtCommand) writeResult(l layout) error {
	if l.path == "" && !f.isCheck && !f.isDiff {
		return view.PrintSource(f.app.printer, l.after)
	}
	if !l.isChanged() {
		return nil
	}
	if l.path != "" && !f.isCheck {
		if err := format.Write(l.path, l.after); err != nil {
			return err
		}
	}
	if l.path != "" || f.isCheck {
		view.PrintFileName(f.app.printer, l.name)
	}
	if f.isDiff {
		return f.app.printer.PrintText(string(format.Diff(l.name, l.before, l.after)))
	}
	return nil
}
