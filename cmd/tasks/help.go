package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"tasks/internal/completion"
	"tasks/internal/help"
)

func newHelpCommand(a *app) *cobra.Command {
	isMan := false
	cmd := &cobra.Command{
		Use:   "help [COMMAND | TASK | flags]",
		Short: "Explain a command, the global flags, or a task",

		ValidArgsFunction: completer{a}.completeHelp,
		RunE: func(cmd *cobra.Command, args []string) error {
			root := cmd.Root()
			found, rest, err := root.Find(args)
			switch isCommand := err == nil && len(rest) == 0 && (found != root || len(args) == 0); {
			case isCommand && isMan:
				page := helpPage(found).ManPage(a.env.Version, root.PersistentFlags(), commandsFor)
				return a.printer.PrintText(page)
			case isCommand:
				return a.printHelpPage(found)
			case isMan:
				return usageError("there is a manual page for a command and for the program, not for %q", strings.Join(args, " "))
			}
			if args[0] == "flags" && len(args) == 1 {
				return a.printer.PrintText(help.GlobalFlags(root.PersistentFlags(), commandsFor, a.printer.StdoutWidth()))
			}
			if ws := (completer{a}).open(); len(args) > 1 || ws == nil || ws.File.TaskUsage(args[0]) == nil {
				return a.unknownCommand(root, args)
			}
			return runShow(a, args[0], showOptions{isHelp: true})
		},
	}
	cmd.Flags().BoolVar(&isMan, "man", false, "print a manual page of the program or of a command")
	return cmd
}

// completeHelp completes commands and tasks.
func (c completer) completeHelp(cmd *cobra.Command, args []string, toComplete string) (
	[]cobra.Completion, cobra.ShellCompDirective,
) {
	names, directive := c.completeTask(cmd, args, toComplete)
	for _, command := range cmd.Root().Commands() {
		if len(args) == 0 {
			names = completion.Add(names, toComplete, command.Name(), command.Short)
		}
	}
	return names, directive
}

// printHelp is the help function of cobra. Words before --help are no command: printHelp sets helpErr.
func (a *app) printHelp(cmd *cobra.Command, _ []string) {
	if words := cmd.Flags().Args(); !cmd.HasParent() && len(words) > 0 {
		a.helpErr = a.unknownCommand(cmd, words)
		return
	}
	a.helpErr = a.printHelpPage(cmd)
}

// printHelpPage prints the help page of a command.
func (a *app) printHelpPage(cmd *cobra.Command) error {
	return a.printer.PrintText(helpPage(cmd).Text(a.printer.StdoutWidth()))
}

func helpPage(cmd *cobra.Command) help.Page {
	page := help.Page{Summary: cmd.Short, Synopsis: cmd.CommandPath(), Flags: cmd.LocalNonPersistentFlags()}
	if cmd.HasParent() {
		page.Command, page.Synopsis = cmd.Name(), cmd.UseLine()
	} else {
		page.Synopsis = "tasks [flags] COMMAND"
		for _, c := range cmd.Commands() {
			page.Commands = append(page.Commands, help.Command{Name: c.Name(), Summary: c.Short})
		}
	}
	cmd.Root().PersistentFlags().VisitAll(func(f *pflag.Flag) {
		commands := commandsFor(f.Name)
		hasEffect := !cmd.HasParent() || commands == nil || slices.Contains(commands, page.Command)
		if hasEffect && cmd.LocalNonPersistentFlags().Lookup(f.Name) == nil {
			page.GlobalFlags = append(page.GlobalFlags, "--"+f.Name)
		}
	})
	return page
}
