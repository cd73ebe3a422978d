package main

import (
	"slices"

	"github.com/spf13/cobra"

	"tasks/hclspec"
	"tasks/internal/view"
	"tasks/internal/workspace"
)

func newListCommand(a *app) *cobra.Command {
	var l listOptions
	cmd := &cobra.Command{
		Use:   "list [flags] [WORDS...]",
		Short: "List the tasks",
		RunE: func(_ *cobra.Command, words []string) error {
			l.words = words
			return runList(a, l)
		},
	}
	cmd.Flags().BoolVar(&l.includeHidden, "all", false, "list hidden tasks too")
	cmd.Flags().BoolVar(&l.asJSON, "json", false, "print JSON")
	return cmd
}

// listOptions are the flags of `tasks list`. words select tasks.
type listOptions struct {
	includeHidden, asJSON bool
	words                 []string
}

// runList performs `tasks list`: it prints names and descriptions in the order of the file, without compose files and
// without the engine. A file with errors still gives a list, after the errors.
func runList(a *app, l listOptions) error {
	ws, diags, err := workspace.OpenChecked(a.config())
	if err != nil {
		return err
	}
	if err := a.printDiagnostics(ws.SourceFiles(), diags); err != nil {
		return err
	}
	tasks := view.MatchingTasks(visibleTasks(ws.File.Tasks(), l.includeHidden), l.words)
	if l.asJSON {
		err = view.PrintJSON(a.printer, view.NewListDocument(ws.File, ws.InputsWithoutCompose(), tasks))
	} else {
		style := view.ListStyle{Color: a.usesColorAt(a.printer.HasTerminalStdout()), Width: a.printer.StdoutWidth()}
		err = view.PrintTaskList(a.printer, tasks, style)
	}
	if len(tasks) == 0 && len(l.words) > 0 {
		a.printer.PrintNoMatch(l.words)
	}
	if err != nil {
		return runFailed(err)
	}
	return exitStatus(diagnosticsCode(diags))
}

// visibleTasks returns the tasks without hidden tasks, unless includeHidden is set.
func visibleTasks(tasks []hclspec.TaskInfo, includeHidden bool) []hclspec.TaskInfo {
	return slices.DeleteFunc(slices.Clone(tasks), func(t hclspec.TaskInfo) bool { return t.Hidden && !includeHidden })
}
