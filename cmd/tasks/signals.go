package main

import (
	"context"
	"os"

	"tasks/internal/interrupt"
	"tasks/internal/view"
)

// notifySignals receives the signals of the process until the exit. The second signal ends the patience with readers of
// the output, and then the program.
func (a *app) notifySignals() *interrupt.Signals {
	signals := interrupt.Notify(os.Exit)
	view.HurryAfter(signals.Hurry(), a.printer)
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
