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

// suspendTimeout is how long we wait to be suspended. Where nobody could continue us (no shell with job control, such as in
// a container), the system drops the signal, and the command goes on.
const suspendTimeout = 200 * time.Millisecond

// terminal is the one that a command gets. A nil one is none.
type terminal struct {
	fd            int
	hasJobControl bool        // it is our controlling terminal
	isLent        bool        // the command has the foreground
	mode          *term.State // as we had it
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

// startForeground starts a command in a group of its own, in the foreground if we are in it. Without a terminal the command gets
// a session of its own: what asks for a password at /dev/tty then fails, instead of being stopped for ever.
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
	// The command itself takes the foreground before it runs its first instruction, which it may only while it ignores
	// SIGTTOU. That it goes on ignoring it lets its background jobs write in spite of `stty tostop`, and no more.
	err := ignoringTTOU(start)
	if err != nil {
		return errors.Join(err, t.restore())
	}
	return nil
}

// isForeground says whether we are in the foreground.
func (t *terminal) isForeground() bool {
	group, err := foregroundGroup(t.fd)
	return err == nil && group == syscall.Getpgrp()
}

// restore takes the foreground from the command, and gives the terminal the mode that it had.
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
		return nil // the terminal is gone: there is nothing to take back
	}
	return os.NewSyscallError("taking the terminal back", err)
}

// suspend is called when the command was stopped: the whole program is suspended, as if its keys had been ours, and
// command and program go on when the user's shell says so.
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

// suspendSelf suspends our process group and returns when it is continued.
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
