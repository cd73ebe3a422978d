package main

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"tasks/hclspec"
)

func newCompletionCommand(a *app) *cobra.Command {
	scripts := map[string]func(*cobra.Command, io.Writer) error{
		"bash":       bashCompletion,
		"zsh":        (*cobra.Command).GenZshCompletion,
		"fish":       func(root *cobra.Command, out io.Writer) error { return root.GenFishCompletion(out, true) },
		"powershell": (*cobra.Command).GenPowerShellCompletionWithDesc,
	}
	return &cobra.Command{
		Use:       "completion SHELL",
		Short:     "Print a script that completes commands, flags and tasks: bash, zsh, fish or powershell",
		Long:      "Print a script for a shell that completes commands, flags and tasks. For bash: source <(tasks completion bash)",
		ValidArgs: []string{"bash", "fish", "powershell", "zsh"},
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 || scripts[args[0]] == nil {
				return usageError("which shell? Write `tasks completion bash`, zsh, fish or powershell")
			}
			if err := scripts[args[0]](cmd.Root(), a.printer.Stdout()); err != nil {
				return &exitError{code: codeRunFailed, err: err}
			}
			return nil
		},
	}
}

// bashCompletion writes cobra's script, and lets it keep words with an @ in one piece: those name runs of a matrix.
func bashCompletion(root *cobra.Command, out io.Writer) error {
	var script bytes.Buffer
	if err := root.GenBashCompletionV2(&script, true); err != nil {
		return err
	}
	const equals = `__tasks_handle_special_char "$cur" =`
	text := strings.ReplaceAll(script.String(), "init_completion -n =:", "init_completion -n =:@")
	text = strings.Replace(text, equals, equals+"\n    "+`__tasks_handle_special_char "$cur" @`, 1)
	_, err := out.Write([]byte(text))
	return err
}

// completeTasks offers the names of tasks for the first word, from a file with errors too; what follows it is the task's
// own. Nothing is told of mistakes: the user is typing.
func (a *app) completeTasks(_ *cobra.Command, args []string, toComplete string) ([]cobra.Completion, cobra.ShellCompDirective) {
	args, toComplete = a.typedArgs(args, toComplete)
	ws, finish := a.openForCompletion()
	defer finish()
	separator := slices.Index(args, tasksSeparator)
	switch {
	case ws == nil && len(args) > 0:
		return nil, cobra.ShellCompDirectiveDefault
	case ws == nil:
		return nil, cobra.ShellCompDirectiveNoFileComp
	case len(args) > 0 && separator != len(args)-1:
		return ws.completeTaskArgs(args, toComplete)
	}
	return ws.completeTaskNames(toComplete), cobra.ShellCompDirectiveNoFileComp
}

// completeTask is [app.completeTasks] for a command that takes a name alone.
func (a *app) completeTask(cmd *cobra.Command, args []string, toComplete string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return a.completeTasks(cmd, nil, toComplete)
}

// typedArgs are the words of a command as they were typed. Cobra takes a last one like --name=x, or one behind --name, for a
// flag of ours and cuts it, though behind a task's name all is the task's.
func (a *app) typedArgs(args []string, toComplete string) ([]string, string) {
	if len(args) == 0 || len(a.args) == 0 {
		return args, toComplete
	}
	preceding := a.args[:len(a.args)-1]
	for _, n := range []int{len(args), len(args) + 1} {
		if n > len(preceding) {
			break
		}
		if words := preceding[len(preceding)-n:]; slices.Equal(words[:len(args)], args) {
			return words, a.args[len(a.args)-1]
		}
	}
	return args, toComplete
}

// completeTaskNames are those of visible tasks, and behind an @ those of the runs of a matrix.
func (ws *Workspace) completeTaskNames(toComplete string) []cobra.Completion {
	var names []cobra.Completion
	if task, _, isMatrixRun := strings.Cut(toComplete, "@"); isMatrixRun {
		in := ws.Inputs
		in.Project = func() (hclspec.Project, error) { return nil, errors.New("no compose file is read for this") }
		in.IncludedProject = func(string) (hclspec.Project, error) { return in.Project() }
		for _, suffix := range ws.File.MatrixSuffixes(in, task) {
			if strings.HasPrefix(task+suffix, toComplete) {
				names = append(names, task+suffix)
			}
		}
		return names
	}
	for _, t := range visibleTasks(ws.File.Tasks(), false) {
		if strings.HasPrefix(t.Name, toComplete) {
			names = append(names, cobra.CompletionWithDesc(t.Name, t.Description))
		}
	}
	return names
}

// completeTaskArgs offers what the last of the named tasks declares.
func (ws *Workspace) completeTaskArgs(args []string, toComplete string) ([]cobra.Completion, cobra.ShellCompDirective) {
	for i := slices.Index(args, tasksSeparator); i >= 0 && i+1 < len(args); i = slices.Index(args, tasksSeparator) {
		args = args[i+1:]
	}
	return completeArgs(ws.File.TaskUsage(args[0]), args[1:], toComplete)
}
