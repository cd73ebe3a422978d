package main

import (
	"context"
	"os/exec"

	"github.com/spf13/cobra"

	"tasks/executor/docker"
	"tasks/executor/engine"
	"tasks/internal/doctor"
)

func newDoctorCommand(a *app) *cobra.Command {
	isJSON := false
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Check the engine, this machine and the project, and tell what to do",
		Args:  noArgs,
		RunE: func(*cobra.Command, []string) error {
			return a.runUntilSignal(func(ctx context.Context) error { return runDoctor(ctx, a, isJSON) })
		},
	}
	cmd.Flags().BoolVar(&isJSON, "json", false, "print JSON")
	return cmd
}

// runDoctor performs `tasks doctor`. The exit code is 1 if a finding is a problem.
func runDoctor(ctx context.Context, a *app, isJSON bool) error {
	report := doctor.Run(ctx, doctor.Sources{
		ClientConfig: func() (engine.ClientConfig, error) { return docker.ReadClientConfig(a.env.Getenv) },
		Engine: func() (doctor.Engine, error) {
			connected, err := a.engine.Connect()
			if err != nil {
				return nil, err
			}
			return connected.(doctor.Engine), nil
		},
		LookPath: exec.LookPath, Dir: a.env.WorkingDir, Project: doctor.InspectProject(a.config()),
	})
	if err := report.Print(a.printer, isJSON); err != nil {
		return runFailed(err)
	}
	if report.HasProblem() {
		return exitStatus(codeFound)
	}
	return nil
}
