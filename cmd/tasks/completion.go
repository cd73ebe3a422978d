package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"tasks/hclspec"
	"tasks/internal/completion"
	"tasks/internal/view"
	"tasks/internal/workspace"
)

func newCompletionCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:       "completion SHELL",
		Short:     "Print a script that completes commands, flags and tasks: bash, zsh, fish or powershell",
		ValidArgs: completion.Shells(),
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 1 {
				if script, isKnown := completion.Script(args[0]); isKnown {
					return runFailed(view.PrintSource(a.printer, script))
				}
			}
			return usageError("which shell? Write `tasks completion bash`, zsh, fish or powershell")
		},
	}
}

// completer completes words of the command line. A completer prints nothing: the person is still typing.
type completer struct{ app *app }

// completeTasks completes the names of tasks for the first word, even in a file with errors. The other words are
// arguments of the task.
func (c completer) completeTasks(_ *cobra.Command, args []string, toComplete string) (
	[]cobra.Completion, cobra.ShellCompDirective,
) {
	args, toComplete = c.typedArgs(args, toComplete)
	ws := c.open()
	separator := slices.Index(args, tasksSeparator)
	switch {
	case ws == nil && len(args) > 0:
		return nil, cobra.ShellCompDirectiveDefault
	case ws == nil:
		return nil, cobra.ShellCompDirectiveNoFileComp
	case len(args) > 0 && separator != len(args)-1:
		return completeTaskArgs(ws.File, args, toComplete)
	}
	return completeTaskNames(ws, toComplete), cobra.ShellCompDirectiveNoFileComp
}

// completeTask completes the name of a task for a command with one argument.
func (c completer) completeTask(cmd *cobra.Command, args []string, toComplete string) (
	[]cobra.Completion, cobra.ShellCompDirective,
) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return c.completeTasks(cmd, nil, toComplete)
}

// completeEveryTask completes the names of tasks for every word.
func (c completer) completeEveryTask(_ *cobra.Command, _ []string, toComplete string) (
	[]cobra.Completion, cobra.ShellCompDirective,
) {
	ws := c.open()
	if ws == nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return completeTaskNames(ws, toComplete), cobra.ShellCompDirectiveNoFileComp
}

// typedArgs returns the words of a command as typed. Cobra cuts a last word like --name=x, or a word behind --name,
// because cobra takes the word for a flag of `tasks`. Behind the name of a task, all words belong to the task.
func (c completer) typedArgs(args []string, toComplete string) ([]string, string) {
	if len(args) == 0 || len(c.app.args) == 0 {
		return args, toComplete
	}
	preceding := c.app.args[:len(c.app.args)-1]
	for _, n := range []int{len(args), len(args) + 1} {
		if n > len(preceding) {
			break
		}
		if words := preceding[len(preceding)-n:]; slices.Equal(words[:len(args)], args) {
			return words, c.app.args[len(c.app.args)-1]
		}
	}
	return args, toComplete
}

// completeTaskNames completes the names of visible tasks, and after an @ the suffixes of matrix runs.
func completeTaskNames(ws *workspace.Workspace, toComplete string) []cobra.Completion {
	var names []cobra.Completion
	if task, _, isMatrixRun := strings.Cut(toComplete, "@"); isMatrixRun {
		for _, suffix := range ws.File.MatrixSuffixes(ws.InputsWithoutCompose(), task) {
			names = completion.Add(names, toComplete, task+suffix, "")
		}
		return names
	}
	for _, t := range visibleTasks(ws.File.Tasks(), false) {
		names = completion.Add(names, toComplete, t.Name, t.Description)
	}
	return names
}

// completeTaskArgs completes the arguments and flags of the last task on the command line.
func completeTaskArgs(file *hclspec.File, args []string, toComplete string) (
	[]cobra.Completion, cobra.ShellCompDirective,
) {
	for i := slices.Index(args, tasksSeparator); i >= 0 && i+1 < len(args); i = slices.Index(args, tasksSeparator) {
		args = args[i+1:]
	}
	words, isText := completion.TaskWords(file.TaskUsage(args[0]), args[1:], toComplete)
	if isText {
		return words, cobra.ShellCompDirectiveDefault
	}
	return words, cobra.ShellCompDirectiveNoFileComp
}
