package main

import (
	"cmp"
	"context"
	"slices"

	"tasks/hclspec"
	"tasks/internal/workspace"
)

// tasksSeparator separates the tasks on the command line.
const tasksSeparator = ":::"

// targetRequest holds the targets of a command line and the options of a plan.
type targetRequest struct {
	app     *app
	targets []hclspec.Target
	options workspace.PlanOptions
}

// newTargetRequest reads the targets of a command, with the options of the flags for each target.
func newTargetRequest(a *app, command string, args []string, options *runOptions) (*targetRequest, error) {
	if err := a.flags.CheckVars(); err != nil {
		return nil, err
	}
	calls, err := taskArgs(a, command, args)
	if err != nil {
		return nil, err
	}
	taskOptions, err := options.taskOptions(a)
	if err != nil {
		return nil, err
	}
	if len(calls) > 1 && taskOptions.ContainerName != "" {
		return nil, usageError("--name %s: two containers cannot have one name. Run the tasks one by one, or leave it out",
			taskOptions.ContainerName)
	}
	r := &targetRequest{app: a, options: options.planOptions(a)}
	for _, call := range calls {
		r.targets = append(r.targets, hclspec.Target{
			Name: call[0], Args: call[1:], Options: taskOptions,
			SkipDependencies: a.flags.skipDeps, IsIsolated: a.flags.isIsolated,
			Shards: a.flags.shards,
		})
	}
	return r, nil
}

// taskArgs returns each task with the task's arguments. Without arguments, the default tasks of the files count,
// else the answer of a person at a terminal.
func taskArgs(a *app, command string, args []string) ([][]string, error) {
	if len(args) > 0 {
		return splitTasks(args)
	}
	ws, diags, err := workspace.Open(a.config())
	if err != nil {
		return nil, err
	}
	if diags.HasErrors() {
		return nil, a.report(ws, diags, nil)
	}
	names := ws.File.DefaultTasks()
	if len(names) == 0 {
		call, err := pickTask(a, command)
		return [][]string{call}, err
	}
	var calls [][]string
	for _, name := range names {
		calls = append(calls, []string{name})
	}
	return calls, nil
}

// splitTasks cuts the arguments at each `:::` before the first `--`.
func splitTasks(args []string) ([][]string, error) {
	var calls [][]string
	for {
		end := slices.Index(args, tasksSeparator)
		if words := slices.Index(args, "--"); end < 0 || words >= 0 && words < end {
			end = len(args)
		}
		if end == 0 {
			return nil, usageError("a task is missing beside %s: write `tasks run a %s b`", tasksSeparator, tasksSeparator)
		}
		calls = append(calls, args[:end:end])
		if end == len(args) {
			return calls, nil
		}
		args = args[end+1:]
	}
}

// plan opens the workspace and plans the targets. plan implements [planFunc].
func (r *targetRequest) plan(ctx context.Context, config workspace.Config) (*workspace.Run, error) {
	run, err := r.evaluate(config)
	if err != nil {
		return nil, err
	}
	return run, makePlan(ctx, r.app, run, r.options)
}

// evaluate opens the workspace and evaluates the targets.
func (r *targetRequest) evaluate(config workspace.Config) (*workspace.Run, error) {
	ws, diags, err := workspace.Open(config)
	if err != nil {
		return nil, err
	}
	if !diags.HasErrors() { // Evaluate returns the errors together with the errors in values
		if err := r.app.report(ws, diags, nil); err != nil {
			return nil, err
		}
	}
	return evaluateTargets(r.app, ws, r.targets)
}

// evaluateTargets evaluates targets in an open workspace. A request for help prints the help of the task and ends the
// command.
func evaluateTargets(a *app, ws *workspace.Workspace, targets []hclspec.Target) (*workspace.Run, error) {
	run := ws.NewRun()
	if err := a.reporter(ws)(run.EvaluateTargets(targets)); err != nil {
		return nil, err
	}
	if run.Spec.Help != "" {
		return nil, cmp.Or(a.printer.PrintText(run.Spec.Help), error(&exitError{code: 0}))
	}
	return run, nil
}

// makePlan plans an evaluated run, and masks the secrets of the run from now on.
func makePlan(ctx context.Context, a *app, run *workspace.Run, options workspace.PlanOptions) error {
	a.printer.SetSecrets(run.Spec.Secrets)
	return a.reporter(run.Workspace)(run.MakePlan(ctx, options))
}
