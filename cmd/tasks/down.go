package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/spf13/cobra"

	"tasks/executor"
	"tasks/internal/view"
	"tasks/internal/workspace"
	"tasks/planner"
	"tasks/planner/observed"
)

func newDownCommand(a *app) *cobra.Command {
	var options workspace.TeardownOptions
	cmd := &cobra.Command{
		Use: "down [flags] [SERVICE...]",

		ValidArgsFunction: completer{a}.completeRemainingServices,

		Short: "Remove the project's containers, one-offs too, and its networks",
		RunE: func(_ *cobra.Command, services []string) error {
			options.Services = services
			return a.runUntilSignal(func(ctx context.Context) error { return runDown(ctx, a, options) })
		},
	}
	cmd.Flags().BoolVarP(&options.Volumes, "volumes", "v", false,
		"remove the project's volumes, with their data; with SERVICE: the volumes of the removed containers")
	return cmd
}

// runDown performs `tasks down`: it plans the removal of the project, asks for confirmation, and removes the
// resources.
func runDown(ctx context.Context, a *app, options workspace.TeardownOptions) error {
	ws, err := a.openByLabels()
	if err != nil {
		return err
	}
	teardown, err := ws.PlanTeardown(ctx, options)
	if err := a.report(ws, nil, err); err != nil {
		return err
	}
	if ws.Labels.NameOnly && len(teardown.Plan.Waves) > 0 {
		a.printer.PrintWarning("the pre_stop hooks of services do not run: the compose file is not known")
	}
	if question := view.RemovalQuestion(teardown.Plan, teardown.NamesInUse); question != "" {
		if err := a.askConfirmation(question); err != nil {
			return runFailed(fmt.Errorf("%w; nothing was removed", err))
		}
	}
	display := view.NewRemovalDisplay(a.printer, a.hasLiveDisplay())
	err = executor.Teardown(ctx, teardown.Engine, teardown.Plan, executor.TeardownOptions{
		PreStop: func(c *observed.Container) []types.ServiceHook {
			return planner.PreStopHooks(teardown.Project, c)
		},
		OnRemoved: func(kind, name string) { a.printer.PrintRemoved(kind, name, "") },
		OnWarning: a.printer.PrintWarning, OnPlan: display.Begin, OnNotice: display.Notice,
	})
	if err := errors.Join(err, ws.RemoveSources(ctx, teardown, options)); err != nil {
		return runFailed(err)
	}
	if plan := teardown.Plan; len(plan.Waves) == 0 && len(plan.Networks) == 0 && len(plan.Volumes) == 0 {
		a.printer.PrintNothingToRemove(teardown.Project.Name())
	}
	return nil
}

// askConfirmation asks a question at a terminal, and returns an error unless the answer is yes. With --yes there is
// no question. Only the line of the answer is read, because the rest of stdin may be for a command.
func (a *app) askConfirmation(question string) error {
	if a.flags.yes {
		return nil
	}
	if !a.printer.CanAsk() {
		return runFailed(fmt.Errorf("%s Answer with --yes; there is no terminal to ask at", question))
	}
	a.printer.PromptYesNo(question)
	line, _ := view.ReadAnswer(a.printer)
	switch strings.ToLower(strings.TrimSpace(line)) {
	case "y", "yes":
		return nil
	}
	return runFailed(errors.New("cancelled"))
}
