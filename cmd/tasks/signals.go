package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"slices"
	"syscall"
)

// signalBacklog exceeds the number of signals that a person can send during a plan.
const signalBacklog = 16

// notifySignals returns the signals for running commands. A signal that nohup or a background job ignores from the
// start stays ignored for this program and for commands: a handler would end the ignoring.
func notifySignals() chan os.Signal {
	all := append([]os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT}, userSignals()...)
	signals := make(chan os.Signal, signalBacklog)
	signal.Notify(signals, slices.DeleteFunc(all, signal.Ignored)...)
	return signals
}

// isStopSignal reports whether a signal asks the program to stop. Other signals are only for the running command.
func isStopSignal(sig os.Signal) bool { return !slices.Contains(userSignals(), sig) }

// waitStopSignal waits for a signal to stop. The signal is nil where ctx ends before.
func waitStopSignal(ctx context.Context, signals <-chan os.Signal) os.Signal {
	for {
		select {
		case sig := <-signals:
			if isStopSignal(sig) {
				return sig
			}
		case <-ctx.Done():
			return nil
		}
	}
}

// runInterruptible performs an action before a run. A signal to stop returns at once with an exit code: nothing has
// changed.
func runInterruptible[T any](signals <-chan os.Signal, action func(context.Context) (T, error)) (T, error) {
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
			if !isStopSignal(sig) {
				continue
			}
			cancel()
			var zero T
			return zero, &exitError{code: codeSignal + int(sig.(syscall.Signal)), err: errors.New(sig.String())}
		}
	}
}

// runUntilSignal performs an action without a cleanup. The first signal to stop ends the action and the program.
func runUntilSignal(action func(context.Context) error) error {
	signals := notifySignals()
	defer signal.Stop(signals)
	_, err := runInterruptible(signals, func(ctx context.Context) (struct{}, error) { return struct{}{}, action(ctx) })
	return err
}

// cancelOnSignal calls cancel at the first signal to stop, unless ctx ends before.
func cancelOnSignal(ctx context.Context, signals <-chan os.Signal, cancel func()) {
	if waitStopSignal(ctx, signals) != nil {
		cancel()
	}
}
