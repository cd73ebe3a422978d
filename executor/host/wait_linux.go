package host

import "golang.org/x/sys/unix"

// cldStopped is CLD_STOPPED of waitid(2).
const cldStopped = 5

// awaitChange waits until a process is stopped or ends. One that ended is not reaped: as long as it is not, its id, and
// so its group's, cannot be given to anybody else.
func awaitChange(pid int, _ *exit) (stopped bool, err error) {
	var info unix.Siginfo
	err = ignoringInterrupts(func() error {
		return unix.Waitid(unix.P_PID, pid, &info, unix.WEXITED|unix.WSTOPPED|unix.WNOWAIT, nil)
	})
	if err != nil || info.Code != cldStopped {
		return false, err
	}
	// Takes note of the stop, so that it is not seen again.
	return true, ignoringInterrupts(func() error {
		return unix.Waitid(unix.P_PID, pid, nil, unix.WSTOPPED|unix.WNOHANG, nil)
	})
}
