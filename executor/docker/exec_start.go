package docker

import (
	"context"
	"time"

	"github.com/moby/moby/client"

	"tasks/executor/engine"
)

// StartExec implements [engine.Engine]. The connection outlives ctx. Close ends the connection.
func (e *Engine) StartExec(
	ctx context.Context, id string, cmd engine.ExecCommand, opts engine.AttachOptions,
) (engine.Execution, error) {
	var started *execution
	op := "run " + firstWord(cmd.Command) + " in container " + shortID(id)
	err := e.call(ctx, op, func(api *client.Client) error {
		var size client.ConsoleSize
		if opts.TTY && e.supports("1.42") {
			size = client.ConsoleSize{Height: opts.Size.Rows, Width: opts.Size.Columns}
		}
		created, err := api.ExecCreate(ctx, id, client.ExecCreateOptions{
			User: cmd.User, WorkingDir: cmd.Workdir, Cmd: cmd.Command, Env: environmentList(cmd.Env),
			Privileged:  cmd.Privileged,
			AttachStdin: opts.Stdin, AttachStdout: true, AttachStderr: true, TTY: opts.TTY,
			DetachKeys: opts.DetachKeys, ConsoleSize: size,
		})
		if err != nil {
			return err
		}
		stream, err := hijack(ctx, func() (client.HijackedResponse, error) {
			result, err := api.ExecAttach(ctx, created.ID, client.ExecAttachOptions{TTY: opts.TTY, ConsoleSize: size})
			return result.HijackedResponse, err
		})
		if err == nil {
			started = &execution{
				attachment: attachment{stream: stream, tty: opts.TTY}, conn: e.apiConnection, id: created.ID, op: op,
			}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return started, nil
}

// execution is a started command with the connection to the command's streams.
type execution struct {
	attachment
	conn   *apiConnection
	id, op string
}

// Resize implements [engine.Execution].
func (x *execution) Resize(ctx context.Context, size engine.Size) error {
	return x.conn.call(ctx, "resize the terminal of a command", func(api *client.Client) error {
		_, err := api.ExecResize(ctx, x.id, client.ExecResizeOptions{Height: size.Rows, Width: size.Columns})
		return err
	})
}

// IsRunning implements [engine.Execution].
func (x *execution) IsRunning(ctx context.Context) (bool, error) {
	result, err := x.inspect(ctx)
	return result.Running, err
}

func (x *execution) inspect(ctx context.Context) (result client.ExecInspectResult, err error) {
	err = x.conn.call(ctx, x.op, func(api *client.Client) error {
		result, err = api.ExecInspect(ctx, x.id, client.ExecInspectOptions{})
		return err
	})
	return result, err
}

const (
	// minExitPause and maxExitPause limit the pause between two inspections of a command. Most commands end together
	// with their streams. But a command may close the streams and continue.
	minExitPause = 5 * time.Millisecond
	maxExitPause = 500 * time.Millisecond
)

// Exit implements [engine.Execution]. The API has no request to wait for a command. Therefore Exit inspects the
// command repeatedly.
func (x *execution) Exit(ctx context.Context) (int, error) {
	for pause := minExitPause; ; pause = min(2*pause, maxExitPause) {
		result, err := x.inspect(ctx)
		if err != nil || !result.Running {
			return result.ExitCode, err
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return 0, context.Cause(ctx)
		}
	}
}
