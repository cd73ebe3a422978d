package owner

import (
	"errors"
	"strconv"

	"golang.org/x/sys/unix"
)

func bootID() (string, bool) {
	id, err := unix.Sysctl("kern.bootsessionuuid")
	return id, err == nil
}

func pidSpace() string { return "" }

// startOf is when a process began, in microseconds since 1970. Where it cannot be read, there is a process and no time.
func startOf(pid int) (start string, alive bool) {
	const zombie = 5 // SZOMB of sys/proc.h
	info, err := unix.SysctlKinfoProc("kern.proc.pid", pid)
	if err != nil {
		return "", !errors.Is(err, unix.EIO) && !errors.Is(err, unix.ESRCH) // EIO: the answer is empty
	}
	at := info.Proc.P_starttime
	return strconv.FormatInt(at.Sec*1_000_000+int64(at.Usec), 10), info.Proc.P_stat != zombie
}
