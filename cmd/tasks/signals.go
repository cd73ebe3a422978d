package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"slices"
	"syscall"
)

// signalBacklog is more than can be typed while a plan is made.
const signalBacklog = 16

// notifySignals gives the signals that a running command gets. What is ignored from the start, by nohup or by a shell that puts a job
// into the background, stays so for this program and its commands: to listen for it would end that.
func notifySignals() chan os.Signal {
	all := append([]os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT}, userSignals()...)
	signals := make(chan os.Signal, signalBacklog)
	signal.Notify(signals, slices.DeleteFunc(all, signal.Ignored)...)
	return signals
}

// ends says whether a signal asks to end; others are only passed on, and where nothing runs they mean nothing.
func isStopSignal(sig os.Signal) bool { return !slices.Contains(userSignals(), sig) }

// waitStopSignal waits for a signal that asks to end; nil: ctx has ended before.
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

// runInterruptible does what comes before a run: a signal that asks to end does so at once, and nothing has been touched.
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

// runUntilSignal does what leaves nothing to clean up: the first signal that asks to end ends it, and the program.
func runUntilSignal(action func(context.Context) error) error {
	signals := notifySignals()
	defer signal.Stop(signals)
	_, err := runInterruptible(signals, func(ctx context.Context) (struct{}, error) { return struct{}{}, action(ctx) })
	return err
}
