package main

import (
	"context"

	"github.com/spf13/cobra"

	"tasks/internal/view"
	"tasks/internal/workspace"
)

func newWaitCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "wait [TASK|CONTAINER...]",

		ValidArgsFunction: completer{a}.completeEveryTask,

		Short: "Wait for one-offs in the background, show their output, and end with their exit code",
		RunE: func(_ *cobra.Command, names []string) error {
			return a.runUntilSignal(func(ctx context.Context) error { return runWait(ctx, a, names) })
		},
	}
}

// runWait performs `tasks wait`. The exit code is that of the first one-off without success.
func runWait(ctx context.Context, a *app, names []string) error {
	ws, err := a.openByLabels()
	if err != nil {
		return err
	}
	reader, err := workspace.OpenOneOffs(ctx, ws, names)
	if err := a.report(ws, nil, err); err != nil {
		return err
	}
	if err := writeLogs(ctx, a, ws, reader, logsOptions{isFollowing: true}); err != nil || ctx.Err() != nil {
		return err
	}
	code := 0
	for _, end := range reader.Ends(ctx) {
		view.PrintOneOffEnd(a.printer, end.Container, end.Task, end.ExitCode, end.Err)
		switch {
		case code != 0:
		case end.Err != nil:
			code = codeRunFailed
		default:
			code = end.ExitCode
		}
	}
	return exitStatus(code)
}
