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
	"tasks/planner/observed"
)

// unlimitedTail shows all lines of a log.
const unlimitedTail = -1

func newLogsCommand(a *app) *cobra.Command {
	options := docker.LogOptions{Timestamps: true} // timestamps give the order of lines
	cmd := &cobra.Command{
		Use: "logs [-f] [SERVICE...]",

		ValidArgsFunction: completer{a}.completeRemainingServices,

		Short: "Show what the project's containers have printed, one-offs too",
		RunE: func(_ *cobra.Command, services []string) error {
			return runUntilSignal(func(ctx context.Context) error { return runLogs(ctx, a, services, options) })
		},
	}
	f := cmd.Flags()
	// -f means --follow, as in Compose, so that --file has no short form here.
	f.Var((*stringSlice)(&a.flags.Files), "file", "read this `FILE` instead of Tasks.hcl (repeatable)")
	f.BoolVarP(&options.Follow, "follow", "f", false, "go on until the containers have ended")
	f.IntVar(&options.Tail, "tail", unlimitedTail, "show but the last `N` lines of each container")
	return cmd
}

// runLogs performs `tasks logs` for some services; none: for all.
func runLogs(ctx context.Context, a *app, services []string, options docker.LogOptions) error {
	ws, err := a.openProject()
	if err != nil {
		return err
	}
	project, connected, err := ws.Connect()
	if err := a.report(ws, nil, err); err != nil {
		return err
	}
	if err := a.report(ws, unknownServices(project, services), nil); err != nil {
		return err
	}
	engine := connected.(*docker.Engine) // see makeApp
	snapshot, err := engine.Snapshot(ctx, observed.Query{Project: project.Name()})
	if err != nil {
		return runFailed(err)
	}
	secrets := ws.File.KnownSecrets(ws.Inputs)
	var logs []view.Log
	for _, c := range snapshot.Containers {
		isSelected := len(services) == 0 || slices.Contains(services, c.Labels[composeproject.LabelService])
		if c.Labels[observed.LabelProbe] != "" || !isSelected {
			continue
		}
		read := func(ctx context.Context, stdout, stderr io.Writer) error {
			return engine.StreamLog(ctx, c.ID, options, stdout, stderr)
		}
		logs = append(logs, view.Log{Name: c.Name, Secrets: secrets, Read: read})
	}
	write := view.WriteLogs
	if options.Follow {
		write = view.FollowLogs
	}
	return runFailed(write(ctx, logs, a.printer.Stdout(), a.printer.Stderr()))
}

// unknownServices returns errors for names without a service.
func unknownServices(project *composeproject.Project, names []string) hcl.Diagnostics {
	known := project.ServiceNames()
	var diags hcl.Diagnostics
	for _, name := range names {
		if !slices.Contains(known, name) {
			diags = append(diags, hclspec.UnknownServiceError(project, name))
		}
	}
	return diags
}
