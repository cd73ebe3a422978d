package main

import (
	"slices"

	"github.com/spf13/cobra"

	"tasks/hclspec"
	"tasks/internal/view"
)

func newListCommand(a *app) *cobra.Command {
	var l listOptions
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the tasks",
		Args:  cobra.NoArgs,
		RunE:  func(*cobra.Command, []string) error { return a.list(l) },
	}
	cmd.Flags().BoolVar(&l.includeHidden, "all", false, "list hidden tasks too")
	cmd.Flags().BoolVar(&l.asJSON, "json", false, "print JSON")
	return cmd
}

// listOptions are the flags of `tasks list`: hidden tasks too, and for programs.
type listOptions struct{ includeHidden, asJSON bool }

// list prints names and descriptions in the order of the file, those with a group under its name. It reads no compose file
// and asks no engine, and answers from a file with errors, after telling of them.
func (a *app) list(l listOptions) error {
	ws, err := a.openWorkspace()
	if ws == nil {
		return err
	}
	tasks := visibleTasks(ws.File.Tasks(), l.includeHidden)
	var printErr error
	if l.asJSON {
		printErr = view.PrintJSON(a.printer, view.NewListDocument(tasks))
	} else {
		printErr = view.PrintTaskList(a.printer, tasks)
	}
	if printErr != nil {
		return &exitError{code: codeRunFailed, err: printErr}
	}
	return err
}

// visibleTasks leaves out what is hidden.
func visibleTasks(tasks []hclspec.TaskInfo, includeHidden bool) []hclspec.TaskInfo {
	return slices.DeleteFunc(slices.Clone(tasks), func(t hclspec.TaskInfo) bool { return t.Hidden && !includeHidden })
}
