package docker

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"time"

	"github.com/moby/moby/client"
)

// FollowLog implements [engine.Engine].
func (e *Engine) FollowLog(ctx context.Context, id string, line func(string) (more bool)) error {
	return e.call(ctx, "follow the log of container "+shortID(id), func(api *client.Client) error {
		state, err := api.ContainerInspect(ctx, id, client.ContainerInspectOptions{})
		if err != nil {
			return err
		}
		since := ""
		if s := state.Container.State; s != nil && s.Running {
			since = previousExit(s.FinishedAt)
		}
		options := client.ContainerLogsOptions{ShowStdout: true, ShowStderr: true, Follow: true, Since: since}
		stream, err := api.ContainerLogs(ctx, id, options)
		if err != nil {
			return err
		}
		defer stream.Close()
		lines := &lineWriter{line: line}
		c := state.Container.Config
		// Each frame has whole lines of one stream, so both streams may share a buffer.
		err = demultiplex(stream, c != nil && c.Tty, lines, lines)
		if err == nil {
			err = lines.flush()
		}
		if errors.Is(err, errStopReading) {
			return nil
		}
		return err
	})
}

// previousExit returns the end of the previous run. All later log lines belong to the current run. The start time is
// too late: the engine records the start when the process may already have printed.
func previousExit(finished string) string {
	at, err := time.Parse(time.RFC3339Nano, finished)
	if err != nil || at.Year() <= 1 {
		return "" // no previous run
	}
	return finished
}

var errStopReading = errors.New("the reader wants no more lines")

// maxLineLength is the length at which a line without an end is cut.
const maxLineLength = 1 << 20

// lineWriter passes whole lines on.
type lineWriter struct {
	line    func(string) bool
	pending []byte
}

func (w *lineWriter) Write(p []byte) (int, error) {
	for line := range bytes.Lines(p) {
		w.pending = append(w.pending, line...)
		text, ended := bytes.CutSuffix(w.pending, []byte("\n"))
		if !ended && len(text) <= maxLineLength {
			break
		}
		more := w.line(strings.TrimSuffix(string(text), "\r"))
		w.pending = w.pending[:0]
		if !more {
			return len(p), errStopReading
		}
	}
	return len(p), nil
}

// flush passes on a last line without a line end.
func (w *lineWriter) flush() error {
	if len(w.pending) > 0 && !w.line(string(w.pending)) {
		return errStopReading
	}
	return nil
}
