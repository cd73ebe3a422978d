package terminal

import "golang.org/x/sys/unix"

// waitReadable waits until either file is readable or has ended, and reports whether the first is.
func waitReadable(first, second int) (isFirst bool, err error) {
	fds := []unix.PollFd{{Fd: int32(first), Events: unix.POLLIN}, {Fd: int32(second), Events: unix.POLLIN}}
	if _, err := unix.Poll(fds, -1); err != nil {
		return false, err
	}
	return fds[0].Revents != 0, nil
}
