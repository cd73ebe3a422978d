package host

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"time"

	"tasks/executor/command"
)

const (
	// drainTimeout is the wait for more output after the command's end. Only a process outside the command's group can
	// still hold the pipe open.
	drainTimeout = 250 * time.Millisecond
	// drainLimit limits the bytes read after the end, because such a process may write forever. The limit is the
	// largest pipe size of an unprivileged process. So the command's own output is complete.
	drainLimit = 1 << 20
)

// streams connects a command to readers and writers through pipes, and to files directly.
type streams struct {
	childEnds []*os.File // closed here after the command has them
	outputs   []*output
	inputs    []*os.File // the writing ends of stdin pipes
	feeds     []func()   // copy stdin, started with the command
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
		// A command may leave input unread. An error of either side ends the copy, and is no failure.
		_, _ = io.Copy(w, in)
		_ = w.Close()
	})
	return r, nil
}

func (s *streams) output(out io.Writer, terminal *os.File) (*os.File, error) {
	switch out := out.(type) {
	case *os.File:
		return out, nil
	case interface{ File() *os.File }:
		return out.File(), nil
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

// startCopying starts the copies, after the command has its ends of the pipes.
func (s *streams) startCopying() {
	s.closeChildEnds()
	for _, feed := range s.feeds {
		go feed()
	}
	for _, o := range s.outputs {
		s.copied.Go(o.copy)
	}
}

// abort closes all pipes.
func (s *streams) abort() {
	s.closeChildEnds()
	for _, o := range s.outputs {
		_ = o.pipe.Close()
	}
	s.closeInputs()
}

// finish waits until the output is complete, and returns the first error of each writer. The command's group must be
// dead.
func (s *streams) finish() error {
	s.closeInputs()
	for _, o := range s.outputs {
		o.hasEnded.Store(true)
		_ = o.pipe.SetReadDeadline(time.Now().Add(drainTimeout))
	}
	s.copied.Wait()
	var errs []error
	for _, o := range s.outputs {
		errs = append(errs, command.OutputError(o.err))
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

// copy copies until the end of the pipe. After the command's end, copy stops if no more output arrives. If the writer
// fails, copy closes the pipe early. The command then gets a broken pipe, as in a shell.
func (o *output) copy() {
	defer o.pipe.Close()
	buf := make([]byte, 32<<10)
	for remaining := drainLimit; remaining > 0; {
		ended := o.hasEnded.Load()
		if ended {
			// The deadline of finish may have passed during a slow Write.
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

// sameWriter compares writers, without a panic for incomparable types.
func sameWriter(a, b io.Writer) bool {
	defer func() { _ = recover() }()
	return a == b
}
