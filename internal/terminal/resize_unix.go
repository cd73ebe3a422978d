//go:build unix

package terminal

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// Resizes returns a channel with a value for each change of the size. Changes before the value is received count once.
// The channel is closed when ctx ends.
func (t *Terminal) Resizes(ctx context.Context) <-chan struct{} {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGWINCH)
	resizes := make(chan struct{}, 1)
	go func() {
		defer close(resizes)
		defer signal.Stop(signals)
		for {
			select {
			case <-ctx.Done():
				return
			case <-signals:
			}
			select {
			case resizes <- struct{}{}:
			default: // a value is already waiting
			}
		}
	}()
	return resizes
}
