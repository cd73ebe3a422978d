package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"tasks/hclspec"
	"tasks/internal/view"
	"tasks/planner"
)

func newOnceCommand(a *app) *cobra.Command {
	var options *runOptions
	var asTask string
	cmd := &cobra.Command{
		Use: "once [flags] SERVICE [COMMAND] [ARGS...]",

		ValidArgsFunction: a.completeServices,

		Short: "Run a one-off of a compose service: docker-compose run, flag for flag",
		Long:  "Run a command in a one-off container of a compose service, as docker-compose run does, with the services that it\ndepends on. No Tasks.hcl is needed. Everything after SERVICE is the command's.",
		RunE: func(_ *cobra.Command, args []string) error {
			if err := a.checkVarFlags(); err != nil {
				return err
			}
			if len(args) == 0 {
				return usageError("which service? Write `tasks once SERVICE [COMMAND]`")
			}
			o, err := options.taskOptions(a)
			if err != nil {
				return err
			}
			call := onceCall{app: a, service: args[0], options: o}
			if len(args) > 1 {
				call.command = args[1:]
			}
			if options.set.Changed("as-task") {
				return call.printTask(asTask, options)
			}
			return a.planAndRun(options, call.prepare)
		},
	}
	cmd.Flags().SetInterspersed(false)
	options = newRunOptions(cmd.Flags(), keepContainer)
	cmd.Flags().StringVar(&asTask, "as-task", "", "run nothing; print the task block of this `NAME` that means the same")
	return cmd
}

// once is one call of `tasks once`.
type onceCall struct {
	app     *app
	service string
	// command are nil for the service's own command.
	command []string
	options hclspec.Options
}

// prepare plans the one-off. Nothing is changed.
func (o *onceCall) prepare(ctx context.Context) (*PlannedRun, error) {
	ws, err := o.app.openProjectOnly()
	if err != nil {
		return nil, err
	}
	o.options.Env = ws.ResolvePassEnv(o.options, "")
	spec, diags := hclspec.OnceSpec(ws.Inputs, o.service, o.command, o.options)
	if err := ws.PrintDiagnostics(diags); err != nil {
		return nil, err
	}
	spec.Readiness, diags = ws.File.EvaluateReadiness(ws.Inputs, spec)
	if err := ws.PrintDiagnostics(diags); err != nil {
		return nil, err
	}
	o.app.printer.SetSecrets(spec.Secrets)
	if o.app.flags.isIsolated {
		if err := isolate(spec.Tasks[o.service]); err != nil {
			return nil, err
		}
	}
	return ws.PlanSpec(ctx, spec)
}

// isolate gives a one-off a private project.
func isolate(task *hclspec.Task) error {
	if task.Detach {
		return usageError("--isolated and --detach exclude each other: a private project is removed when the run ends")
	}
	task.Policy, task.PrivateProjectRun = hclspec.PolicyEphemeral, task.Name
	return nil
}

// printTask is `--as-task`.
func (o *onceCall) printTask(name string, flags *runOptions) error {
	ws, err := o.app.openProjectOnly()
	if err != nil {
		return err
	}
	spec, diags := hclspec.OnceSpec(ws.Inputs, o.service, o.command, o.options)
	if err := ws.PrintDiagnostics(diags); err != nil {
		return err
	}
	if err := o.refuseUndeclaredVolumes(ws, spec.Tasks[o.service]); err != nil {
		return err
	}
	block, err := hclspec.OnceBlock(ws.Inputs, name, o.service, o.command, o.blockOptions(ws), ws.Inputs.Root)
	if err != nil {
		return usageError("--as-task: %s", err)
	}
	view.PrintOnceBlock(o.app.printer, view.OnceBlock{
		Name: name, Block: block, Flags: flags.flagsWithoutAttribute(), ProjectFlags: o.app.projectFlags(),
	})
	return nil
}

// projectFlags are those of this call that choose the compose project, each with a space before it.
func (a *app) projectFlags() string {
	var text strings.Builder
	add := func(flag string, values ...string) {
		for _, value := range values {
			if value != "" {
				fmt.Fprintf(&text, " %s=%s", flag, value)
			}
		}
	}
	add("--compose-file", a.flags.composeFiles...)
	add("--project-directory", a.flags.projectDirectory)
	add("--project-name", a.flags.projectName)
	add("--profile", a.flags.profiles...)
	add("--env-file", a.flags.envFiles...)
	return text.String()
}

// said are the options as a block can say them: pass_env takes the shell's values alone, so that one that only the
// project's .env has is written out.
func (o *onceCall) blockOptions(ws *Workspace) hclspec.Options {
	options := o.options
	options.Env = ws.ResolvePassEnv(options, "")
	options.PassEnv = slices.DeleteFunc(slices.Clone(options.PassEnv), func(name string) bool {
		_, known := options.Env[name]
		return known
	})
	return options
}

// refuseUndeclaredVolumes refuses the one thing that a block cannot say: a volume of the engine that the compose file does not know
// keeps its name under `once`, and becomes the project's own under a task.
func (o *onceCall) refuseUndeclaredVolumes(ws *Workspace, task *hclspec.Task) error {
	project, err := ws.Project()
	if err != nil {
		return asUsageError(err)
	}
	var names []string
	for _, name := range planner.NamedVolumes(task) {
		if !project.DeclaresVolume(name) {
			names = append(names, name)
		}
	}
	if len(names) > 0 {
		return usageError("no task block can name the volume %s: a task would take %s_%s. Declare it in the compose file, with `external: true`",
			strings.Join(names, ", "), project.Name(), names[0])
	}
	return nil
}

// flagsWithoutAttribute are those that no attribute stands for, as given.
func (o *runOptions) flagsWithoutAttribute() []string {
	var flags []string
	for _, name := range []string{"build", "pull", "quiet-pull", "quiet-build", "quiet", "remove-orphans", "jobs", "isolated"} {
		if o.set.Changed(name) {
			flag := "--" + name
			if value := o.set.Lookup(name).Value.String(); value != "true" {
				flag += "=" + value
			}
			flags = append(flags, flag)
		}
	}
	return flags
}
