//go:build unix && !linux

package terminal

import "golang.org/x/sys/unix"

// waitReadable waits until either file is readable or has ended, and reports whether the first is. The wait uses
// select, because poll on macOS does not support terminals.
func waitReadable(first, second int) (isFirst bool, err error) {
	if max(first, second) >= unix.FD_SETSIZE {
		return false, unix.EMFILE
	}
	var fds unix.FdSet
	fds.Set(first)
	fds.Set(second)
	if _, err := unix.Select(max(first, second)+1, &fds, nil, nil, nil); err != nil {
		return false, err
	}
	return fds.IsSet(first), nil
}
