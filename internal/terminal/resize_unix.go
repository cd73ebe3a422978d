//go:build unix

package terminal

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// Resizes tells of changes of the size, until ctx ends, which closes the channel. Changes that nobody received yet
// count as one.
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
			default: // one is waiting to be received
			}
		}
	}()
	return resizes
}
