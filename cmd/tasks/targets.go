package main

import (
	"context"
	"fmt"
	"slices"

	"tasks/hclspec"
)

// tasksSeparator stands between several tasks on the command line.
const tasksSeparator = ":::"

// targets are the tasks that the arguments of a command name, with what its flags lay over each.
func (a *app) targets(command string, args []string, options *runOptions) ([]hclspec.Target, error) {
	if err := a.checkVarFlags(); err != nil {
		return nil, err
	}
	calls, err := a.taskArgs(command, args)
	if err != nil {
		return nil, err
	}
	taskOptions, err := options.taskOptions(a)
	if err != nil {
		return nil, err
	}
	if len(calls) > 1 && taskOptions.ContainerName != "" {
		return nil, usageError("--name %s: two containers cannot have one name. Run the tasks one by one, or leave it out", taskOptions.ContainerName)
	}
	a.settings = options.settings(a)
	var targets []hclspec.Target
	for _, call := range calls {
		targets = append(targets, hclspec.Target{Name: call[0], Args: call[1:], Options: taskOptions, SkipDependencies: a.flags.skipDeps, IsIsolated: a.flags.isIsolated})
	}
	return targets, nil
}

// target is the task of a command that takes only one.
func (a *app) target(command string, args []string, options *runOptions) (hclspec.Target, error) {
	targets, err := a.targets(command, args, options)
	switch {
	case err != nil:
		return hclspec.Target{}, err
	case len(targets) > 1:
		return hclspec.Target{}, usageError("`tasks %s` takes one task, and here are %d", command, len(targets))
	}
	return targets[0], nil
}

// taskArgs are the tasks with their words: those of the command line, else what the files say of a bare call.
func (a *app) taskArgs(command string, args []string) ([][]string, error) {
	if len(args) > 0 {
		return splitTasks(args)
	}
	names, err := a.argsOrDefault(nil)
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		name, err := a.pickTask(command)
		return [][]string{{name}}, err
	}
	var calls [][]string
	for _, name := range names {
		calls = append(calls, []string{name})
	}
	return calls, nil
}

// splitTasks cuts the arguments at each `:::`. Behind `--` it is a word like any other.
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

// printRequestedUsage prints how the tasks are used whose words ask for it. Then there is nothing else to do.
func (ws *Workspace) printRequestedUsage(targets []hclspec.Target) error {
	for _, t := range targets {
		if ws.File.IsHelpRequest(t) {
			ws.app.printer.PrintHelp(ws.File.HelpText(t.Name))
			return &exitError{code: 0}
		}
	}
	return nil
}

// withConfirmation plans, and then asks what the tasks want to have asked. Nothing has been touched by then.
func (a *app) withConfirmation(assumeYes bool, makePlan func(context.Context) (*PlannedRun, error)) func(context.Context) (*PlannedRun, error) {
	return func(ctx context.Context) (*PlannedRun, error) {
		p, err := makePlan(ctx)
		if err != nil {
			return nil, err
		}
		for _, task := range p.Plan.Tasks() {
			if task.Confirm == "" {
				continue
			}
			if err := a.askConfirmation(fmt.Sprintf("task %s: %s", task.Name, task.Confirm), assumeYes); err != nil {
				return nil, err
			}
		}
		return p, nil
	}
}
