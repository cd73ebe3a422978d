//go:build unix && !linux

package host

import "syscall"

// awaitChange waits until a process is stopped or ends. One that ended is reaped, since not every Unix can leave it: for
// the moment until its group is killed, the group is held by its other members only.
func awaitChange(pid int, e *exit) (stopped bool, err error) {
	err = ignoringInterrupts(func() error {
		_, err := syscall.Wait4(pid, &e.status, syscall.WUNTRACED, nil)
		return err
	})
	if err == nil && e.status.Stopped() {
		return true, nil
	}
	e.isReaped = true
	return false, err
}
