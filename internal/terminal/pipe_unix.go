//go:build unix

package terminal

import (
	"os"

	"golang.org/x/sys/unix"
)

// IsReaderGone reports whether a file is a pipe, a socket or a terminal with a closed other end. Nothing is written.
func IsReaderGone(f *os.File) bool {
	fds := []unix.PollFd{{Fd: int32(f.Fd())}}
	if _, err := unix.Poll(fds, 0); err != nil {
		return false
	}
	return fds[0].Revents&(unix.POLLERR|unix.POLLHUP) != 0
}
