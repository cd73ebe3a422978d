package main

import (
	"context"

	"github.com/spf13/cobra"

	"tasks/internal/view"
	"tasks/internal/workspace"
)

// logsOptions are the flags of `tasks logs`.
type logsOptions struct {
	workspace.LogSelection
	isFollowing, timestamps bool
}

func newLogsCommand(a *app) *cobra.Command {
	var options logsOptions
	cmd := &cobra.Command{
		Use: "logs [flags] [SERVICE...]",

		ValidArgsFunction: completer{a}.completeRemainingServices,

		Short: "Show what the project's containers have printed, one-offs too",
		RunE: func(_ *cobra.Command, services []string) error {
			options.Services = services
			return a.runUntilSignal(func(ctx context.Context) error { return runLogs(ctx, a, options) })
		},
	}
	f := cmd.Flags()
	// -f means --follow and -n means --tail, as in Compose, so that --file and --dry-run have no short form here.
	f.Var((*stringSlice)(&a.flags.Files), "file", "read this `FILE` instead of Tasks.hcl (repeatable)")
	f.BoolVar(&a.flags.dryRun, "dry-run", false, "no effect: the command changes nothing")
	f.BoolVarP(&options.isFollowing, "follow", "f", false,
		"go on until no container runs, also after a restart and with containers that start later")
	f.StringVarP(&options.Tail, "tail", "n", "all", "show but the last `N` lines of each container")
	f.StringVar(&options.Since, "since", "",
		"show the lines since a `TIME` (2006-01-02T15:04:05Z) or for a time (10m)")
	f.BoolVarP(&options.timestamps, "timestamps", "t", false, "show the time of each line")
	f.IntVar(&options.Index, "index", 0, "show but the container number `N` of the service")
	return cmd
}

// runLogs performs `tasks logs`.
func runLogs(ctx context.Context, a *app, options logsOptions) error {
	if err := options.Check(); err != nil {
		return err
	}
	ws, err := a.openByLabels()
	if err != nil {
		return err
	}
	reader, err := ws.OpenLogs(ctx, options.LogSelection)
	if err := a.report(ws, nil, err); err != nil {
		return err
	}
	return writeLogs(ctx, a, ws, reader, options)
}

// writeLogs writes the logs of a reader, with the sensitive values masked.
func writeLogs(
	ctx context.Context, a *app, ws *workspace.Workspace, reader *workspace.LogReader, options logsOptions,
) error {
	if ws.Labels.HasFileErrors {
		a.printer.PrintWarning("not every sensitive value is known: the logs may show some")
	}
	secrets := ws.File.KnownSecrets(ws.Inputs)
	masked := func(log workspace.ContainerLog) view.Log {
		return view.Log{Name: log.Name, Secrets: secrets, Read: log.Read}
	}
	var logs []view.Log
	for _, log := range reader.Logs() {
		logs = append(logs, masked(log))
	}
	writer := view.LogWriter{
		Stdout: view.RawStdout(a.printer), Stderr: view.RawStderr(a.printer), Timestamps: options.timestamps,
		Color: a.usesColorAt(a.printer.HasTerminalStdout()),
	}
	if !options.isFollowing {
		return runFailed(writer.WriteLogs(ctx, logs))
	}
	follow := func(ctx context.Context, add func(view.Log)) error {
		return reader.Follow(ctx, func(log workspace.ContainerLog) { add(masked(log)) })
	}
	return runFailed(writer.FollowLogs(ctx, logs, follow))
}
