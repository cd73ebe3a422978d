package main

import (
	"context"
	"os"

	"tasks/internal/interrupt"
)

// notifySignals receives the signals of the process until the exit. The second signal ends the patience with readers of
// the output, and then the program.
func (a *app) notifySignals() *interrupt.Signals {
	signals := interrupt.Notify(os.Exit)
	a.printer.HurryAfter(signals.Hurry())
	a.coordination.Bound(signals.Forced())
	return signals
}

// runUntilSignal performs an action without a cleanup. The first signal to stop ends the action and the program.
func (a *app) runUntilSignal(action func(context.Context) error) error {
	signals := a.notifySignals()
	defer signals.Stop()
	_, err := interrupt.Do(signals.C, func(ctx context.Context) (struct{}, error) { return struct{}{}, action(ctx) })
	return err
}
