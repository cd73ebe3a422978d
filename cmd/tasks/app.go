package main

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/hashicorp/hcl/v2"
	"github.com/spf13/cobra"

	"tasks/executor/docker"
	"tasks/hclspec"
	"tasks/internal/help"
	"tasks/internal/suggest"
	"tasks/internal/view"
	"tasks/internal/workspace"
)

// app is one call of the program.
type app struct {
	env     workspace.Environment
	stdin   *os.File
	printer *view.Printer
	// args are the arguments of the call.
	args         []string
	flags        globalFlags
	engine       *workspace.EngineConnector
	coordination *workspace.Coordination
	// readStdin reads stdin once, for `--compose-file -`.
	readStdin func() ([]byte, error)
	// helpErr is the error of a request for help, which cobra has no place for.
	helpErr error
}

// makeApp returns a call of the program without arguments.
func makeApp(env workspace.Environment, stdin *os.File, printer *view.Printer) *app {
	engine := workspace.NewEngineConnector(func(choice workspace.EngineChoice) (workspace.Engine, error) {
		options := docker.Options{Getenv: env.Getenv, UserAgent: "tasks/" + env.Version, Warn: printer.PrintWarning}
		options.Host, options.Context = choice.Host, choice.Context
		engine, err := docker.Connect(options)
		if err != nil {
			return nil, err
		}
		return engine, nil
	})
	return &app{
		env: env, stdin: stdin, printer: printer, engine: engine, coordination: workspace.NewCoordination(engine),
		readStdin: sync.OnceValues(func() ([]byte, error) { return io.ReadAll(stdin) }),
	}
}

// config returns the configuration of workspaces.
func (a *app) config() workspace.Config {
	return workspace.Config{
		Environment: a.env, Flags: a.flags.Flags, Engine: a.engine, Coordination: a.coordination, Reporter: a.printer,
		Stdin: a.readStdin,
	}
}

// openWorkspace opens the task files. A file with errors gives an error.
func (a *app) openWorkspace(config workspace.Config) (*workspace.Workspace, error) {
	ws, diags, err := workspace.OpenChecked(config)
	if err != nil {
		return nil, err
	}
	return ws, a.report(ws, diags, nil)
}

// openProject opens a workspace for a command that needs only the compose project.
func (a *app) openProject() (*workspace.Workspace, error) {
	if err := a.flags.CheckVars(); err != nil {
		return nil, err
	}
	ws, diags, err := workspace.OpenProject(a.config())
	if err != nil {
		return nil, err
	}
	return ws, a.report(ws, diags, nil)
}

// openByLabels opens a workspace for a command that finds the resources of the project by labels. Errors of the files
// are printed as warnings.
func (a *app) openByLabels() (*workspace.Workspace, error) {
	if err := a.flags.CheckVars(); err != nil {
		return nil, err
	}
	ws, warnings, err := workspace.OpenByLabels(a.config())
	if err := a.report(ws, warnings, err); err != nil {
		return nil, err
	}
	if notice := ws.Labels.Notice; notice != "" {
		a.printer.PrintWarning(notice)
	}
	return ws, nil
}

// main runs the command of the arguments, and returns the exit code.
func (a *app) main(args []string) int {
	a.args = args
	root := newRootCommand(a)
	root.SetArgs(args)
	return a.exitCode(cmp.Or(root.Execute(), a.helpErr))
}

