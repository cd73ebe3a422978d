package main

import (
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"tasks/hclspec"
	"tasks/internal/composeenv"
	"tasks/internal/record"
	"tasks/internal/workspace"
)

// globalFlags holds the flags before or behind a command. All commands accept the flags for places and for the
// display. Some commands have no use for the other flags; see [commandsFor].
type globalFlags struct {
	workspace.Flags
	runFlags
	directory, color string
}

// runFlags apply to everything in one call.
type runFlags struct {
	dryRun, yes, skipDeps, isIsolated bool
	shards                            hclspec.Shard
	ifChanged, force                  bool
	keepGoing, verbose                bool
	jobs                              int
	outputStyle, progress             string
	waitTimeout                       time.Duration
	records                           record.Files
}

func (g *globalFlags) add(f *pflag.FlagSet) {
	f.VarP((*stringSlice)(&g.Files), "file", "f", "read this `FILE` instead of Tasks.hcl (repeatable)")
	f.StringVarP(&g.directory, "directory", "C", "", "change to `DIR` first")
	f.Var((*stringSlice)(&g.Vars), "var", "set a variable: `NAME=VALUE` (repeatable)")
	f.Var((*stringSlice)(&g.VarFiles), "var-file", "set variables from this `FILE` of NAME = VALUE lines (repeatable)")
	f.Var((*stringSlice)(&g.ComposeFiles), "compose-file", "use this compose `FILE` (repeatable)")
	f.StringVar(&g.ProjectDirectory, "project-directory", "",
		"relative paths of the compose files start at `DIR`")
	f.StringVar(&g.ProjectName, "project-name", "", "use this `NAME` for the compose project")
	f.Var((*stringSlice)(&g.Profiles), "profile", "activate the compose profile `NAME` (repeatable)")
	f.Var((*stringSlice)(&g.EnvFiles), "env-file", "interpolate the compose files from this `FILE` (repeatable)")
	f.StringVar(&g.Engine, "engine", "", "use this engine: the `NAME` of an engine block, or an address: ssh://HOST")
	f.StringVar(&g.color, "color", "auto", "use colour `WHEN`: auto, always or never")
	g.runFlags.add(f)
}

func (g *runFlags) add(f *pflag.FlagSet) {
	f.BoolVarP(&g.dryRun, "dry-run", "n", false, "print the plan and change nothing")
	f.BoolVar(&g.yes, "yes", false, "assume \"yes\" for all prompts")
	f.BoolVar(&g.skipDeps, "only", false, "leave out the tasks in depends_on; services are started all the same")
	f.BoolVar(&g.isIsolated, "isolated", false,
		"run each named task in a private project of its own, as with dependency_policy = \"ephemeral\"")
	f.Func("shards", "run each named task as `N` shards, each in a private project", g.shards.SetCount)
	f.Func("shard", "run only shard `I/N` of each named task, as in 3/8", g.shards.SetOne)
	f.BoolVar(&g.ifChanged, "if-changed", false,
		"skip the named tasks too, where their inputs are unchanged and their outputs stand")
	f.BoolVar(&g.force, "force", false, "run all tasks, also those whose inputs are unchanged")
	f.BoolVarP(&g.keepGoing, "keep-going", "k", false, "after a failure, still run everything that does not depend on it")
	f.IntVarP(&g.jobs, "jobs", "j", 0,
		"run at most `N` commands, pulls and builds at a time (default: the number of processors, and at least 8)")
	f.StringVar(&g.outputStyle, "output-style", "",
		"show the output of commands in this `STYLE`: stream, prefix, group or quiet")
	f.StringVar(&g.progress, "progress", composeenv.ProgressAuto,
		"show progress in this `STYLE`: auto, tty, plain or quiet")
	f.BoolVar(&g.verbose, "verbose", false, "print the start of each step, with its reason, and its end")
	f.DurationVar(&g.waitTimeout, "wait-timeout", 0,
		"time limit of a wait for a service, a `DURATION` such as 90s or 5m")
	f.StringVar(&g.records.Events, "events", "", "write events to `FILE`, a JSON object per line; - is stdout")
	f.BoolVar(&g.records.EventsOutput, "events-output", false, "add the output of commands to the events")
	f.StringVar(&g.records.Trace, "trace", "", "write the times of steps to `FILE`, for Perfetto; - is stdout")
	f.StringVar(&g.records.JUnit, "junit", "", "write the results of the tasks to `FILE`, as JUnit; - is stdout")
}

