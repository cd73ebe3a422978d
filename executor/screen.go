package executor

import (
	"context"
	"time"
)

// screen is the user's terminal as long as it is that of a command in a container. The zero value is none.
type screen struct {
	terminal Terminal
	// resize tells the engine the size.
	resize func(context.Context, Size) error
	// restore gives the user's terminal its mode back; nil where it was not changed.
	restore func() error
}

// lend makes the user's terminal the command's: raw, and of the same size, until ctx ends.
func (s *screen) lend(ctx context.Context, terminal Terminal, resize func(context.Context, Size) error) {
	s.terminal, s.resize = terminal, resize
	if restore, err := terminal.MakeRaw(); err == nil {
		s.restore = restore
	}
	resizes := terminal.Resizes(ctx)
	s.guarded(func() {
		s.firstSize(ctx)
		for range resizes {
			_ = s.tellSize(ctx) // one that has just ended has no size: nothing to tell anybody
		}
	})
}

// lent says that the command has the user's terminal.
func (s *screen) lent() bool { return s.terminal != nil }

// giveBack may be called more than once.
func (s *screen) giveBack() {
	if s.restore != nil {
		_ = s.restore() // nothing more can be done for the user
	}
}

// guarded runs something aside. Should it panic, the user gets the terminal back before the program dies.
func (s *screen) guarded(do func()) {
	go func() {
		defer func() {
			if p := recover(); p != nil {
				s.giveBack()
				panic(p)
			}
		}()
		do()
	}()
}

// firstSizeTries is how often the first size is sent to a command whose terminal is not there yet.
const firstSizeTries = 5

// firstSize sets the size that the terminal has at the start. What has only just started may have no terminal yet.
func (s *screen) firstSize(ctx context.Context) {
	pause := 10 * time.Millisecond
	for range firstSizeTries {
		if s.tellSize(ctx) == nil || ctx.Err() != nil {
			return
		}
		time.Sleep(pause)
		pause *= 2
	}
}

func (s *screen) tellSize(ctx context.Context) error {
	rows, columns, err := s.terminal.Size()
	if err != nil || rows == 0 || columns == 0 {
		return nil // a terminal without a size, as some pipelines make: the command keeps its own
	}
	return s.resize(ctx, Size{Rows: rows, Columns: columns})
}
