//go:build unix

package terminal

import (
	"fmt"
	"sync"

	"golang.org/x/sys/unix"
)

// MakeKeys passes each key to the reader of the input at once and without echo. Unlike after [Terminal.MakeRaw], Ctrl-C
// stays a signal and output stays as it is. restore is like that of MakeRaw.
func (t *Terminal) MakeKeys() (restore func() error, err error) {
	fd := int(t.in.Fd())
	// A background process that changes the mode is stopped.
	if group, err := unix.IoctlGetInt(fd, unix.TIOCGPGRP); err != nil || group != unix.Getpgrp() {
		return nil, fmt.Errorf("%s belongs to another job", t.in.Name())
	}
	mode, err := unix.IoctlGetTermios(fd, getTermios)
	if err != nil {
		return nil, fmt.Errorf("cannot read the mode of %s: %w", t.in.Name(), err)
	}
	keys := *mode
	keys.Lflag &^= unix.ICANON | unix.ECHO
	keys.Cc[unix.VMIN], keys.Cc[unix.VTIME] = 1, 0
	if err := unix.IoctlSetTermios(fd, setTermios, &keys); err != nil {
		return nil, fmt.Errorf("cannot read single keys from %s: %w", t.in.Name(), err)
	}
	restore = sync.OnceValue(func() error {
		if err := unix.IoctlSetTermios(fd, setTermios, mode); err != nil {
			return fmt.Errorf("cannot restore the mode of %s (`stty sane` does): %w", t.in.Name(), err)
		}
		return nil
	})
	t.mu.Lock()
	defer t.mu.Unlock()
	t.restore = restore
	return restore, nil
}
