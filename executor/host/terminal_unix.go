//go:build unix

package host

import (
	"errors"
	"os"
	"os/signal"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
	"golang.org/x/term"
)

// suspendTimeout limits the wait for the own suspension. Without a shell with job control, for example in a container,
// the system drops the signal. Then the command continues.
const suspendTimeout = 200 * time.Millisecond

// terminal is the terminal of a command. A nil terminal means no terminal.
type terminal struct {
	fd            int
	hasJobControl bool        // the terminal is the controlling terminal of tasks
	isLent        bool        // the command has the foreground
	mode          *term.State // the mode before the command
}

func openTerminal(file *os.File) (*terminal, error) {
	if file == nil {
		return nil, nil
	}
	t := &terminal{fd: int(file.Fd())}
	mode, err := term.GetState(t.fd)
	if err != nil {
		return nil, errors.New(file.Name() + " is not a terminal")
	}
	t.mode = mode
	_, err = foregroundGroup(t.fd)
	t.hasJobControl = err == nil
	return t, nil
}

// startForeground starts a command in its own group, in the foreground if tasks is there. Without a terminal the
// command gets its own session. A password prompt at /dev/tty then fails, and is not stopped forever.
func (t *terminal) startForeground(attr *syscall.SysProcAttr, start func() error) error {
	if t == nil {
		attr.Setsid = true
		return start()
	}
	attr.Setpgid = true
	if !t.isForeground() {
		return start()
	}
	attr.Foreground, attr.Ctty = true, t.fd
	t.isLent = true
	// The command itself takes the foreground before the first instruction. This only works while SIGTTOU is ignored.
	// The command keeps ignoring the signal, so its background jobs can write in spite of `stty tostop`. There is no
	// other effect.
	err := ignoringTTOU(start)
	if err != nil {
		return errors.Join(err, t.restore())
	}
	return nil
}

// isForeground reports whether tasks is in the foreground.
func (t *terminal) isForeground() bool {
	group, err := foregroundGroup(t.fd)
	return err == nil && group == syscall.Getpgrp()
}

// restore takes the foreground from the command, and restores the mode of the terminal.
func (t *terminal) restore() error {
	if t == nil || t.hasJobControl && !t.isLent {
		return nil
	}
	err := ignoringTTOU(func() error {
		if t.isLent {
			if err := setForegroundGroup(t.fd, syscall.Getpgrp()); err != nil {
				return err
			}
		}
		return term.Restore(t.fd, t.mode)
	})
	t.isLent = false
	if errors.Is(err, syscall.EIO) || errors.Is(err, syscall.ENOTTY) {
		return nil // the terminal no longer exists
	}
	return os.NewSyscallError("taking the terminal back", err)
}

// suspend handles a stop of the command. tasks is suspended too, as if the keys were for tasks. Both continue on a
// signal of the user's shell.
func (t *terminal) suspend(group int) {
	mode, modeErr := term.GetState(t.fd)
	lent := t.isLent
	_ = t.restore()
	suspendSelf()
	if t.isForeground() {
		_ = ignoringTTOU(func() error {
			if lent && modeErr == nil {
				_ = term.Restore(t.fd, mode)
			}
			return setForegroundGroup(t.fd, group)
		})
		t.isLent = true
	}
	_ = syscall.Kill(-group, syscall.SIGCONT)
}

// suspendSelf suspends the process group of tasks, and returns after the continuation.
func suspendSelf() {
	continued := make(chan os.Signal, 1)
	signal.Notify(continued, syscall.SIGCONT)
	defer signal.Stop(continued)
	_ = syscall.Kill(0, syscall.SIGTSTP)
	select {
	case <-continued:
	case <-time.After(suspendTimeout):
	}
}

func ignoringTTOU(call func() error) error {
	signal.Ignore(syscall.SIGTTOU)
	defer signal.Reset(syscall.SIGTTOU)
	return call()
}

func foregroundGroup(fd int) (int, error) {
	return unix.IoctlGetInt(fd, unix.TIOCGPGRP)
}

func setForegroundGroup(fd, group int) error {
	return unix.IoctlSetPointerInt(fd, unix.TIOCSPGRP, group)
}
