package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

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
	write := func(out io.Writer, tasks []hclspec.TaskInfo) error {
		return writeList(out, sortedByGroup(tasks), indentedName)
	}
	if l.asJSON {
		write = func(out io.Writer, tasks []hclspec.TaskInfo) error {
			return view.WriteJSON(out, view.NewListDocument(tasks))
		}
	}
	if listErr := write(a.stdout, tasks); listErr != nil {
		return &exitError{code: codeRunFailed, err: listErr}
	}
	return err
}

// visibleTasks leaves out what is hidden.
func visibleTasks(tasks []hclspec.TaskInfo, includeHidden bool) []hclspec.TaskInfo {
	return slices.DeleteFunc(slices.Clone(tasks), func(t hclspec.TaskInfo) bool { return t.Hidden && !includeHidden })
}

// sortedByGroup puts tasks in the order in which a list shows them: those without a group first, then group by group, as the file
// first names them.
func sortedByGroup(tasks []hclspec.TaskInfo) []hclspec.TaskInfo {
	groups := []string{""}
	for _, t := range tasks {
		if !slices.Contains(groups, t.Group) {
			groups = append(groups, t.Group)
		}
	}
	ordered := slices.Clone(tasks)
	slices.SortStableFunc(ordered, func(x, y hclspec.TaskInfo) int {
		return slices.Index(groups, x.Group) - slices.Index(groups, y.Group)
	})
	return ordered
}

// writeList writes tasks that are in order, each group under its name. The last column is the same for all.
func writeList(out io.Writer, ordered []hclspec.TaskInfo, nameOf func(hclspec.TaskInfo) string) error {
	width := 0
	for _, t := range ordered {
		width = max(width, len(nameOf(t)))
	}
	var text strings.Builder
	group := ""
	for _, t := range ordered {
		if t.Group != group {
			group = t.Group
			text.WriteString("\n" + group + ":\n")
		}
		text.WriteString(strings.TrimRight(fmt.Sprintf("%-*s  %s", width, nameOf(t), descriptionText(t)), " ") + "\n")
	}
	_, err := io.WriteString(out, strings.TrimPrefix(text.String(), "\n"))
	return err
}

// indentedName is a task's name as a list shows it: a little to the right where a heading stands above.
func indentedName(t hclspec.TaskInfo) string {
	if t.Group == "" {
		return t.Name
	}
	return "  " + t.Name
}

// descriptionText is a task's description with its other names.
func descriptionText(t hclspec.TaskInfo) string {
	if len(t.Aliases) == 0 {
		return t.Description
	}
	noun := "alias"
	if len(t.Aliases) > 1 {
		noun = "aliases"
	}
	return strings.TrimSpace(fmt.Sprintf("%s [%s: %s]", t.Description, noun, strings.Join(t.Aliases, ", ")))
}
