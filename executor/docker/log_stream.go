package docker

import (
	"context"
	"io"
	"strconv"

	"github.com/moby/moby/api/pkg/stdcopy"
	"github.com/moby/moby/client"

	"tasks/executor/engine"
)

// StreamLog implements [engine.Engine].
func (e *Engine) StreamLog(ctx context.Context, id string, wanted engine.LogOptions, stdout, stderr io.Writer) error {
	options := client.ContainerLogsOptions{
		ShowStdout: true, ShowStderr: true, Follow: wanted.Follow, Timestamps: wanted.Timestamps,
		Since: wanted.Since,
	}
	if wanted.Tail >= 0 {
		options.Tail = strconv.Itoa(wanted.Tail)
	}
	return e.call(ctx, "read the log of container "+shortID(id), func(api *client.Client) error {
		state, err := api.ContainerInspect(ctx, id, client.ContainerInspectOptions{})
		if err != nil {
			return err
		}
		stream, err := api.ContainerLogs(ctx, id, options)
		if err != nil {
			return err
		}
		defer stream.Close()
		c := state.Container.Config
		return demultiplex(stream, c != nil && c.Tty, stdout, stderr)
	})
}

// demultiplex separates a container's output into streams. With a terminal there is only stdout.
func demultiplex(from io.Reader, tty bool, stdout, stderr io.Writer) error {
	var err error
	if tty {
		_, err = io.Copy(stdout, from)
	} else {
		_, err = stdcopy.StdCopy(stdout, stderr, from)
	}
	return err
}
