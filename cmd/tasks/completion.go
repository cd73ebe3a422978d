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
			if err := scripts[args[0]](cmd.Root(), a.stdout); err != nil {
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
	_, err := io.WriteString(out, text)
	return err
}

// completeTasks offers the names of tasks for the first word, from a file with errors too; what follows it is the task's
// own. Nothing is told of mistakes: the user is typing.
func (a *app) completeTasks(_ *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
	args, begun = a.typed(args, begun)
	ws, finish := a.quietly()
	defer finish()
	separator := slices.Index(args, tasksSeparator)
	switch {
	case ws == nil && len(args) > 0:
		return nil, cobra.ShellCompDirectiveDefault
	case ws == nil:
		return nil, cobra.ShellCompDirectiveNoFileComp
	case len(args) > 0 && separator != len(args)-1:
		return ws.completeTaskWords(args, begun)
	}
	return ws.taskNames(begun), cobra.ShellCompDirectiveNoFileComp
}

// completeTask is [app.completeTasks] for a command that takes a name alone.
func (a *app) completeTask(cmd *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return a.completeTasks(cmd, nil, begun)
}

// typed are the words of a command as they were typed. Cobra takes a last one like --name=x, or one behind --name, for a
// flag of ours and cuts it, though behind a task's name all is the task's.
func (a *app) typed(args []string, begun string) ([]string, string) {
	if len(args) == 0 || len(a.args) == 0 {
		return args, begun
	}
	before := a.args[:len(a.args)-1]
	for _, n := range []int{len(args), len(args) + 1} {
		if n > len(before) {
			break
		}
		if words := before[len(before)-n:]; slices.Equal(words[:len(args)], args) {
			return words, a.args[len(a.args)-1]
		}
	}
	return args, begun
}

// taskNames are those of visible tasks, and behind an @ those of the runs of a matrix.
func (ws *workspace) taskNames(begun string) []cobra.Completion {
	var names []cobra.Completion
	if task, _, run := strings.Cut(begun, "@"); run {
		in := ws.inputs
		in.Project = func() (hclspec.Project, error) { return nil, errors.New("no compose file is read for this") }
		in.Included = func(string) (hclspec.Project, error) { return in.Project() }
		for _, suffix := range ws.file.MatrixRuns(in, task) {
			if strings.HasPrefix(task+suffix, begun) {
				names = append(names, task+suffix)
			}
		}
		return names
	}
	for _, t := range shown(ws.file.Tasks(), false) {
		if strings.HasPrefix(t.Name, begun) {
			names = append(names, cobra.CompletionWithDesc(t.Name, t.Description))
		}
	}
	return names
}

// completeTaskWords offers what the last of the named tasks declares.
func (ws *workspace) completeTaskWords(args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
	for i := slices.Index(args, tasksSeparator); i >= 0 && i+1 < len(args); i = slices.Index(args, tasksSeparator) {
		args = args[i+1:]
	}
	return completeWords(ws.file.Usage(args[0]), args[1:], begun)
}
