package host

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// drainTimeout is how long an output pipe is listened to after the command has ended and brings nothing: only a
	// process that left the command's group can still hold it open.
	drainTimeout = 250 * time.Millisecond
	// drainLimit bounds what is read after the end, so that such a process cannot keep us by writing. It is the
	// largest size that an unprivileged process can give a pipe, so that nothing of the command's own is lost.
	drainLimit = 1 << 20
)

// streams connects a command to readers and writers through pipes, and to files directly.
type streams struct {
	childEnds []*os.File // closed in our process once the command has them
	outputs   []*output
	inputs    []*os.File // our ends of stdin pipes
	feeds     []func()   // copy stdin; started with the command
	copied    sync.WaitGroup
}

// connect sets the streams of cmd.
func (s *streams) connect(cmd *exec.Cmd, c Command) error {
	var err error
	if cmd.Stdin, err = s.input(c); err != nil {
		return err
	}
	stdout, err := s.output(c.Stdout, c.Foreground)
	if err != nil {
		return err
	}
	cmd.Stdout, cmd.Stderr = stdout, stdout
	if sameWriter(c.Stdout, c.Stderr) {
		return nil
	}
	cmd.Stderr, err = s.output(c.Stderr, c.Foreground)
	return err
}

func (s *streams) input(c Command) (*os.File, error) {
	switch in := c.Stdin.(type) {
	case *os.File:
		return in, nil
	case nil:
		if c.Foreground != nil {
			return c.Foreground, nil
		}
		return s.null(os.O_RDONLY)
	default:
		return s.inputPipe(in)
	}
}

func (s *streams) inputPipe(in io.Reader) (*os.File, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	s.childEnds = append(s.childEnds, r)
	s.inputs = append(s.inputs, w)
	s.feeds = append(s.feeds, func() {
		// A command need not read all of its input: an error of either side is its end, and no failure.
		_, _ = io.Copy(w, in)
		_ = w.Close()
	})
	return r, nil
}

func (s *streams) output(out io.Writer, terminal *os.File) (*os.File, error) {
	switch out := out.(type) {
	case *os.File:
		return out, nil
	case nil:
		if terminal != nil {
			return terminal, nil
		}
		return s.null(os.O_WRONLY)
	default:
		r, w, err := os.Pipe()
		if err != nil {
			return nil, err
		}
		s.childEnds = append(s.childEnds, w)
		s.outputs = append(s.outputs, &output{pipe: r, to: out})
		return w, nil
	}
}

func (s *streams) null(flag int) (*os.File, error) {
	f, err := os.OpenFile(os.DevNull, flag, 0)
	if err == nil {
		s.childEnds = append(s.childEnds, f)
	}
	return f, err
}

// startCopying begins to copy: the command has its ends.
func (s *streams) startCopying() {
	s.closeChildEnds()
	for _, feed := range s.feeds {
		go feed()
	}
	for _, o := range s.outputs {
		s.copied.Go(o.copy)
	}
}

// abort gives up all pipes.
func (s *streams) abort() {
	s.closeChildEnds()
	for _, o := range s.outputs {
		_ = o.pipe.Close()
	}
	s.closeInputs()
}

// ended waits until the output is complete, and returns the first error of each writer. The command's group is dead.
func (s *streams) finish() error {
	s.closeInputs()
	for _, o := range s.outputs {
		o.hasEnded.Store(true)
		_ = o.pipe.SetReadDeadline(time.Now().Add(drainTimeout))
	}
	s.copied.Wait()
	var errs []error
	for _, o := range s.outputs {
		errs = append(errs, o.err)
	}
	return errors.Join(errs...)
}

func (s *streams) closeChildEnds() {
	for _, f := range s.childEnds {
		_ = f.Close()
	}
}

func (s *streams) closeInputs() {
	for _, f := range s.inputs {
		_ = f.Close()
	}
}

// output copies from a pipe to a writer.
type output struct {
	pipe     *os.File
	to       io.Writer
	hasEnded atomic.Bool
	err      error // set before the copying goroutine ends
}

// copy copies until the end of the pipe or, once the command has ended, until nothing comes any more. It closes the
// pipe early where the writer fails: the command then learns it as a broken pipe, as it would in a shell.
func (o *output) copy() {
	defer o.pipe.Close()
	buf := make([]byte, 32<<10)
	for remaining := drainLimit; remaining > 0; {
		ended := o.hasEnded.Load()
		if ended {
			// The deadline that ended() set may have passed during a slow Write.
			_ = o.pipe.SetReadDeadline(time.Now().Add(drainTimeout))
		}
		n, err := o.pipe.Read(buf)
		if _, o.err = o.to.Write(buf[:n]); o.err != nil {
			return
		}
		if ended {
			remaining -= n
		}
		isTimeout := errors.Is(err, os.ErrDeadlineExceeded)
		if err != nil && (!isTimeout || ended) {
			return
		}
	}
}

// sameWriter compares without a panic for writers that cannot be compared.
func sameWriter(a, b io.Writer) bool {
	defer func() { _ = recover() }()
	return a == b
}
