package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"tasks/hclspec"
	"tasks/internal/composeproject"
	"tasks/internal/view"
	"tasks/internal/workspace"
	"tasks/planner"
)

func newOnceCommand(a *app) *cobra.Command {
	var options *runOptions
	var asTask string
	cmd := &cobra.Command{
		Use: "once [flags] SERVICE [COMMAND] [ARGS...]",

		ValidArgsFunction: completer{a}.completeServices,

		Short: "Run a one-off of a compose service: docker-compose run, flag for flag",
		RunE: func(_ *cobra.Command, args []string) error {
			if err := a.flags.CheckVars(); err != nil {
				return err
			}
			if len(args) == 0 {
				return usageError("which service? Write `tasks once SERVICE [COMMAND]`")
			}
			o, err := options.taskOptions(a)
			if err != nil {
				return err
			}
			call := onceCall{app: a, service: args[0], options: o, flags: options}
			if len(args) > 1 {
				call.command = args[1:]
			}
			if options.set.Changed("as-task") {
				return call.printTask(asTask)
			}
			return planAndRun(a, options, call.plan)
		},
	}
	cmd.Flags().SetInterspersed(false)
	options = newRunOptions(cmd.Flags(), keepContainer)
	cmd.Flags().StringVar(&asTask, "as-task", "", "run nothing; print the task block of this `NAME` that means the same")
	return cmd
}

// onceCall is one call of `tasks once`.
type onceCall struct {
	app     *app
	service string
	// command is nil for the command of the service.
	command []string
	options hclspec.Options
	flags   *runOptions
}

// plan plans the one-off. plan implements [planFunc].
func (o *onceCall) plan(ctx context.Context, config workspace.Config) (*workspace.Run, error) {
	ws, diags, err := workspace.OpenProject(config)
	if err != nil {
		return nil, err
	}
	if err := o.app.report(ws, diags, nil); err != nil {
		return nil, err
	}
	run := ws.NewRun()
	if err := o.app.reporter(ws)(run.EvaluateOnce(o.service, o.command, o.options)); err != nil {
		return nil, err
	}
	if o.app.flags.isIsolated {
		if err := isolate(run.Spec.Tasks[o.service]); err != nil {
			return nil, err
		}
	}
	return run, makePlan(ctx, o.app, run, o.flags.planOptions(o.app))
}

// isolate moves a one-off into a private project.
func isolate(task *hclspec.Task) error {
	if task.Detach {
		return usageError("--isolated and --detach exclude each other: a private project is removed when the run ends")
	}
	task.Policy, task.PrivateProjectRun = hclspec.PolicyEphemeral, task.Name
	return nil
}

// printTask performs --as-task: it prints a task block with the meaning of the call.
func (o *onceCall) printTask(name string) error {
	ws, err := o.app.openProject()
	if err != nil {
		return err
	}
	task, diags, err := ws.OnceTask(o.service, o.command, o.options)
	if err := o.app.report(ws, diags, err); err != nil {
		return err
	}
	project, err := ws.Project("")
	if err := o.app.report(ws, nil, err); err != nil {
		return err
	}
	if err := refuseUndeclaredVolumes(project, task); err != nil {
		return err
	}
	block, err := hclspec.OnceBlock(ws.Inputs, name, o.service, o.command, o.options, ws.Root())
	if err != nil {
		return usageError("--as-task: %s", err)
	}
	view.PrintOnceBlock(o.app.printer, view.OnceBlock{
		Name: name, Block: block, Flags: o.flags.flagsWithoutAttribute(), ProjectFlags: projectFlags(o.app.flags.Flags),
	})
	return nil
}

// projectFlags returns the flags that select the compose project, each after a space.
func projectFlags(flags workspace.Flags) string {
	var text strings.Builder
	add := func(flag string, values ...string) {
		for _, value := range values {
			if value != "" {
				fmt.Fprintf(&text, " %s=%s", flag, value)
			}
		}
	}
	add("--compose-file", flags.ComposeFiles...)
	add("--project-directory", flags.ProjectDirectory)
	add("--project-name", flags.ProjectName)
	add("--profile", flags.Profiles...)
	add("--env-file", flags.EnvFiles...)
	return text.String()
}

// refuseUndeclaredVolumes returns an error for a volume outside of the compose file, because no task block can name
// the volume: a task would use a volume of the project with the same short name.
func refuseUndeclaredVolumes(project *composeproject.Project, task *hclspec.Task) error {
	var names []string
	for _, name := range planner.NamedVolumes(task) {
		if !project.DeclaresVolume(name) {
			names = append(names, name)
		}
	}
	if len(names) > 0 {
		return usageError("no task block can name the volume %s: a task would take %s_%s. "+
			"Declare it in the compose file, with `external: true`",
			strings.Join(names, ", "), project.Name(), names[0])
	}
	return nil
}

// flagsWithoutAttribute returns the given flags without an attribute of the same meaning.
func (o *runOptions) flagsWithoutAttribute() []string {
	var flags []string
	names := []string{"build", "pull", "quiet-pull", "quiet-build", "quiet", "remove-orphans", "jobs", "isolated"}
	for _, name := range names {
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
