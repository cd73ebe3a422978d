package build

import (
	"bytes"
	"context"
	"strings"

	bkclient "github.com/moby/buildkit/client"
	"github.com/moby/buildkit/util/progress/progressui"
	"github.com/opencontainers/go-digest"
)

// logTail is the number of log lines in the error of a failing step.
const logTail = 15

// buildState remembers the facts for the error of a failed build.
type buildState struct {
	steps map[digest.Digest]*step
	// failed is the first step that ended with an error.
	failed *step
}

// step is one step of a Dockerfile.
type step struct {
	name string
	log  []byte
}

// display shows the states of a build as plain lines until the channel is closed. The result holds all received states.
func display(ctx context.Context, states <-chan *bkclient.SolveStatus, line func(string)) *buildState {
	seen := &buildState{steps: map[digest.Digest]*step{}}
	shown := make(chan *bkclient.SolveStatus)
	done := make(chan struct{})
	go func() {
		defer close(done)
		out := &lineWriter{onLine: line}
		defer out.flush()
		renderProgress(ctx, out, shown)
	}()
	for state := range states {
		seen.add(state)
		shown <- state
	}
	close(shown)
	<-done
	return seen
}

// renderProgress never stops before the channel is closed, because the build would block.
func renderProgress(ctx context.Context, out *lineWriter, states chan *bkclient.SolveStatus) {
	mode := progressui.PlainMode
	if out.onLine == nil {
		mode = progressui.QuietMode
	}
	if d, err := progressui.NewDisplay(out, mode); err == nil {
		d.UpdateFrom(ctx, states) // the lines already have the returned warnings
	}
	for range states {
	}
}

func (w *buildState) add(s *bkclient.SolveStatus) {
	for _, v := range s.Vertexes {
		known := w.step(v.Digest)
		if v.Name != "" {
			known.name = v.Name
		}
		if v.Error != "" && w.failed == nil && !strings.Contains(v.Error, context.Canceled.Error()) {
			w.failed = known
		}
	}
	for _, l := range s.Logs {
		known := w.step(l.Vertex)
		known.log = append(known.log, l.Data...)
		// Old parts are dropped from time to time, to limit the memory for a long log.
		if len(known.log) > 1<<16 {
			known.log = lastLines(known.log, 1<<15)
		}
	}
}

// lastLines returns the end of a log, in whole lines if possible. "…" marks a line without its beginning.
func lastLines(log []byte, size int) []byte {
	end := log[len(log)-size:]
	if at := bytes.IndexByte(end, '\n'); at >= 0 && at < len(end)-1 {
		return bytes.Clone(end[at+1:])
	}
	return append([]byte("…"), end...)
}

func (w *buildState) step(d digest.Digest) *step {
	if w.steps[d] == nil {
		w.steps[d] = &step{}
	}
	return w.steps[d]
}

// tail returns the step's last lines.
func (s *step) tail() []string {
	text := strings.TrimRight(strings.ReplaceAll(string(s.log), "\r\n", "\n"), "\n")
	if text == "" {
		return nil
	}
	all := strings.Split(text, "\n")
	return all[max(0, len(all)-logTail):]
}

// summaryLine is the line around BuildKit's summary of a failed build, the last part of its lines. The summary repeats
// the log in the pieces of the log's writes, so a mask would not find a secret in two pieces. [Error] has the log.
const summaryLine = "------"

// lineWriter passes text on line by line, without the summary of a failed build.
type lineWriter struct {
	onLine    func(string)
	pending   []byte
	isSummary bool
}

func (l *lineWriter) Write(p []byte) (int, error) {
	l.pending = append(l.pending, p...)
	for {
		line, rest, found := bytes.Cut(l.pending, []byte("\n"))
		if !found {
			return len(p), nil
		}
		l.emit(line)
		l.pending = rest
	}
}

func (l *lineWriter) flush() {
	l.emit(l.pending)
	l.pending = nil
}

func (l *lineWriter) emit(line []byte) {
	text := lastPart(strings.TrimSpace(string(line)))
	l.isSummary = l.isSummary || text == summaryLine // the lines of steps begin with "#"
	if text != "" && !l.isSummary && l.onLine != nil {
		l.onLine(text)
	}
}

// lastPart returns a line as a terminal shows the line after its lone carriage returns. BuildKit's number and time
// stay before the text: "#5 0.192 progress 8/8".
func lastPart(line string) string {
	parts := strings.FieldsFunc(line, func(r rune) bool { return r == '\r' })
	if len(parts) < 2 {
		return strings.ReplaceAll(line, "\r", "")
	}
	words := strings.SplitN(parts[0], " ", 3)
	if len(words) < 2 || !strings.HasPrefix(words[0], "#") {
		return strings.TrimSpace(parts[len(parts)-1])
	}
	return words[0] + " " + words[1] + " " + strings.TrimSpace(parts[len(parts)-1])
}