// commandsFor returns the commands that a global flag can act on; nil, where every command accepts the flag. Limits
// and permissions such as --jobs and --yes are accepted everywhere, so that scripts can always pass them.
func commandsFor(flag string) []string {
	switch flag {
	case "dry-run":
		return []string{"run", "once", "watch", "up"}
	case "isolated":
		return []string{"run", "once", "watch", "plan"}
	case "only", "if-changed", "force", "shards", "shard":
		return []string{"run", "watch", "plan"}
	case "events", "events-output", "trace":
		return []string{"run", "once", "watch", "up"}
	case "junit":
		return []string{"run", "once", "watch"}
	case "engine":
		return []string{"run", "once", "watch", "up", "plan", "ps", "logs", "wait", "down"}
	}
	return nil
}

// dryRunCommands returns the commands without any change on the engine.
func dryRunCommands() []string {
	return []string{
		"plan", "list", "show", "graph", "validate", "console", "metadata", "logs", "wait", "completion", "version",
	}
}

// isNoop reports whether a flag has no effect on a command. A call without a command is a list.
func isNoop(flag, command string) bool {
	commands := commandsFor(flag)
	if commands == nil || slices.Contains(commands, command) {
		return false
	}
	return flag != "dry-run" || !slices.Contains(dryRunCommands(), command)
}

// check returns an error for a wrong global flag of a command.
func (g *globalFlags) check(cmd *cobra.Command) error {
	var flagErr error
	name := cmd.Name()
	if !cmd.HasParent() {
		name = "list"
	}
	cmd.Flags().Visit(func(f *pflag.Flag) {
		if flagErr == nil && cmd.LocalNonPersistentFlags().Lookup(f.Name) == nil && isNoop(f.Name, name) {
			flagErr = usageError("--%s does not apply to tasks %s (only to %s)",
				f.Name, name, strings.Join(commandsFor(f.Name), ", "))
		}
	})
	if flagErr != nil {
		return flagErr
	}
	return g.runFlags.check(cmd.Flags())
}

func (g *runFlags) check(set *pflag.FlagSet) error {
	if g.outputStyle != "" {
		if !slices.Contains(hclspec.OutputStyles(), g.outputStyle) {
			return usageError("%s", hclspec.NotOneOf("--output-style", g.outputStyle, hclspec.OutputStyles()))
		}
	}
	switch recordFlag := firstChanged(set, "events", "trace", "junit"); {
	case g.records.Check() != nil:
		return usageError("%s", g.records.Check())
	case !slices.Contains(composeenv.ProgressStyles(), g.progress):
		return usageError("%s", hclspec.NotOneOf("--progress", g.progress, composeenv.ProgressStyles()))
	case set.Changed("jobs") && g.jobs < 1:
		return usageError("--jobs must be at least 1")
	case g.waitTimeout < 0:
		return usageError("--wait-timeout must not be negative")
	case g.force && g.ifChanged:
		return usageError("--force and --if-changed exclude each other: run all, or leave out what is up to date")
	case g.dryRun && recordFlag != "":
		return usageError("%s records a run, and --dry-run makes none: leave one of the two out", recordFlag)
	}
	return nil
}

// firstChanged returns the first of some flags on the command line; empty, where none is given.
func firstChanged(set *pflag.FlagSet, names ...string) string {
	for _, name := range names {
		if set.Changed(name) {
			return "--" + name
		}
	}
	return ""
}
