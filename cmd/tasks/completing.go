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
		complete(root, name, cobra.FixedCompletions(nil, cobra.ShellCompDirectiveNoFileComp)) // a profile is known to compose files alone
	}
	for _, cmd := range append(root.Commands(), root) {
		for name, values := range fixed {
			if cmd.LocalFlags().Lookup(name) != nil {
				complete(cmd, name, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
			}
		}
		if cmd.LocalFlags().Lookup("directory") != nil {
			complete(cmd, "directory", cobra.FixedCompletions(nil, cobra.ShellCompDirectiveFilterDirs))
			complete(cmd, "var", a.completeVariables)
		}
	}
}

// complete registers what a flag offers. A flag that is not there, or has values already, is our own mistake.
func complete(cmd *cobra.Command, flag string, values cobra.CompletionFunc) {
	if err := cmd.RegisterFlagCompletionFunc(flag, values); err != nil {
		panic(err)
	}
}

// quietly reads the files for somebody who is typing: nothing is told of mistakes, no engine is asked. It is nil where there
// are no files.
func (a *app) quietly() (ws *workspace, finish func()) {
	nowhere, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		return nil, func() {}
	}
	quiet := *a
	quiet.stderr, quiet.offline = nowhere, true
	finish = func() { nowhere.Close() }
	if quiet.enter() != nil {
		return nil, finish
	}
	ws, _ = quiet.openProject()
	return ws, finish
}

// completeVariables offers the names of variables for --var.
func (a *app) completeVariables(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	ws, finish := a.quietly()
	defer finish()
	if ws == nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var names []cobra.Completion
	for _, v := range ws.file.Variables() {
		names = append(names, cobra.CompletionWithDesc(v.Name+"=", v.Description))
	}
	return names, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}

// completeServices offers the services of the compose project for the first word; what follows it is the command's.
func (a *app) completeServices(_ *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveDefault
	}
	return a.serviceNames(nil, begun), cobra.ShellCompDirectiveNoFileComp
}

// completeMoreServices offers them for every word, each once.
func (a *app) completeMoreServices(_ *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return a.serviceNames(args, begun), cobra.ShellCompDirectiveNoFileComp
}

// serviceNames are the services of the compose project but for some.
func (a *app) serviceNames(but []string, begun string) []cobra.Completion {
	ws, finish := a.quietly()
	defer finish()
	if ws == nil {
		return nil
	}
	project, err := ws.project()
	if err != nil {
		return nil
	}
	var names []cobra.Completion
	for _, name := range project.ServiceNames() {
		if service, _ := project.Service(name); strings.HasPrefix(name, begun) && !slices.Contains(but, name) {
			names = append(names, cobra.CompletionWithDesc(name, service.Image))
		}
	}
	return names
}
