//go:build unix

package terminal

import (
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/sys/unix"
)

// OnSuspend calls before right before a suspension of this process by SIGTSTP (Ctrl-Z), and after right after the
// continuation. Without a shell with job control there is no suspension: nothing could continue this process.
func OnSuspend(before, after func()) {
	if signal.Ignored(syscall.SIGTSTP) {
		return
	}
	requested := make(chan os.Signal, 1)
	signal.Notify(requested, syscall.SIGTSTP)
	go func() {
		for range requested {
			if session, err := unix.Getsid(0); err != nil || session == syscall.Getpgrp() {
				continue
			}
			before()
			suspend()
			after()
		}
	}()
}

// suspend stops this process, and returns after the continuation. Go does not restore the default action of SIGTSTP
// after a handler, so the process stops itself.
func suspend() {
	continued := make(chan os.Signal, 1)
	signal.Notify(continued, syscall.SIGCONT)
	defer signal.Stop(continued)
	if err := syscall.Kill(syscall.Getpid(), syscall.SIGSTOP); err == nil {
		<-continued
	}
}
