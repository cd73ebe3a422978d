package main

import (
	"context"

	"github.com/spf13/cobra"

	"tasks/internal/workspace"
	"tasks/planner"
)

func newUpCommand(a *app) *cobra.Command {
	var options *runOptions
	var detach bool
	cmd := &cobra.Command{
		Use: "up [flags] [SERVICE...]",

		ValidArgsFunction: completer{a}.completeRemainingServices,
		Short:             "Start services with what they need, wait until each is ready, and leave them running",
		RunE: func(_ *cobra.Command, services []string) error {
			if err := a.flags.CheckVars(); err != nil {
				return err
			}
			if detach {
				return usageError("`tasks up` always leaves the services running: leave --detach out")
			}
			if _, err := planner.ParsePullPolicy(options.pull); err != nil {
				return usageError("%s", err)
			}
			if err := options.checkProgress(a); err != nil {
				return err
			}
			return planAndRun(a, options, upCall{a, services, options}.plan)
		},
	}
	options = &runOptions{set: cmd.Flags()}
	options.addPlanFlags(cmd.Flags())
	cmd.Flags().BoolVarP(&detach, "detach", "d", false, "")
	cmd.Flags().Lookup("detach").Hidden = true // for the hint
	return cmd
}

// upCall is one call of `tasks up`.
type upCall struct {
	app *app
	// services are empty for all services of the active profiles.
	services []string
	options  *runOptions
}

// plan plans the services. plan implements [planFunc].
func (u upCall) plan(ctx context.Context, config workspace.Config) (*workspace.Run, error) {
	ws, diags, err := workspace.OpenProject(config)
	if err != nil {
		return nil, err
	}
	if err := u.app.report(ws, diags, nil); err != nil {
		return nil, err
	}
	run := ws.NewRun()
	if err := u.app.reporter(ws)(run.EvaluateUp(u.services)); err != nil {
		return nil, err
	}
	return run, makePlan(ctx, u.app, run, u.options.planOptions(u.app))
}
