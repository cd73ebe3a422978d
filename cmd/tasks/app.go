package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/hashicorp/hcl/v2"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"tasks/executor/docker"
	"tasks/hclspec"
	"tasks/internal/coord"
	"tasks/internal/view"
	"tasks/internal/workspace"
)

// Exit codes of the command line itself (docs/commands.md).
const (
	codeUsage     = 2
	codeRunFailed = 125
	codeSignal    = 128 // and the signal's number
)

// app is one call of the program and what it was called with.
type app struct {
	stdin   *os.File
	printer *view.Printer
	environ []string
	cwd     string
	// args are those of the call.
	args  []string
	flags globalFlags
	// writesState says that the command may write to .tasks/: those that only look do not.
	writesState bool
	// noEngine says that the command asks no engine.
	noEngine bool
	settings RunSettings
	// engine is connected to when first needed.
	engine *docker.Engine
	// store is the coordination with other processes, opened when first needed.
	store *coord.Store
	// leased are the projects with leases; nil: this process has asked for no lease.
	leased *workspace.LeasedProjects
	// storeMu guards store and leased: a signal may end the program while a plan is made.
	storeMu *sync.Mutex
}

// exitError ends the program with a code. Its error, if any, is printed once.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit code %d", e.code)
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

// usageError is a mistake on the command line.
func usageError(format string, args ...any) error {
	return &exitError{code: codeUsage, err: fmt.Errorf(format, args...)}
}

func (a *app) main(args []string) int {
	a.args = args
	root := newRootCommand(a)
	root.SetArgs(args)
	err := root.Execute()
	if err == nil {
		return 0
	}
	exit, ok := errors.AsType[*exitError](err)
	if !ok {
		exit = &exitError{code: codeUsage, err: err} // cobra's own: a wrong flag or argument
	}
	if exit.err != nil {
		a.printer.PrintError(exit.err)
	}
	return exit.code
}

func newRootCommand(a *app) *cobra.Command {
	root := &cobra.Command{
		Use:           "tasks",
		Short:         "Run a team's tasks, with the services that they need",
		Args:          a.unknownCommand,
		SilenceErrors: true,
		SilenceUsage:  true,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			if err := a.flags.check(cmd); err != nil {
				return err
			}
			return a.applyGlobalFlags()
		},
		RunE: func(*cobra.Command, []string) error { return a.list(listOptions{}) },
	}
	a.flags.add(root.PersistentFlags())
	root.Version = version()
	root.SetVersionTemplate(view.VersionText("{{.Version}}"))
	root.CompletionOptions.DisableDefaultCmd = true
	root.SetFlagErrorFunc(unknownFlag)
	root.SetHelpFunc(filterHelp(root.HelpFunc()))
	root.SetOut(a.printer.Stdout())
	root.SetErr(a.printer.Stderr())
	root.AddCommand(newRunCommand(a), newOnceCommand(a), newWatchCommand(a), newListCommand(a), newPlanCommand(a), newDownCommand(a), newCompletionCommand(a), newVersionCommand(a),
		newFmtCommand(a), newValidateCommand(a), newGraphCommand(a), newShowCommand(a), newConsoleCommand(a), newMetadataCommand(a), newPsCommand(a), newLogsCommand(a))
	a.addCompletions(root)
	return root
}

// unknownCommand answers `tasks test` with what was probably meant.
func (a *app) unknownCommand(root *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if err := a.applyGlobalFlags(); err != nil {
		return err
	}
	ws, _ := a.openWorkspace()
	if ws != nil {
		for _, t := range ws.File.Tasks() {
			if t.Name == args[0] || slices.Contains(t.Aliases, args[0]) {
				return usageError("unknown command %q: did you mean `tasks run %s`?", args[0], strings.Join(args, " "))
			}
		}
	}
	return usageError("unknown command %q: %s", args[0], suggestCommand(args[0], root, ws))
}

// suggestCommand is the command or the task that is nearest to a word, or where to look for one.
func suggestCommand(word string, root *cobra.Command, ws *Workspace) string {
	var commands, tasks []string
	for _, c := range root.Commands() {
		commands = append(commands, c.Name())
	}
	if near := hclspec.Nearest(word, commands); near != "" {
		return fmt.Sprintf("did you mean `tasks %s`?", near)
	}
	if ws != nil {
		for _, t := range ws.File.Tasks() {
			tasks = append(append(tasks, t.Name), t.Aliases...)
		}
	}
	if near := hclspec.Nearest(word, tasks); near != "" {
		return fmt.Sprintf("did you mean `tasks run %s`?", near)
	}
	return "`tasks --help` lists the commands, `tasks list` the tasks"
}

// unknownFlag answers a flag that a command does not have with the nearest one.
func unknownFlag(c *cobra.Command, err error) error {
	unknown, ok := errors.AsType[*pflag.NotExistError](err)
	if !ok {
		return err
	}
	var names []string
	c.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, "--"+f.Name) })
	hint := hclspec.DidYouMean("--"+unknown.GetSpecifiedName(), names)
	if hint == "" || unknown.GetSpecifiedShortnames() != "" {
		hint = fmt.Sprintf(" `%s --help` lists what there is.", c.CommandPath())
	}
	return usageError("%s.%s", err, hint)
}

// applyGlobalFlags changes the directory as -C says and checks the flags that every command has.
func (a *app) applyGlobalFlags() error {
	switch a.flags.color {
	case "auto", "always", "never":
	default:
		return usageError("--color %s: it is auto, always or never.%s", a.flags.color, hclspec.DidYouMean(a.flags.color, []string{"auto", "always", "never"}))
	}
	if a.flags.directory == "" {
		return nil
	}
	dir := a.absolutePath(a.flags.directory)
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return usageError("-C %s: there is no such directory", a.flags.directory)
	}
	a.cwd, a.flags.directory = dir, ""
	return nil
}

// absolutePath makes a path of the command line absolute: those start at the working directory.
func (a *app) absolutePath(p string) string {
	if filepath.IsAbs(p) {
		return filepath.Clean(p)
	}
	return filepath.Join(a.cwd, p)
}

func (a *app) absolutePaths(relative []string) []string {
	var absolute []string
	for _, p := range relative {
		absolute = append(absolute, a.absolutePath(p))
	}
	return absolute
}

func (a *app) lookupEnv(name string) (string, bool) {
	for i := len(a.environ) - 1; i >= 0; i-- {
		if key, value, _ := strings.Cut(a.environ[i], "="); key == name {
			return value, true
		}
	}
	return "", false
}

func (a *app) getenv(name string) string {
	value, _ := a.lookupEnv(name)
	return value
}

// usesColor says whether diagnostics and progress may use colour.
func (a *app) usesColor() bool {
	switch a.flags.color {
	case "always":
		return true
	case "never":
		return false
	}
	return a.getenv("NO_COLOR") == "" && a.printer.HasTerminalStderr()
}

// printDiagnostics prints diagnostics; with errors among them it ends the program.
func (a *app) printDiagnostics(files map[string]*hcl.File, diags hcl.Diagnostics) error {
	if len(diags) == 0 {
		return nil
	}
	if err := view.PrintDiagnostics(a.printer, files, diags, a.usesColor()); err != nil {
		return &exitError{code: codeUsage, err: err}
	}
	switch {
	case hclspec.HasOnlyUnmetPreconditions(diags):
		return &exitError{code: codeRunFailed} // the file is right
	case diags.HasErrors():
		return &exitError{code: codeUsage}
	}
	return nil
}
