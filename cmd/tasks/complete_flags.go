package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"tasks/hclspec"
	"tasks/internal/completion"
	"tasks/internal/composeenv"
	"tasks/internal/composeproject"
	"tasks/internal/workflow"
	"tasks/internal/workspace"
)

// addCompletions registers completions for arguments, and for flags with known values or other values than names of
// files. The commands must have all flags by then.
func addCompletions(root *cobra.Command, c completer) {
	fixed := map[string][]cobra.Completion{
		"color":        {"auto", "always", "never"},
		"format":       {"dot", "mermaid"},
		"output-style": hclspec.OutputStyles(),
		"progress":     composeenv.ProgressStyles(),
		"pull":         {"always", "missing", "never", "build", "if_not_present"},
	}
	for _, name := range strings.Fields("profile project-name jobs wait-timeout as-task cap-add cap-drop entrypoint env " +
		"index label name publish since tail title user workdir") {
		fixed[name] = nil
	}
	for _, cmd := range append(root.Commands(), root) {
		if cmd.ValidArgsFunction == nil && cmd.ValidArgs == nil && cmd.HasParent() && cmd.Name() != "fmt" {
			cmd.ValidArgsFunction = cobra.NoFileCompletions
		}
		for name, values := range fixed {
			if name == "format" && cmd.Name() == "docs" {
				values = workflow.Formats()
			}
			if cmd.LocalFlags().Lookup(name) != nil {
				registerCompletion(cmd, name, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
			}
		}
		if cmd.LocalFlags().Lookup("directory") != nil {
			registerCompletion(cmd, "directory", cobra.FixedCompletions(nil, cobra.ShellCompDirectiveFilterDirs))
			registerCompletion(cmd, "var", c.completeVariables)
		}
	}
	if args := c.app.args; len(args) > 2 && args[0] == cobra.ShellCompRequestCmd {
		if cmd, _, err := root.Find(args[1 : len(args)-1]); err == nil {
			cmd.Flags().VisitAll(func(f *pflag.Flag) { _, f.Usage = pflag.UnquoteUsage(f) })
			cmd.InheritedFlags().VisitAll(func(f *pflag.Flag) {
				_, f.Usage = pflag.UnquoteUsage(f)
				f.Hidden = commandsFor(f.Name) != nil && !slices.Contains(commandsFor(f.Name), cmd.Name())
			})
		}
	}
}

// registerCompletion registers the completion of a flag. An unknown flag or a second completion is a bug.
func registerCompletion(cmd *cobra.Command, flag string, completion cobra.CompletionFunc) {
	if err := cmd.RegisterFlagCompletionFunc(flag, completion); err != nil {
		panic(err)
	}
}

// open opens the workspace without the engine; nil, where there are no files. All diagnostics are dropped.
func (c completer) open() *workspace.Workspace {
	if c.app.applyGlobalFlags() != nil {
		return nil
	}
	ws, _, err := workspace.OpenProject(c.app.config().Offline())
	if err != nil {
		return nil
	}
	return ws
}

// completeVariables completes the names of variables for --var.
func (c completer) completeVariables(_ *cobra.Command, _ []string, toComplete string) (
	[]cobra.Completion, cobra.ShellCompDirective,
) {
	ws := c.open()
	if ws == nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var names []cobra.Completion
	for _, v := range ws.File.Variables() {
		names = completion.Add(names, toComplete, v.Name+"=", v.Description)
	}
	return names, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}

// completeServices completes the services and jobs of the compose project for the first word. The other words are a
// command.
func (c completer) completeServices(_ *cobra.Command, args []string, toComplete string) (
	[]cobra.Completion, cobra.ShellCompDirective,
) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveDefault
	}
	names := slices.Concat(c.serviceNames(nil, toComplete), c.jobNames(toComplete))
	return names, cobra.ShellCompDirectiveNoFileComp
}

// jobNames returns the jobs of the compose project.
func (c completer) jobNames(toComplete string) []cobra.Completion {
	project := c.composeProject()
	if project == nil {
		return nil
	}
	var names []cobra.Completion
	for _, name := range project.JobNames() {
		names = completion.Add(names, toComplete, name, "job")
	}
	return names
}

// completeRemainingServices completes the services for every word, each service once.
func (c completer) completeRemainingServices(_ *cobra.Command, args []string, toComplete string) (
	[]cobra.Completion, cobra.ShellCompDirective,
) {
	return c.serviceNames(args, toComplete), cobra.ShellCompDirectiveNoFileComp
}

// serviceNames returns the services of the compose project, without the excluded services.
func (c completer) serviceNames(excluded []string, toComplete string) []cobra.Completion {
	project := c.composeProject()
	if project == nil {
		return nil
	}
	var names []cobra.Completion
	for _, name := range project.ServiceNames() {
		if service, _ := project.Service(name); !slices.Contains(excluded, name) {
			names = completion.Add(names, toComplete, name, service.Image)
		}
	}
	return names
}

// composeProject returns the project's own compose project, or nil: a completion reports no errors.
func (c completer) composeProject() *composeproject.Project {
	ws := c.open()
	if ws == nil {
		return nil
	}
	project, err := ws.Project("")
	if err != nil {
		return nil
	}
	return project
}
