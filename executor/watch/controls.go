package watch

import (
	"context"
	"io"
)

// Control is a wish of the person at the keyboard.
type Control int

const (
	// Rerun asks for a run at once.
	Rerun Control = iota
	// Pause stops the reaction to changes. The next Pause reacts to all changes since.
	Pause
	// Help asks for the list of keys.
	Help
)

// ControlHooks are called for the wishes of a person.
type ControlHooks struct {
	// OnPause is called when a pause begins or ends.
	OnPause func(isPaused bool)
	// OnHelp prints the list of keys.
	OnHelp func()
}

// WithControls returns batches with the wishes of a person. The result is closed after batches or at the end of ctx.
func WithControls(
	ctx context.Context, batches <-chan Batch, controls <-chan Control, hooks ControlHooks,
) <-chan Batch {
	out := make(chan Batch)
	go func() {
		defer close(out)
		isPaused := false
		var next Batch
		var ready chan<- Batch // nil without a batch
		for {
			in := batches
			if isPaused {
				in = nil // changes gather in the batch of the watcher
			}
			select {
			case <-ctx.Done():
				return
			case b, open := <-in:
				if !open {
					return
				}
				next.merge(b)
				ready = out
			case control := <-controls:
				switch control {
				case Rerun:
					next.IsRequested, ready = true, out
				case Pause:
					isPaused = !isPaused
					hooks.OnPause(isPaused)
				case Help:
					hooks.OnHelp()
				}
			case ready <- next:
				next, ready = Batch{}, nil
			}
		}
	}()
	return out
}

// ReadKeys sends the wishes of a person until the input ends or closing is closed: r for a rerun, p for a pause, ? or
// Enter for the list of keys. The key q calls quit.
func ReadKeys(keys io.Reader, wishes chan<- Control, closing <-chan struct{}, quit func()) {
	meanings := map[byte]Control{'r': Rerun, 'p': Pause, '?': Help, '\n': Help, '\r': Help}
	key := make([]byte, 1)
	for {
		n, err := keys.Read(key)
		if err != nil {
			return
		}
		if n == 0 {
			continue
		}
		if key[0] == 'q' {
			quit()
			return
		}
		if wish, known := meanings[key[0]]; known {
			select {
			case wishes <- wish:
			case <-closing:
			}
		}
	}
}
