package enginetest

import (
	"context"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/containerd/errdefs"

	"tasks/executor/engine"
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
	memory    *Memory
	container *memoryContainer
	opts      engine.AttachOptions

	mu       sync.Mutex
	frames   []frame
	changed  chan struct{} // closed, and replaced, when something below or frames changes
	hasEnded bool          // the container has ended
	isClosed bool

	// input is guarded by memory.mu.
	input    strings.Builder
	inputEOF bool
}

// Attach implements [engine.Engine].
func (m *Memory) Attach(ctx context.Context, id string, opts engine.AttachOptions) (engine.Attachment, error) {
	var a *attachment
	err := m.withContainer(ctx, "Attach", id, func(c *memoryContainer) error {
		switch {
		case c.isRunning():
			return m.violation("Attach", id, errdefs.ErrConflict, "the container runs already: what it has printed is lost")
		case opts.TTY != c.spec.TTY:
			return m.violation("Attach", id, errdefs.ErrInvalidArgument, "TTY is %t for the attachment and %t for the container", opts.TTY, c.spec.TTY)
		case opts.Stdin && !c.spec.StdinOpen:
			return m.violation("Attach", id, errdefs.ErrInvalidArgument, "the container's stdin is not open")
		}
		a = &attachment{memory: m, container: c, opts: opts, changed: make(chan struct{})}
		c.attachments = append(c.attachments, a)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return a, nil
}

// print is output of the container: it goes to the log and to all who are attached.
func (c *memoryContainer) print(to stream, text string) {
	if text == "" {
		return
	}
	c.log, c.frames = append(c.log, text...), append(c.frames, frame{to, text})
	for _, a := range c.attachments {
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

// BreakStreams ends the connections to a container and to its commands, as a proxy with a time limit does. The
// container goes on, and so do the commands.
func (m *Memory) BreakStreams(name string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, c := range m.containers {
		if c.spec.Name != name {
			continue
		}
		for _, a := range c.attachments {
			a.end()
		}
		c.attachments = nil
		for _, x := range c.executions {
			x.attachment.end()
		}
	}
}

func (a *attachment) end() { a.update(func() { a.hasEnded = true }) }

// Copy implements [engine.Attachment].
func (a *attachment) Copy(out, errOut io.Writer) error {
	for {
		frames, more, changed := a.nextFrames()
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

// nextFrames returns what has come, whether more may come, and what tells that it has.
func (a *attachment) nextFrames() (frames []frame, more bool, changed <-chan struct{}) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.isClosed {
		return nil, false, nil
	}
	frames, a.frames = a.frames, nil
	return frames, !a.hasEnded, a.changed
}

// Write implements [engine.Attachment].
func (a *attachment) Write(p []byte) (int, error) {
	m := a.memory
	m.mu.Lock()
	defer m.mu.Unlock()
	if !a.opts.Stdin {
		return 0, m.violation("Write", a.container.spec.Name, errdefs.ErrInvalidArgument, "stdin was not attached")
	}
	if a.inputEOF || a.isInputClosed() {
		return 0, io.ErrClosedPipe
	}
	a.input.Write(p)
	m.copyInput(a.container)
	return len(p), nil
}

// isInputClosed says that nobody reads the input any more.
func (a *attachment) isInputClosed() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.hasEnded || a.isClosed
}

// CloseWrite implements [engine.Attachment].
func (a *attachment) CloseWrite() error {
	a.memory.mu.Lock()
	defer a.memory.mu.Unlock()
	a.inputEOF = true
	a.memory.copyInput(a.container)
	return nil
}

// Close implements [engine.Attachment].
func (a *attachment) Close() error {
	a.memory.mu.Lock()
	a.inputEOF = true
	a.container.attachments = slices.DeleteFunc(a.container.attachments, func(other *attachment) bool { return other == a })
	a.memory.mu.Unlock()
	a.update(func() { a.isClosed = true })
	return nil
}

// copyInput lets a running container that copies its input do so, and end where that has ended.
func (m *Memory) copyInput(c *memoryContainer) {
	if !c.behaviour.echo || c.state != running {
		return
	}
	inputs, open := 0, 0
	for _, a := range slices.Clone(c.attachments) {
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
		p := c.process
		m.schedule(c, p, 0, func() { m.endProcess(c, p, c.behaviour.exitCode) })
	}
}
