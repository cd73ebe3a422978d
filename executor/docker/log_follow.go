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
		stream, err := api.ContainerLogs(ctx, id, client.ContainerLogsOptions{ShowStdout: true, ShowStderr: true, Follow: true, Since: since})
		if err != nil {
			return err
		}
		defer stream.Close()
		lines := &lineWriter{line: line}
		c := state.Container.Config
		// Whole lines of either kind come in frames of their own, so that they may share a buffer.
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

// previousExit is when the run before the current one ended: what was logged later is the current one's. The time of its own
// start is no good, because the engine notes it only when the process may have printed already.
func previousExit(finished string) string {
	at, err := time.Parse(time.RFC3339Nano, finished)
	if err != nil || at.Year() <= 1 {
		return "" // there was none
	}
	return finished
}

var errStopReading = errors.New("nobody wants more lines")

// maxLineLength is where a line is cut that does not end.
const maxLineLength = 1 << 20

// lineWriter hands on whole lines.
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

// flush hands on a last line that was not ended.
func (w *lineWriter) flush() error {
	if len(w.pending) > 0 && !w.line(string(w.pending)) {
		return errStopReading
	}
	return nil
}
