// Package terminal is the terminal that the program was started at: its size, its raw mode, and an input that can be
// given back.
package terminal

import (
	"errors"
	"fmt"
	"os"
	"sync"

	"golang.org/x/term"
)

// Terminal is a pair of files that may be a terminal. Its methods may be called from several goroutines at once.
type Terminal struct {
	in, out *os.File
	mu      sync.Mutex
	restore func() error
}

// New returns the terminal of an input and an output, most often os.Stdin and os.Stdout.
func New(in, out *os.File) *Terminal { return &Terminal{in: in, out: out} }

// IsTerminal says whether both input and output are a terminal: only then can a command have one.
func (t *Terminal) IsTerminal() bool { return t.IsInput() && t.IsOutput() }

// IsInput says whether the input is a terminal, so that there are keys.
func (t *Terminal) IsInput() bool { return isTerminal(t.in) }

// IsOutput says whether the output is a terminal, so that lines can be redrawn.
func (t *Terminal) IsOutput() bool { return isTerminal(t.out) }

func isTerminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }

// Size is that of the output, or else of the input, in character cells.
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

// MakeRaw hands every key, also Ctrl-C, to whoever reads the input. restore gives the input the mode back that it had;
// it may be called more than once, and from any goroutine, and returns the same each time.
func (t *Terminal) MakeRaw() (restore func() error, err error) {
	fd := int(t.in.Fd())
	mode, err := term.MakeRaw(fd)
	if err != nil {
		return nil, fmt.Errorf("cannot make %s raw: %w", t.in.Name(), err)
	}
	restore = sync.OnceValue(func() error {
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

// Restore undoes the last MakeRaw, if there was one. It is for the way out, also by a panic.
func (t *Terminal) Restore() error {
	t.mu.Lock()
	restore := t.restore
	t.mu.Unlock()
	if restore == nil {
		return nil
	}
	return restore()
}
