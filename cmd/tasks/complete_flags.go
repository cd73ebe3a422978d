package main

import (
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"tasks/hclspec"
)

// addCompletions offers values for the flags that have known ones. It is for a command whose flags are all there.
func (a *app) addCompletions(root *cobra.Command) {
	fixed := map[string][]cobra.Completion{
		"color":        {"auto", "always", "never"},
		"format":       {"dot", "mermaid"},
		"output-style": hclspec.OutputStyles(),
		"progress":     progressStyles(),
		"pull":         {"always", "missing", "never", "build", "if_not_present"},
	}
	for _, name := range []string{"profile", "project-name", "jobs", "wait-timeout"} {
		registerCompletion(root, name, cobra.FixedCompletions(nil, cobra.ShellCompDirectiveNoFileComp)) // a profile is known to compose files alone
	}
	for _, cmd := range append(root.Commands(), root) {
		for name, values := range fixed {
			if cmd.LocalFlags().Lookup(name) != nil {
				registerCompletion(cmd, name, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
			}
		}
		if cmd.LocalFlags().Lookup("directory") != nil {
			registerCompletion(cmd, "directory", cobra.FixedCompletions(nil, cobra.ShellCompDirectiveFilterDirs))
			registerCompletion(cmd, "var", a.completeVariables)
		}
	}
}

// registerCompletion registers what a flag offers. A flag that is not there, or has values already, is our own mistake.
func registerCompletion(cmd *cobra.Command, flag string, completion cobra.CompletionFunc) {
	if err := cmd.RegisterFlagCompletionFunc(flag, completion); err != nil {
		panic(err)
	}
}

// openForCompletion reads the files for somebody who is typing: nothing is told of mistakes, no engine is asked. It is nil where there
// are no files.
func (a *app) openForCompletion() (ws *Workspace, finish func()) {
	devNull, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		return nil, func() {}
	}
	silent := *a
	silent.printer, silent.noEngine = a.printer.WithStderr(devNull), true
	finish = func() { devNull.Close() }
	if silent.applyGlobalFlags() != nil {
		return nil, finish
	}
	ws, _ = silent.openProjectOnly()
	return ws, finish
}

// completeVariables offers the names of variables for --var.
func (a *app) completeVariables(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	ws, finish := a.openForCompletion()
	defer finish()
	if ws == nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var names []cobra.Completion
	for _, v := range ws.File.Variables() {
		names = append(names, cobra.CompletionWithDesc(v.Name+"=", v.Description))
	}
	return names, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}

// completeServices offers the services of the compose project for the first word; what follows it is the command's.
func (a *app) completeServices(_ *cobra.Command, args []string, toComplete string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveDefault
	}
	return a.serviceNames(nil, toComplete), cobra.ShellCompDirectiveNoFileComp
}

// completeRemainingServices offers them for every word, each once.
func (a *app) completeRemainingServices(_ *cobra.Command, args []string, toComplete string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return a.serviceNames(args, toComplete), cobra.ShellCompDirectiveNoFileComp
}

// serviceNames are the services of the compose project but for some.
func (a *app) serviceNames(excluded []string, toComplete string) []cobra.Completion {
	ws, finish := a.openForCompletion()
	defer finish()
	if ws == nil {
		return nil
	}
	project, err := ws.Project()
	if err != nil {
		return nil
	}
	var names []cobra.Completion
	for _, name := range project.ServiceNames() {
		if service, _ := project.Service(name); strings.HasPrefix(name, toComplete) && !slices.Contains(excluded, name) {
			names = append(names, cobra.CompletionWithDesc(name, service.Image))
		}
	}
	return names
}
