// Package terminal controls the terminal of the process: the size, the raw mode, and an input that can be given back.
package terminal

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"

	"golang.org/x/term"
)

// Terminal is an input and an output that may be a terminal. The methods are safe for several goroutines.
type Terminal struct {
	in, out *os.File
	mu      sync.Mutex
	restore func() error
	isRaw   atomic.Bool
}

// New returns the terminal of an input and an output, usually os.Stdin and os.Stdout.
func New(in, out *os.File) *Terminal { return &Terminal{in: in, out: out} }

// IsTerminal reports whether input and output are terminals. Only then can a command have a terminal.
func (t *Terminal) IsTerminal() bool { return t.IsInput() && t.IsOutput() }

// IsInput reports whether the input is a terminal, with keys.
func (t *Terminal) IsInput() bool { return isTerminal(t.in) }

// IsOutput reports whether the output is a terminal, with lines that can be redrawn.
func (t *Terminal) IsOutput() bool { return isTerminal(t.out) }

func isTerminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }

// Size returns the size of the output, or else of the input, in character cells.
func (t *Terminal) Size() (rows, columns uint, err error) {
	for _, f := range []*os.File{t.out, t.in} {
		width, height, sizeErr := term.GetSize(int(f.Fd()))
		if sizeErr == nil {
			return uint(max(height, 0)), uint(max(width, 0)), nil
		}
		err = errors.Join(err, fmt.Errorf("%s has no size: %w", f.Name(), sizeErr))
	}
	return 0, 0, err
}

// MakeRaw passes every key to the reader of the input, also Ctrl-C. restore resets the mode of the input. Any goroutine
// may call restore, also repeatedly, with the same result each time.
func (t *Terminal) MakeRaw() (restore func() error, err error) {
	fd := int(t.in.Fd())
	mode, err := term.MakeRaw(fd)
	if err != nil {
		return nil, fmt.Errorf("cannot make %s raw: %w", t.in.Name(), err)
	}
	t.isRaw.Store(true)
	restore = sync.OnceValue(func() error {
		t.isRaw.Store(false)
		if err := term.Restore(fd, mode); err != nil {
			return fmt.Errorf("cannot restore the mode of %s (`stty sane` does): %w", t.in.Name(), err)
		}
		return nil
	})
	t.mu.Lock()
	defer t.mu.Unlock()
	t.restore = restore
	return restore, nil
}

// IsRaw reports whether the input is raw because of MakeRaw: then a newline does not return to the left.
func (t *Terminal) IsRaw() bool { return t.isRaw.Load() }

// Restore undoes the last MakeRaw, if any. Uses: the end of the process, also after a panic.
func (t *Terminal) Restore() error {
	t.mu.Lock()
	restore := t.restore
	t.mu.Unlock()
	if restore == nil {
		return nil
	}
	return restore()
}
