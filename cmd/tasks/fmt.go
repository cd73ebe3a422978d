package main

import (
	"bytes"
	"fmt"
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
	f := formatting{app: a}
	cmd := &cobra.Command{
		Use:   "fmt [flags] [FILES...]",
		Short: "Give the files of the language their canonical layout",
		Long:  "Rewrite files of the language in their canonical layout, and print the names of those that have changed. Without FILES\nTasks.hcl with those beside it, or those of -f; - is stdin, whose layout goes to stdout. A file with a wrong syntax is not touched.",
		RunE:  func(_ *cobra.Command, args []string) error { return f.run(args) },
	}
	cmd.Flags().BoolVar(&f.check, "check", false, "write nothing; end with 1 where a file is not in its canonical layout")
	cmd.Flags().BoolVar(&f.diff, "diff", false, "print what changes")
	return cmd
}

// formatting is one call of `tasks fmt`.
type formatting struct {
	app         *app
	check, diff bool
}

// layout is one file before and after.
type layout struct {
	// path is absolute, empty for stdin; name is how messages call the file.
	path, name    string
	before, after []byte
}

func (l layout) changed() bool { return !bytes.Equal(l.before, l.after) }

// run reads and checks all files before it writes the first.
func (f *formatting) run(args []string) error {
	layouts, err := f.read(args)
	if err != nil {
		return err
	}
	changed := false
	for _, l := range layouts {
		changed = changed || l.changed()
		if err := f.give(l); err != nil {
			return &exitError{code: codeUsage, err: err}
		}
	}
	if f.check && changed {
		return &exitError{code: codeFound}
	}
	return nil
}

// read gives the files as they are and as they are to be.
func (f *formatting) read(args []string) ([]layout, error) {
	layouts, err := f.named(args)
	if err != nil {
		return nil, err
	}
	var mistakes hcl.Diagnostics
	files := map[string]*hcl.File{}
	for i, l := range layouts {
		text, err := f.text(l)
		if err != nil {
			return nil, usageError("%s", err)
		}
		file, diags := hclspec.Syntax(hclspec.Source{Name: l.name, Path: l.path, Bytes: text})
		files[l.name], mistakes = file, append(mistakes, diags...)
		layouts[i].before, layouts[i].after = text, format.Source(text)
	}
	return layouts, f.app.diagnose(files, mistakes)
}

// named are the files that the command line names, else those that the other commands read.
func (f *formatting) named(args []string) ([]layout, error) {
	var layouts []layout
	for _, name := range args {
		if name == "-" {
			layouts = append(layouts, layout{name: "<stdin>"})
			continue
		}
		layouts = append(layouts, layout{path: f.app.path(name), name: f.app.display(f.app.path(name))})
	}
	if len(args) > 0 {
		return layouts, nil
	}
	paths, err := f.app.taskFiles()
	for _, path := range paths {
		layouts = append(layouts, layout{path: path, name: f.app.display(path)})
	}
	return layouts, err
}

func (f *formatting) text(l layout) ([]byte, error) {
	if l.path == "" {
		return io.ReadAll(f.app.stdin)
	}
	return os.ReadFile(l.path)
}

// give tells of a file that changes, and writes it.
func (f *formatting) give(l layout) error {
	out := f.app.stdout
	if l.path == "" && !f.check && !f.diff {
		_, err := out.Write(l.after)
		return err
	}
	if !l.changed() {
		return nil
	}
	if l.path != "" || f.check {
		fmt.Fprintln(out, l.name)
	}
	if f.diff {
		fmt.Fprintf(out, "%s", format.Diff(l.name, l.before, l.after))
	}
	if f.check || l.path == "" {
		return nil
	}
	return format.Write(l.path, l.after)
}
