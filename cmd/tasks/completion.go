package main

import (
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"tasks/hclspec"
)

func newCompletionCommand(a *app) *cobra.Command {
	scripts := map[string]func(*cobra.Command, io.Writer) error{
		"bash":       func(root *cobra.Command, out io.Writer) error { return root.GenBashCompletionV2(out, true) },
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

// completeTasks offers the names of tasks for the first word, from a file with errors too; what follows it is the task's
// own. Nothing is told of mistakes: the user is typing.
func (a *app) completeTasks(_ *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
	separator := slices.Index(args, tasksSeparator)
	if len(args) > 0 && separator != len(args)-1 {
		return a.completeTaskWords(args, begun)
	}
	var names []cobra.Completion
	for _, t := range shown(a.declared(), false) {
		if strings.HasPrefix(t.Name, begun) {
			names = append(names, cobra.CompletionWithDesc(t.Name, t.Description))
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// completeTaskWords offers what the last of the named tasks declares.
func (a *app) completeTaskWords(args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
	ws, finish := a.quietly()
	defer finish()
	if ws == nil {
		return nil, cobra.ShellCompDirectiveDefault
	}
	for i := slices.Index(args, tasksSeparator); i >= 0 && i+1 < len(args); i = slices.Index(args, tasksSeparator) {
		args = args[i+1:]
	}
	return completeWords(ws.file.Usage(args[0]), args[1:], begun)
}

// declared are the tasks of the files that are found, none where there are no files. Nothing is told of mistakes.
func (a *app) declared() []hclspec.TaskDecl {
	ws, finish := a.quietly()
	defer finish()
	if ws == nil {
		return nil
	}
	return ws.file.Tasks()
}
