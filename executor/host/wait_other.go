//go:build unix && !linux

package host

import "syscall"

// awaitChange waits until a process is stopped or ends. An ended process is reaped, because not every Unix can postpone
// this. Until the group is killed, only the other members keep the group's id in use.
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
