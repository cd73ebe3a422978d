package command

import (
	"context"
	"time"

	"tasks/executor/engine"
)

// tty is the user's terminal as long as it is that of a command in a container. The zero value is none.
type tty struct {
	terminal Terminal
	// resize tells the engine the size.
	resize func(context.Context, engine.Size) error
	// restoreMode gives the user's terminal its mode back; nil where it was not changed.
	restoreMode func() error
}

// acquire makes the user's terminal the command's: raw, and of the same size, until ctx ends.
func (s *tty) acquire(ctx context.Context, terminal Terminal, resize func(context.Context, engine.Size) error) {
	s.terminal, s.resize = terminal, resize
	if restore, err := terminal.MakeRaw(); err == nil {
		s.restoreMode = restore
	}
	resizes := terminal.Resizes(ctx)
	s.goRestoring(func() {
		s.sendInitialSize(ctx)
		for range resizes {
			_ = s.sendSize(ctx) // one that has just ended has no size: nothing to tell anybody
		}
	})
}

// isActive says that the command has the user's terminal.
func (s *tty) isActive() bool { return s.terminal != nil }

// restore may be called more than once.
func (s *tty) restore() {
	if s.restoreMode != nil {
		_ = s.restoreMode() // nothing more can be done for the user
	}
}

// goRestoring runs something aside. Should it panic, the user gets the terminal back before the program dies.
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

// initialSizeTries is how often the first size is sent to a command whose terminal is not there yet.
const initialSizeTries = 5

// sendInitialSize sets the size that the terminal has at the start. What has only just started may have no terminal yet.
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
		return nil // a terminal without a size, as some pipelines make: the command keeps its own
	}
	return s.resize(ctx, engine.Size{Rows: rows, Columns: columns})
}
