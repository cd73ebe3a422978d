package main

import (
	"cmp"
	"slices"

	"github.com/spf13/cobra"

	"tasks/hclspec"
	"tasks/internal/view"
	"tasks/internal/workflow"
)

// docsOptions are the flags of `tasks docs`.
type docsOptions struct {
	format, output, title string
	isCheck               bool
}

func newDocsCommand(a *app) *cobra.Command {
	var o docsOptions
	cmd := &cobra.Command{
		Use:   "docs",
		Short: "Print a page about the tasks for the team, as Markdown or HTML",
		Args:  noArgs,
		RunE:  func(*cobra.Command, []string) error { return runDocs(a, o) },
	}
	cmd.Flags().StringVar(&o.format, "format", "",
		"`FORMAT` of the page: markdown or html (default: by the name of the file)")
	cmd.Flags().StringVarP(&o.output, "output", "o", "", "write the page to a `FILE`")
	cmd.Flags().StringVar(&o.title, "title", "Tasks", "`TEXT` at the top of the page")
	cmd.Flags().BoolVar(&o.isCheck, "check", false, "write nothing; end with 1 if the file of --output is not up to date")
	return cmd
}

// runDocs performs `tasks docs`.
func runDocs(a *app, o docsOptions) error {
	switch {
	case o.isCheck && o.output == "":
		return usageError("--check needs the file: add --output FILE")
	case o.format != "" && !slices.Contains(workflow.Formats(), o.format):
		return usageError("%s", hclspec.NotOneOf("--format", o.format, workflow.Formats()))
	}
	ws, err := a.openWorkspace(a.config().Offline())
	if err != nil {
		return err
	}
	needs, err := ws.ServiceDependencies()
	if err := a.report(ws, nil, err); err != nil {
		return err
	}
	page := workflow.New(o.title, ws.File, needs)
	text, err := page.Text(cmp.Or(o.format, workflow.FormatOf(o.output)))
	if err != nil || o.output == "" {
		return runFailed(cmp.Or(err, view.PrintSource(a.printer, []byte(text))))
	}
	path := a.env.AbsolutePath(o.output)
	if !o.isCheck {
		return runFailed(workflow.WriteFile(path, text))
	}
	isUpToDate, err := workflow.IsUpToDate(path, text)
	if err == nil && !isUpToDate {
		view.PrintFileName(a.printer, o.output)
		return exitStatus(codeFound)
	}
	return runFailed(err)
}
