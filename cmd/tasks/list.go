package main

import (
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"
)

func newListCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the tasks",
		Args:  cobra.NoArgs,
		RunE:  func(*cobra.Command, []string) error { return a.list() },
	}
}

// list prints names and descriptions in the order of the file. It reads no compose file and asks no engine, and answers
// from a file with errors, after telling of them.
func (a *app) list() error {
	ws, err := a.open()
	if ws == nil {
		return err
	}
	table := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	for _, t := range ws.file.Tasks() {
		if t.Description == "" {
			fmt.Fprintln(table, t.Name)
			continue
		}
		fmt.Fprintf(table, "%s\t%s\n", t.Name, t.Description)
	}
	if flushErr := table.Flush(); flushErr != nil {
		return &exitError{code: codeRunFailed, err: flushErr}
	}
	return err
}
