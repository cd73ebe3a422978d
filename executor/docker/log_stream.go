package docker

import (
	"context"
	"io"
	"strconv"

	"github.com/moby/moby/api/pkg/stdcopy"
	"github.com/moby/moby/client"
)

// LogOptions say how much of a log is wanted.
type LogOptions struct {
	// Follow goes on until the container has ended.
	Follow bool
	// Tail is how many of the last lines are wanted of those that are there; negative: all.
	Tail int
	// Timestamps puts the time of each line before it, in RFC 3339 with nine digits, and a space.
	Timestamps bool
}

// StreamLog writes a container's log. One with a terminal has but one stream, stdout.
func (e *Engine) StreamLog(ctx context.Context, id string, wanted LogOptions, stdout, stderr io.Writer) error {
	options := client.ContainerLogsOptions{ShowStdout: true, ShowStderr: true, Follow: wanted.Follow, Timestamps: wanted.Timestamps}
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

// demultiplex takes what a container prints apart into its streams. That of a terminal has but one.
func demultiplex(from io.Reader, tty bool, stdout, stderr io.Writer) error {
	var err error
	if tty {
		_, err = io.Copy(stdout, from)
	} else {
		_, err = stdcopy.StdCopy(stdout, stderr, from)
	}
	return err
}
