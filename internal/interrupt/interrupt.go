// Package interrupt counts the signals that ask the program to end. The first signal starts an orderly end. The second
// signal bounds that end, and the third ends the program at once.
package interrupt

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"slices"
	"sync"
	"syscall"
	"time"
)

const (
	// CleanupLimit bounds all work on the engine after the second signal.
	CleanupLimit = 4500 * time.Millisecond
	// exitLimit is the time from the second signal to the forced end of the program.
	exitLimit = 5 * time.Second
	// farewellLimit bounds the last messages of a forced end: their reader may stand still.
	farewellLimit = 300 * time.Millisecond
	// holdInterval is the time between two questions whether work outlives the second signal.
	holdInterval = 200 * time.Millisecond
	// heldRequests is the number of signals that ends also the work that outlives the second signal.
	heldRequests = 4
	// backlog exceeds the number of signals that a person can send during a plan.
	backlog = 16
)

// errForced is the cause for the end of a forced context.
var errForced = errors.New("the program ends after the second signal")

// Signals are the signals to the process from [Notify] on. Safe for concurrent use.
type Signals struct {
	// C has all signals, for the command that runs.
	C chan os.Signal

	// Stop ends the counting: signals have no effect any more.
	Stop func()

	exit          func(code int)
	hurry, forced context.Context
	hurryNow      context.CancelFunc
	forceNow      context.CancelCauseFunc

	mu    sync.Mutex
	first os.Signal
	// requests counts the signals to stop. isBounded reports whether the time of the end is set.
	requests  int
	isBounded bool
	isHeld    func() bool
	farewells []func()
	ending    sync.Once
	// ended is closed after a forced end; nil: no forced end has begun.
	ended chan struct{}
}

// Notify receives the signals of the process from now on. A signal that nohup or a background job ignores from the
// start stays ignored for this program and for commands: a handler would end the ignoring. exit ends the process.
func Notify(exit func(code int)) *Signals {
	all := append([]os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT}, userSignals()...)
	received := make(chan os.Signal, backlog)
	signal.Notify(received, slices.DeleteFunc(all, signal.Ignored)...)
	s := From(received, exit)
	s.Stop = sync.OnceFunc(func() { signal.Stop(received); close(received) })
	return s
}

// From is [Notify] with signals from a channel. The end of the channel ends the counting.
func From(received <-chan os.Signal, exit func(code int)) *Signals {
	s := &Signals{C: make(chan os.Signal, backlog), exit: exit}
	s.hurry, s.hurryNow = context.WithCancel(context.Background())
	s.forced, s.forceNow = context.WithCancelCause(context.Background())
	go func() {
		for sig := range received {
			s.receive(sig)
		}
	}()
	return s
}

// IsStop reports whether a signal asks the program to stop. Other signals are only for the running command.
func IsStop(sig os.Signal) bool { return !slices.Contains(userSignals(), sig) }

// Hurry ends at the second signal: then grace periods and slow readers are over.
func (s *Signals) Hurry() context.Context { return s.hurry }

// Forced ends when all work on the engine must end, [CleanupLimit] after the second signal.
func (s *Signals) Forced() context.Context { return s.forced }

// Hold sets the question whether work outlives the second signal, as `finally` tasks do. The fourth signal then has the
// effect of the second.
func (s *Signals) Hold(isHeld func() bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.isHeld = isHeld
}

// BeforeForcedEnd adds a function for a forced end: to restore the terminal, or to print what is left.
func (s *Signals) BeforeForcedEnd(farewell func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.farewells = append(s.farewells, farewell)
}

// receive counts a signal, and passes the signal on.
func (s *Signals) receive(sig os.Signal) {
	select {
	case s.C <- sig:
	default: // no command reads signals any more
	}
	if !IsStop(sig) {
		return
	}
	s.mu.Lock()
	s.requests++
	if s.first == nil {
		s.first = sig
	}
	isOver, isSecond := s.isBounded, s.requests >= 2 && !s.isBounded
	s.mu.Unlock()
	switch {
	case isOver:
		s.end()
	case isSecond:
		s.bound()
	}
}

// bound sets the time of the end, as soon as no work outlives the second signal.
func (s *Signals) bound() {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.isBounded:
	case s.requests < heldRequests && s.isHeld != nil && s.isHeld():
		time.AfterFunc(holdInterval, s.bound)
	default:
		s.isBounded = true
		s.hurryNow()
		time.AfterFunc(CleanupLimit, func() { s.forceNow(errForced) })
		time.AfterFunc(exitLimit, s.end)
	}
}

// end ends the process, after the last messages.
func (s *Signals) end() {
	s.ending.Do(func() {
		s.mu.Lock()
		farewells, first := slices.Clone(s.farewells), s.first
		ended := make(chan struct{})
		s.ended = ended
		s.mu.Unlock()
		defer close(ended)
		s.forceNow(errForced)
		done := make(chan struct{})
		go func() {
			defer close(done)
			for _, farewell := range farewells {
				farewell()
			}
		}()
		select {
		case <-done:
		case <-time.After(farewellLimit):
		}
		s.exit(Code(first))
	})
}

// AwaitForcedEnd waits for the end of the process, if a forced end has begun. Otherwise AwaitForcedEnd returns at once.
// A forced end also ends the work of the caller; the caller must not exit before the last messages.
func (s *Signals) AwaitForcedEnd() {
	s.mu.Lock()
	ended := s.ended
	s.mu.Unlock()
	if ended != nil {
		<-ended
	}
}

// Code is the exit code of a program after a signal.
func Code(sig os.Signal) int {
	if number, ok := sig.(syscall.Signal); ok {
		return 128 + int(number)
	}
	return 128 + int(syscall.SIGTERM)
}

// Error is the end of an action, or of a context, by a signal.
type Error struct{ Signal os.Signal }

func (e *Error) Error() string { return e.Signal.String() }

// IsKey reports whether the end was Ctrl-C: then no message is needed.
func (e *Error) IsKey() bool { return e.Signal == os.Interrupt }

// Do performs an action before a run. A signal to stop returns at once with an [Error]: nothing has changed.
func Do[T any](signals <-chan os.Signal, action func(context.Context) (T, error)) (T, error) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	type answer struct {
		value T
		err   error
	}
	answers := make(chan answer, 1)
	go func() {
		value, err := action(ctx)
		answers <- answer{value, err}
	}()
	for {
		select {
		case a := <-answers:
			return a.value, a.err
		case sig := <-signals:
			if IsStop(sig) {
				var zero T
				return zero, &Error{sig}
			}
		}
	}
}

// WaitStop waits for a signal to stop. The signal is nil where ctx ends before.
func WaitStop(ctx context.Context, signals <-chan os.Signal) os.Signal {
	for {
		select {
		case sig := <-signals:
			if IsStop(sig) {
				return sig
			}
		case <-ctx.Done():
			return nil
		}
	}
}
