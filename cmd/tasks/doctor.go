package main

import (
	"context"

	"github.com/spf13/cobra"

	"tasks/executor/docker"
	"tasks/executor/engine"
	"tasks/internal/completion"
	"tasks/internal/doctor"
	"tasks/internal/workspace"
)

func newDoctorCommand(a *app) *cobra.Command {
	return newReportCommand(a, &cobra.Command{
		Use: "doctor", Short: "Check the engine, this machine and the project, and tell what to do", Args: noArgs,
	}, func(ctx context.Context, _ []string) (doctor.Report, error) {
		return doctor.Run(ctx, doctor.Sources{
			ClientConfig: func() (engine.ClientConfig, error) { return docker.ReadClientConfig(a.env.Getenv) },
			Engine:       doctor.Describing(a.engine.Connect), Dir: a.env.WorkingDir, Project: doctor.InspectProject(a.config()),
		}), nil
	})
}

func newEngineCommand(a *app) *cobra.Command {
	return newReportCommand(a, &cobra.Command{
		Use: "engine check NAME|ADDRESS", Short: "Check an engine of another machine, or several, and tell what to do",
		ValidArgsFunction: completer{a}.completeEngine,
	}, func(ctx context.Context, args []string) (doctor.Report, error) {
		if len(args) != 2 || args[0] != "check" {
			return doctor.Report{}, usageError("which engine? Write `tasks engine check`, and an engine block or an address")
		}
		a.flags.Engine = args[1]
		return doctor.CheckEngine(ctx, a.config())
	})
}

func (c completer) completeEngine(_ *cobra.Command, args []string, toComplete string) (
	[]cobra.Completion, cobra.ShellCompDirective,
) {
	return completion.EngineWords(workspace.EngineNames(c.open()), args, toComplete), cobra.ShellCompDirectiveNoFileComp
}

// newReportCommand completes a command that prints a report. The exit code is 1 if a finding is a problem.
func newReportCommand(
	a *app, cmd *cobra.Command, check func(ctx context.Context, args []string) (doctor.Report, error),
) *cobra.Command {
	isJSON := cmd.Flags().Bool("json", false, "print JSON")
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		return a.runUntilSignal(func(ctx context.Context) error {
			report, err := check(ctx, args)
			if err == nil {
				err = runFailed(report.Print(a.printer, *isJSON))
			}
			if err == nil && report.HasProblem() {
				return exitStatus(codeFound)
			}
			return err
		})
	}
	return cmd
}
