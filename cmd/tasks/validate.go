package main

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/spf13/cobra"

	"tasks/internal/view"
	"tasks/internal/workspace"
)

func newValidateCommand(a *app) *cobra.Command {
	v := validation{app: a}
	cmd := &cobra.Command{
		Use:   "validate",
		Short: "Check everything that can be known without running",
		Args:  noArgs,
		RunE:  func(*cobra.Command, []string) error { return v.run() },
	}
	cmd.Flags().BoolVar(&v.asJSON, "json", false, "print the diagnostics as JSON")
	cmd.Flags().BoolVar(&v.isStrict, "strict", false, "end with 1 where there are warnings, though no errors")
	return cmd
}

// validation is one call of `tasks validate`.
type validation struct {
	app              *app
	asJSON, isStrict bool
}

// run checks the files, and returns the exit status of the command.
func (v *validation) run() error {
	if err := v.app.flags.CheckVars(); err != nil {
		return err
	}
	ws, _, err := workspace.Open(v.app.config().Offline())
	if err != nil {
		return err
	}
	diags := ws.Validate() // includes the diagnostics of the parser
	if err := v.print(ws, diags); err != nil {
		return err
	}
	switch {
	case diags.HasErrors():
		return exitStatus(codeUsage)
	case v.isStrict && len(diags) > 0:
		return exitStatus(codeFound)
	}
	return nil
}

// print prints the diagnostics: for people to stderr, for programs to stdout.
func (v *validation) print(ws *workspace.Workspace, diags hcl.Diagnostics) error {
	if v.asJSON {
		return view.PrintValidation(v.app.printer, diags)
	}
	if err := v.app.report(ws, diags, nil); err != nil {
		return err
	}
	view.PrintValid(v.app.printer, len(ws.File.Tasks()))
	return nil
}
