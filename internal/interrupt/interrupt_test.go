//go:build unix

package interrupt

import (
	"context"
	"errors"
	"os"
	"syscall"
	"testing"
	"testing/synctest"
)

// TestUserSignalsEndNothing: where no command runs that they could be passed on to, they end neither a plan nor the patience with
// what is stopped at the end.
func TestUserSignalsEndNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		signals := make(chan os.Signal, backlog)
		signals <- syscall.SIGUSR1
		signals <- syscall.SIGUSR2
		release := make(chan struct{})
		go func() { synctest.Wait(); close(release) }()
		got, err := Do(signals, func(context.Context) (int, error) { <-release; return 7, nil })
		if got != 7 || err != nil || len(signals) > 0 {
			t.Errorf("a plan is %d, %v, with %d signals left", got, err, len(signals))
		}
		signals <- syscall.SIGUSR1
		signals <- syscall.SIGTERM
		_, err = Do(signals, func(ctx context.Context) (int, error) { <-ctx.Done(); return 0, ctx.Err() })
		if exit, ok := errors.AsType[*Error](err); !ok || Code(exit.Signal) != 143 {
			t.Errorf("after a SIGTERM: %v", err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		signals <- syscall.SIGUSR2
		go func() { synctest.Wait(); cancel() }()
		if sig := WaitStop(ctx, signals); sig != nil {
			t.Errorf("%s ends the patience", sig)
		}
		signals <- syscall.SIGHUP
		if sig := WaitStop(t.Context(), signals); sig != syscall.SIGHUP {
			t.Errorf("%v is taken for a SIGHUP", sig)
		}
	})
}
