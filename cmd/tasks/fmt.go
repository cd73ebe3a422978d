package main

import (
	"github.com/spf13/cobra"

	"tasks/internal/format"
)

// codeFound is the exit code of `fmt --check` and `validate --strict` for a file with findings.
const codeFound = 1

func newFmtCommand(a *app) *cobra.Command {
	var mode format.Mode
	cmd := &cobra.Command{
		Use:   "fmt [flags] [FILES...]",
		Short: "Give the files of the language their canonical layout",
		RunE:  func(_ *cobra.Command, args []string) error { return runFmt(a, args, mode) },
	}
	cmd.Flags().BoolVar(&mode.IsCheck, "check", false,
		"write nothing; end with 1 where a file is not in its canonical layout")
	cmd.Flags().BoolVar(&mode.IsDiff, "diff", false, "print what changes")
	return cmd
}

// runFmt performs `tasks fmt`. All files are read and checked before the first write.
func runFmt(a *app, args []string, mode format.Mode) error {
	paths, err := formattedPaths(a, args)
	if err != nil {
		return err
	}
	files, err := format.Read(paths, a.stdin, a.env.DisplayPath)
	if err != nil {
		return usageError("%s", err)
	}
	if files.Diagnostics.HasErrors() {
		return &exitError{code: codeUsage, err: &diagnosticsError{files.HCL, files.Diagnostics}}
	}
	if err = a.printDiagnostics(files.HCL, files.Diagnostics); err != nil {
		return err
	}
	isChanged, err := files.Write(a.printer, mode)
	if err == nil && mode.IsCheck && isChanged {
		return exitStatus(codeFound)
	}
	return err
}

// formattedPaths returns the files of the command line, else the task files.
func formattedPaths(a *app, args []string) (paths []string, err error) {
	if len(args) == 0 {
		return a.config().TaskFiles()
	}
	for _, name := range args {
		if name != format.Stdin {
			name = a.env.AbsolutePath(name)
		}
		paths = append(paths, name)
	}
	return paths, nil
}
