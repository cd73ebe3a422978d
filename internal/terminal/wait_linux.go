package terminal

import "golang.org/x/sys/unix"

// waitReadable waits until one of both can be read, or has ended, and says whether it is the first.
func waitReadable(first, second int) (isFirst bool, err error) {
	fds := []unix.PollFd{{Fd: int32(first), Events: unix.POLLIN}, {Fd: int32(second), Events: unix.POLLIN}}
	if _, err := unix.Poll(fds, -1); err != nil {
		return false, err
	}
	return fds[0].Revents != 0, nil
}
