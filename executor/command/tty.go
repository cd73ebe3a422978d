package command

import (
	"context"
	"time"

	"tasks/executor/engine"
)

// tty is the user's terminal while a command in a container uses it. The zero value is no terminal.
type tty struct {
	terminal Terminal
	// resize sends the size to the engine.
	resize func(context.Context, engine.Size) error
	// restoreMode restores the mode of the user's terminal; nil: the mode is unchanged.
	restoreMode func() error
}

// acquire gives the user's terminal to the command: raw, and with the same size, until ctx ends.
func (s *tty) acquire(ctx context.Context, terminal Terminal, resize func(context.Context, engine.Size) error) {
	s.terminal, s.resize = terminal, resize
	if restore, err := terminal.MakeRaw(); err == nil {
		s.restoreMode = restore
	}
	resizes := terminal.Resizes(ctx)
	s.goRestoring(func() {
		s.sendInitialSize(ctx)
		for range resizes {
			_ = s.sendSize(ctx) // a command at its end has no size
		}
	})
}

// isActive reports whether the command has the user's terminal.
func (s *tty) isActive() bool { return s.terminal != nil }

// restore restores the terminal. It may be called more than once.
func (s *tty) restore() {
	if s.restoreMode != nil {
		_ = s.restoreMode() // a failure has no remedy
	}
}

// goRestoring runs a function in the background. On a panic the user gets the terminal back before the program dies.
func (s *tty) goRestoring(do func()) {
	go func() {
		defer func() {
			if p := recover(); p != nil {
				s.restore()
				panic(p)
			}
		}()
		do()
	}()
}

// initialSizeTries is the number of attempts to send the first size to a terminal that may not exist yet.
const initialSizeTries = 5

// sendInitialSize sends the initial size of the terminal. A command may have no terminal right after its start.
func (s *tty) sendInitialSize(ctx context.Context) {
	pause := 10 * time.Millisecond
	for range initialSizeTries {
		if s.sendSize(ctx) == nil || ctx.Err() != nil {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
		pause *= 2
	}
}

func (s *tty) sendSize(ctx context.Context) error {
	rows, columns, err := s.terminal.Size()
	if err != nil || rows == 0 || columns == 0 {
		return nil // a terminal without a size, as in some pipelines: the command keeps its own size
	}
	return s.resize(ctx, engine.Size{Rows: rows, Columns: columns})
}