func newRootCommand(a *app) *cobra.Command {
	isVersion := false
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
			if err := a.applyComposeVariables(cmd); err != nil {
				return err
			}
			a.printer.UseColor(a.usesColor())
			if err := a.applyGlobalFlags(); err != nil {
				return err
			}
			hasDocument := cmd.Flags().Changed("json") || a.flags.records.UsesStdout()
			return view.UseAnnotations(a.printer, a.env.Getenv, a.env.WorkingDir, hasDocument)
		},
		RunE: func(*cobra.Command, []string) error {
			if isVersion {
				return view.PrintVersion(a.printer, a.env.Version, false)
			}
			return runList(a, listOptions{})
		},
	}
	a.flags.add(root.PersistentFlags())
	// With Version and a template of cobra, the linker would keep every exported method of the program.
	root.Flags().BoolVarP(&isVersion, "version", "v", false, "version for tasks")
	root.CompletionOptions.DisableDefaultCmd = true
	root.SetFlagErrorFunc(flagError)
	root.SetHelpFunc(a.printHelp)
	root.SetHelpCommand(newHelpCommand(a))
	root.SetOut(a.printer.Stdout())
	root.SetErr(a.printer.Stderr())
	root.AddCommand(newRunCommand(a), newOnceCommand(a), newWatchCommand(a), newListCommand(a), newPlanCommand(a),
		newDownCommand(a), newCompletionCommand(a), newVersionCommand(a), newFmtCommand(a), newValidateCommand(a),
		newGraphCommand(a), newShowCommand(a), newConsoleCommand(a), newMetadataCommand(a), newPsCommand(a),
		newLogsCommand(a), newUpCommand(a), newTrustCommand(a), newDoctorCommand(a), newEngineCommand(a),
		newDocsCommand(a), newInitCommand(a), newLSPCommand(a), newWaitCommand(a))
	addCompletions(root, completer{a})
	return root
}

// unknownCommand returns an error with the nearest command or task for `tasks WORD`.
func (a *app) unknownCommand(root *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if err := a.applyGlobalFlags(); err != nil {
		return err
	}
	var tasks []hclspec.TaskInfo
	if ws, diags, err := workspace.OpenChecked(a.config()); err == nil {
		_ = a.printDiagnostics(ws.SourceFiles(), diags) // the unknown command is the error of the call
		tasks = ws.File.Tasks()
	}
	for _, t := range tasks {
		if t.Name == args[0] || slices.Contains(t.Aliases, args[0]) {
			return usageError("unknown command %q: did you mean `tasks run %s`?", args[0], strings.Join(args, " "))
		}
	}
	return usageError("unknown command %q: %s", args[0], suggestCommand(args[0], root, tasks))
}

// noArgs returns an error for a command without arguments.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usageError("%s takes no arguments, but got %q", cmd.CommandPath(), args[0])
	}
	return nil
}

// suggestCommand returns the nearest command or task for a word, else the commands that list both.
func suggestCommand(word string, root *cobra.Command, tasks []hclspec.TaskInfo) string {
	var commands, names []string
	for _, c := range root.Commands() {
		commands = append(commands, c.Name())
	}
	if meant := suggest.CommandOf(word); meant != "" {
		return fmt.Sprintf("did you mean `%s`?", meant)
	}
	if near := hclspec.Nearest(word, commands); near != "" {
		return fmt.Sprintf("did you mean `tasks %s`?", near)
	}
	for _, t := range tasks {
		names = append(append(names, t.Name), t.Aliases...)
	}
	if near := hclspec.Nearest(word, names); near != "" {
		return fmt.Sprintf("did you mean `tasks run %s`?", near)
	}
	return "`tasks --help` lists the commands, `tasks list` the tasks"
}

// flagError returns the error of the command line parser in words of ours.
func flagError(c *cobra.Command, err error) error {
	return usageError("%s", help.FlagError(c.Flags(), c.CommandPath(), err))
}

// applyGlobalFlags checks --color and changes the working directory for -C.
func (a *app) applyGlobalFlags() error {
	switch a.flags.color {
	case "auto", "always", "never":
	default:
		return usageError("%s", hclspec.NotOneOf("--color", a.flags.color, []string{"auto", "always", "never"}))
	}
	if a.flags.directory == "" {
		return nil
	}
	dir := a.env.AbsolutePath(a.flags.directory)
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return usageError("-C %s: no such directory", a.flags.directory)
	}
	a.env.WorkingDir, a.flags.directory = dir, ""
	return nil
}

// usesColor reports whether diagnostics and progress use colour.
func (a *app) usesColor() bool { return a.usesColorAt(a.printer.HasTerminalStderr()) }

// usesColorAt reports whether an output uses colour.
func (a *app) usesColorAt(isTerminal bool) bool {
	switch a.flags.color {
	case "always":
		return true
	case "never":
		return false
	}
	return a.env.Getenv("NO_COLOR") == "" && isTerminal
}

// printDiagnostics prints diagnostics to stderr.
func (a *app) printDiagnostics(files map[string]*hcl.File, diags hcl.Diagnostics) error {
	if len(diags) == 0 {
		return nil
	}
	return view.PrintDiagnostics(a.printer, files, diags, a.usesColor())
}
