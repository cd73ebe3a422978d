package build

import (
	"bytes"
	"context"
	"strings"

	bkclient "github.com/moby/buildkit/client"
	"github.com/moby/buildkit/util/progress/progressui"
	"github.com/opencontainers/go-digest"
)

// logTail is how many of its last lines a failing step's error has.
const logTail = 15

// watch remembers what a failure is told with.
type watch struct {
	steps map[digest.Digest]*step
	// failed is the first step that ended with an error.
	failed *step
}

// step is one step of a Dockerfile.
type step struct {
	name string
	log  []byte
}

// display shows the states of a build as plain lines until there are no more, and returns what it has seen.
func display(ctx context.Context, states <-chan *bkclient.SolveStatus, line func(string)) *watch {
	seen := &watch{steps: map[digest.Digest]*step{}}
	shown := make(chan *bkclient.SolveStatus)
	done := make(chan struct{})
	go func() {
		defer close(done)
		out := &lines{to: line}
		defer out.flush()
		show(ctx, out, shown)
	}()
	for state := range states {
		seen.add(state)
		shown <- state
	}
	close(shown)
	<-done
	return seen
}

// show never stops before the channel is closed: the build would wait for it.
func show(ctx context.Context, out *lines, states chan *bkclient.SolveStatus) {
	mode := progressui.PlainMode
	if out.to == nil {
		mode = progressui.QuietMode
	}
	if d, err := progressui.NewDisplay(out, mode); err == nil {
		d.UpdateFrom(ctx, states) // the warnings that it returns are among the lines
	}
	for range states {
	}
}

func (w *watch) add(s *bkclient.SolveStatus) {
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
		// What is far behind the end is dropped now and then, so that a long log does not pile up.
		if len(known.log) > 1<<16 {
			known.log = bytes.Clone(known.log[len(known.log)-1<<15:])
		}
	}
}

func (w *watch) step(d digest.Digest) *step {
	if w.steps[d] == nil {
		w.steps[d] = &step{}
	}
	return w.steps[d]
}

// tail is the step's last lines.
func (s *step) tail() []string {
	text := strings.TrimRight(strings.ReplaceAll(string(s.log), "\r\n", "\n"), "\n")
	if text == "" {
		return nil
	}
	all := strings.Split(text, "\n")
	return all[max(0, len(all)-logTail):]
}

// lines passes text on line by line.
type lines struct {
	to   func(string)
	rest []byte
}

func (l *lines) Write(p []byte) (int, error) {
	l.rest = append(l.rest, p...)
	for {
		line, rest, found := bytes.Cut(l.rest, []byte("\n"))
		if !found {
			return len(p), nil
		}
		l.tell(line)
		l.rest = rest
	}
}

func (l *lines) flush() {
	l.tell(l.rest)
	l.rest = nil
}

func (l *lines) tell(line []byte) {
	if text := strings.TrimSpace(string(line)); text != "" && l.to != nil {
		l.to(text)
	}
}
