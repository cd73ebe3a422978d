package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"tasks/hclspec"
	"tasks/internal/record"
)

// globalFlags are the flags that stand before a command as well as behind it. Those that say where things are every command
// has; what the others ask of an invocation some commands cannot do (see [commandsFor]).
type globalFlags struct {
	files            []string
	directory        string
	vars             []string
	varFiles         []string
	composeFiles     []string
	projectDirectory string
	projectName      string
	profiles         []string
	envFiles         []string
	color            string
	runFlags
}

// runFlags are what one invocation asks of all that it touches.
type runFlags struct {
	dryRun, yes, skipDeps, isIsolated bool
	ifChanged, force                  bool
	keepGoing, verbose                bool
	jobs                              int
	outputStyle, progress             string
	waitTimeout                       time.Duration
	records                           record.Files
}

func (g *globalFlags) add(f *pflag.FlagSet) {
	f.VarP((*stringSlice)(&g.files), "file", "f", "read this `FILE` instead of Tasks.hcl (repeatable)")
	f.StringVarP(&g.directory, "directory", "C", "", "change to the directory `DIR` first")
	f.Var((*stringSlice)(&g.vars), "var", "set a variable: `NAME=VALUE` (repeatable)")
	f.Var((*stringSlice)(&g.varFiles), "var-file", "set variables from a `FILE` of NAME = VALUE (repeatable)")
	f.Var((*stringSlice)(&g.composeFiles), "compose-file", "use this compose `FILE` (repeatable)")
	f.StringVar(&g.projectDirectory, "project-directory", "", "directory `DIR` where relative paths of the compose files start")
	f.StringVar(&g.projectName, "project-name", "", "`NAME` of the compose project")
	f.Var((*stringSlice)(&g.profiles), "profile", "activate a compose profile `NAME` (repeatable)")
	f.Var((*stringSlice)(&g.envFiles), "env-file", "interpolation `FILE` of the compose files (repeatable)")
	f.StringVar(&g.color, "color", "auto", "`WHEN`: auto, always or never")
	g.runFlags.add(f)
}

func (g *runFlags) add(f *pflag.FlagSet) {
	f.BoolVarP(&g.dryRun, "dry-run", "n", false, "print the plan and change nothing")
	f.BoolVar(&g.yes, "yes", false, "assume \"yes\" for all prompts")
	f.BoolVar(&g.skipDeps, "only", false, "leave out the tasks in depends_on; services are started all the same")
	f.BoolVar(&g.isIsolated, "isolated", false, "run each named task in a private project of its own, as with dependency_policy = \"ephemeral\"")
	f.BoolVar(&g.ifChanged, "if-changed", false, "skip the named tasks too, where their inputs are unchanged and their outputs stand")
	f.BoolVar(&g.force, "force", false, "run all tasks, also those whose inputs are unchanged")
	f.BoolVarP(&g.keepGoing, "keep-going", "k", false, "after a failure, still run what does not depend on it")
	f.IntVarP(&g.jobs, "jobs", "j", 0, "run at most `N` commands, pulls and builds at a time (default: the number of processors, and at least 8)")
	f.StringVar(&g.outputStyle, "output-style", "", "how the output of commands is shown: stream, prefix, group or quiet `STYLE`")
	f.StringVar(&g.progress, "progress", progressAuto, "`HOW` progress is shown: auto, tty, plain or quiet")
	f.BoolVar(&g.verbose, "verbose", false, "tell of every step when it begins, and why, and when it ends")
	f.DurationVar(&g.waitTimeout, "wait-timeout", 0, "how long a service may take to meet a condition, as `DURATION`: 90s, 5m")
	f.StringVar(&g.records.Events, "events", "", "write what happens to `FILE`, a JSON object a line")
	f.StringVar(&g.records.Trace, "trace", "", "write when each step ran to `FILE`, for Perfetto or chrome://tracing")
	f.StringVar(&g.records.JUnit, "junit", "", "write the tasks' results to `FILE`, as JUnit does")
}

