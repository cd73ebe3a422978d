package enginetest

import (
	"context"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/containerd/errdefs"

	"tasks/executor"
)

// stream is one of a container's two outputs.
type stream int

const (
	stdout stream = iota
	stderr
)

// frame is what was printed at one time on one stream.
type frame struct {
	to   stream
	text string
}

// attachment is a connection to a container's streams. Output waits in it without bound, so that a container never blocks.
type attachment struct {
	memory *Memory
	box    *box
	opts   executor.AttachOptions

	mu      sync.Mutex
	frames  []frame
	changed chan struct{} // closed, and replaced, when something below or frames changes
	over    bool          // the container has ended
	closed  bool

	// input is guarded by memory.mu.
	input    strings.Builder
	inputEOF bool
}

// Attach implements [executor.Engine].
func (m *Memory) Attach(ctx context.Context, id string, opts executor.AttachOptions) (executor.Attachment, error) {
	var a *attachment
	err := m.on(ctx, "Attach", id, func(c *box) error {
		switch {
		case c.running():
			return m.violation("Attach", id, errdefs.ErrConflict, "the container runs already: what it has printed is lost")
		case opts.TTY != c.spec.TTY:
			return m.violation("Attach", id, errdefs.ErrInvalidArgument, "TTY is %t for the attachment and %t for the container", opts.TTY, c.spec.TTY)
		case opts.Stdin && !c.spec.StdinOpen:
			return m.violation("Attach", id, errdefs.ErrInvalidArgument, "the container's stdin is not open")
		}
		a = &attachment{memory: m, box: c, opts: opts, changed: make(chan struct{})}
		c.attached = append(c.attached, a)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return a, nil
}

// print is output of the container: it goes to the log and to all who are attached.
func (c *box) print(to stream, text string) {
	if text == "" {
		return
	}
	c.log = append(c.log, text...)
	for _, a := range c.attached {
		a.update(func() { a.frames = append(a.frames, frame{to, text}) })
	}
}

func (a *attachment) update(change func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	change()
	close(a.changed)
	a.changed = make(chan struct{})
}

func (a *attachment) end() { a.update(func() { a.over = true }) }

// Copy implements [executor.Attachment].
func (a *attachment) Copy(out, errOut io.Writer) error {
	for {
		frames, more, changed := a.take()
		for _, f := range frames {
			to := out
			if f.to == stderr && !a.opts.TTY {
				to = errOut
			}
			if _, err := to.Write([]byte(f.text)); err != nil {
				return err
			}
		}
		if !more {
			return nil
		}
		if len(frames) == 0 {
			<-changed
		}
	}
}

// take returns what has come, whether more may come, and what tells that it has.
func (a *attachment) take() (frames []frame, more bool, changed <-chan struct{}) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed {
		return nil, false, nil
	}
	frames, a.frames = a.frames, nil
	return frames, !a.over, a.changed
}

// Write implements [executor.Attachment].
func (a *attachment) Write(p []byte) (int, error) {
	m := a.memory
	m.mu.Lock()
	defer m.mu.Unlock()
	if !a.opts.Stdin {
		return 0, m.violation("Write", a.box.spec.Name, errdefs.ErrInvalidArgument, "stdin was not attached")
	}
	if a.inputEOF || a.gone() {
		return 0, io.ErrClosedPipe
	}
	a.input.Write(p)
	m.echo(a.box)
	return len(p), nil
}

// gone says that nobody reads the input any more.
func (a *attachment) gone() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.over || a.closed
}

// CloseWrite implements [executor.Attachment].
func (a *attachment) CloseWrite() error {
	a.memory.mu.Lock()
	defer a.memory.mu.Unlock()
	a.inputEOF = true
	a.memory.echo(a.box)
	return nil
}

// Close implements [executor.Attachment].
func (a *attachment) Close() error {
	a.memory.mu.Lock()
	a.inputEOF = true
	a.box.attached = slices.DeleteFunc(a.box.attached, func(other *attachment) bool { return other == a })
	a.memory.mu.Unlock()
	a.update(func() { a.closed = true })
	return nil
}

// echo lets a running container that copies its input do so, and end where that has ended.
func (m *Memory) echo(c *box) {
	if !c.behaviour.echo || c.state != running {
		return
	}
	inputs, open := 0, 0
	for _, a := range slices.Clone(c.attached) {
		if !a.opts.Stdin {
			continue
		}
		c.print(stdout, a.input.String())
		a.input.Reset()
		inputs++
		if !a.inputEOF {
			open++
		}
	}
	if !c.spec.StdinOpen || inputs > 0 && open == 0 {
		p := c.run
		m.later(c, p, 0, func() { m.end(c, p, c.behaviour.exitCode) })
	}
}
