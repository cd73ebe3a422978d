package main

import (
	"context"
	"io"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/spf13/cobra"

	"tasks/executor/docker"
	"tasks/hclspec"
	"tasks/internal/composeproject"
	"tasks/internal/view"
	"tasks/planner"
)

// unlimitedTail is the tail of a log that leaves nothing out.
const unlimitedTail = -1

func newLogsCommand(a *app) *cobra.Command {
	options := docker.LogOptions{Timestamps: true} // they say which line came first
	cmd := &cobra.Command{
		Use: "logs [-f] [SERVICE...]",

		ValidArgsFunction: a.completeRemainingServices,

		Short: "Show what the project's containers have printed, one-offs too",
		RunE: func(_ *cobra.Command, services []string) error {
			if err := a.checkVarFlags(); err != nil {
				return err
			}
			return runUntilSignal(func(ctx context.Context) error { return a.logs(ctx, services, options) })
		},
	}
	f := cmd.Flags()
	// -f is --follow here, as everybody knows it: the flag of all commands loses its letter.
	f.Var((*stringSlice)(&a.flags.files), "file", "read this `FILE` instead of Tasks.hcl (repeatable)")
	f.BoolVarP(&options.Follow, "follow", "f", false, "go on until the containers have ended")
	f.IntVar(&options.Tail, "tail", unlimitedTail, "show but the last `N` lines of each container")
	return cmd
}

// logs is `tasks logs`, of these services, or of all.
func (a *app) logs(ctx context.Context, services []string, options docker.LogOptions) error {
	engine, ws, project, err := a.engineAndProject()
	if err != nil {
		return err
	}
	if err := ws.checkServices(project, services); err != nil {
		return err
	}
	observed, err := engine.Snapshot(ctx, planner.Query{Project: project.Name()})
	if err != nil {
		return &exitError{code: codeRunFailed, err: err}
	}
	secrets := ws.File.KnownSecrets(ws.Inputs)
	var logs []view.Log
	for _, c := range observed.Containers {
		if c.Labels[planner.LabelProbe] != "" || len(services) > 0 && !slices.Contains(services, c.Labels[composeproject.LabelService]) {
			continue
		}
		logs = append(logs, view.Log{Name: c.Name, Secrets: secrets, Read: func(ctx context.Context, stdout, stderr io.Writer) error {
			return engine.StreamLog(ctx, c.ID, options, stdout, stderr)
		}})
	}
	write := view.WriteLogs
	if options.Follow {
		write = view.FollowLogs
	}
	if err := write(ctx, logs, a.printer.Stdout(), a.printer.Stderr()); err != nil {
		return &exitError{code: codeRunFailed, err: err}
	}
	return nil
}

// checkServices refuses names that no service has.
func (ws *Workspace) checkServices(project *composeproject.Project, services []string) error {
	known := project.ServiceNames()
	var unknown hcl.Diagnostics
	for _, name := range services {
		if !slices.Contains(known, name) {
			unknown = append(unknown, hclspec.UnknownServiceError(project, name))
		}
	}
	return ws.PrintDiagnostics(unknown)
}
