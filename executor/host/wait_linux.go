package host

import "golang.org/x/sys/unix"

// cldStopped is CLD_STOPPED of waitid(2).
const cldStopped = 5

// awaitChange waits until a process is stopped or ends. An ended process is not reaped. Until then, its id and its
// group's id cannot be reused.
func awaitChange(pid int, _ *exit) (stopped bool, err error) {
	var info unix.Siginfo
	err = ignoringInterrupts(func() error {
		return unix.Waitid(unix.P_PID, pid, &info, unix.WEXITED|unix.WSTOPPED|unix.WNOWAIT, nil)
	})
	if err != nil || info.Code != cldStopped {
		return false, err
	}
	// This call consumes the stop, to see the stop only once.
	return true, ignoringInterrupts(func() error {
		return unix.Waitid(unix.P_PID, pid, nil, unix.WSTOPPED|unix.WNOHANG, nil)
	})
}
