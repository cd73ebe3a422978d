//go:build unix

package terminal

import (
	"os"
	"os/signal"
	"syscall"
	"time"
)

// suspendTimeout limits the wait for the continuation. The system drops the signal where no shell has job control.
const suspendTimeout = 200 * time.Millisecond

// OnSuspend calls before right before a suspension of this process by SIGTSTP (Ctrl-Z), and after right after the
// continuation. An ignored SIGTSTP stays ignored.
func OnSuspend(before, after func()) {
	if signal.Ignored(syscall.SIGTSTP) {
		return
	}
	requested := make(chan os.Signal, 1)
	signal.Notify(requested, syscall.SIGTSTP)
	go func() {
		for range requested {
			before()
			suspend()
			signal.Notify(requested, syscall.SIGTSTP)
			after()
		}
	}()
}

// suspend stops this process as the system does without a handler, and returns after the continuation.
func suspend() {
	continued := make(chan os.Signal, 1)
	signal.Notify(continued, syscall.SIGCONT)
	defer signal.Stop(continued)
	signal.Reset(syscall.SIGTSTP)
	_ = syscall.Kill(syscall.Getpid(), syscall.SIGTSTP)
	select {
	case <-continued:
	case <-time.After(suspendTimeout):
	}
}
