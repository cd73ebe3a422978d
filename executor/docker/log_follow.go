package docker

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
)

// FollowLog implements [engine.Engine].
func (e *Engine) FollowLog(ctx context.Context, id string, line func(string) (more bool)) error {
	return e.call(ctx, "follow the log of container "+shortID(id), func(api *client.Client) error {
		state, err := api.ContainerInspect(ctx, id, client.ContainerInspectOptions{})
		if err != nil {
			return err
		}
		options := client.ContainerLogsOptions{
			ShowStdout: true, ShowStderr: true, Follow: true, Since: logStart(state.Container.State, startLag),
		}
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

const (
	// startLag is longer than the time from the first line of a process to the recorded start of the process, and
	// shorter than the time between two runs of a container.
	startLag = 100 * time.Millisecond
	// busyStartLag is the same on a busy machine. Runs of a container are further apart there, too.
	busyStartLag = 10 * startLag
)

// logStart returns a time between the previous run of a container and the first line of the last run; empty: the
// container had one run. The end of the previous run is exact, but the engine replaces it at the end of the last run.
// The start of the last run is too late: the engine records the start when the process may already have printed, even
// ended.
func logStart(s *container.State, lag time.Duration) string {
	if s == nil {
		return ""
	}
	finished, isFinished := engineTime(s.FinishedAt)
	started, isStarted := engineTime(s.StartedAt)
	switch {
	case !isFinished || !isStarted:
		return ""
	case s.Running && !s.Restarting:
		return s.FinishedAt
	case finished.Before(started):
		started = finished
	}
	return started.Add(-lag).Format(time.RFC3339Nano)
}

// engineTime parses a time of the engine; ok=false: the engine has no such time.
func engineTime(text string) (at time.Time, ok bool) {
	at, err := time.Parse(time.RFC3339Nano, text)
	return at, err == nil && at.Year() > 1
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