// commandsFor are the commands that a global flag can act on, where to give it to another would be a mistake: nothing would come
// of what was asked. It is nil for one that any command may be given. Those bound or permit (--jobs, --yes), or say how
// something is shown, so that a script may use them everywhere.
func commandsFor(flag string) []string {
	switch flag {
	case "dry-run":
		return []string{"run", "once", "watch"}
	case "isolated":
		return []string{"run", "once", "watch", "plan"}
	case "only", "if-changed", "force":
		return []string{"run", "watch", "plan"}
	case "events", "trace", "junit":
		return []string{"run", "once", "watch"}
	}
	return nil
}

// dryRunCommands are the commands that are a dry run in any case.
func dryRunCommands() []string {
	return []string{"plan", "list", "show", "graph", "validate", "console", "metadata", "logs", "completion", "version"}
}

// isNoop says that a flag can do nothing with a command. The bare call is a list.
func isNoop(flag, command string) bool {
	commands := commandsFor(flag)
	if commands == nil || slices.Contains(commands, command) {
		return false
	}
	return flag != "dry-run" || !slices.Contains(dryRunCommands(), command)
}

// check finds what is wrong with the global flags of a command.
func (g *globalFlags) check(cmd *cobra.Command) error {
	var flagErr error
	name := cmd.Name()
	if !cmd.HasParent() {
		name = "list"
	}
	cmd.Flags().Visit(func(f *pflag.Flag) {
		if flagErr == nil && cmd.LocalNonPersistentFlags().Lookup(f.Name) == nil && isNoop(f.Name, name) {
			flagErr = usageError("--%s has no effect on `tasks %s` (used by %s)", f.Name, name, commandListText(commandsFor(f.Name)))
		}
	})
	if flagErr != nil {
		return flagErr
	}
	return g.runFlags.check(cmd.Flags())
}

func (g *runFlags) check(set *pflag.FlagSet) error {
	if g.outputStyle != "" {
		if _, err := hclspec.ParseOutputStyle(g.outputStyle); err != nil {
			return usageError("--output-style: %s", err)
		}
	}
	switch recordFlag := firstChanged(set, "events", "trace", "junit"); {
	case !slices.Contains(progressStyles(), g.progress):
		return usageError("--progress %s: it is %s.%s", g.progress, strings.Join(progressStyles(), ", "), hclspec.DidYouMean(g.progress, progressStyles()))
	case set.Changed("jobs") && g.jobs < 1:
		return usageError("--jobs %d: at least one has to run at a time", g.jobs)
	case g.waitTimeout < 0:
		return usageError("--wait-timeout %s: it cannot be less than nothing", g.waitTimeout)
	case g.force && g.ifChanged:
		return usageError("--force and --if-changed exclude each other: run all, or leave out what is up to date")
	case g.dryRun && recordFlag != "":
		return usageError("%s tells what happens in a run, and with --dry-run nothing does. Leave one of the two out", recordFlag)
	}
	return nil
}

// firstChanged is the first of some flags that the command line has, or nothing.
func firstChanged(set *pflag.FlagSet, names ...string) string {
	for _, name := range names {
		if set.Changed(name) {
			return "--" + name
		}
	}
	return ""
}

// commandListText is "`tasks run`, `tasks watch` and `tasks plan`".
func commandListText(names []string) string {
	var text strings.Builder
	for i, name := range names {
		switch {
		case i == len(names)-1 && i > 0:
			text.WriteString(" and ")
		case i > 0:
			text.WriteString(", ")
		}
		fmt.Fprintf(&text, "`tasks %s`", name)
	}
	return text.String()
}

// filterHelp leaves out of a command's help the global flags that can do nothing with it.
func filterHelp(help func(*cobra.Command, []string)) func(*cobra.Command, []string) {
	return func(cmd *cobra.Command, args []string) {
		cmd.InheritedFlags().VisitAll(func(f *pflag.Flag) {
			f.Hidden = commandsFor(f.Name) != nil && !slices.Contains(commandsFor(f.Name), cmd.Name())
		})
		help(cmd, args)
	}
}
