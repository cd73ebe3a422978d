package coord

import (
	"encoding/hex"
	"errors"
	"strconv"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

func bootID() (string, bool) {
	id, err := unix.Sysctl("kern.bootsessionuuid")
	return id, err == nil
}

// machineID returns the id of the hardware (gethostuuid(2)).
func machineID() string {
	var id [16]byte
	var wait unix.Timespec
	_, _, errno := unix.Syscall(unix.SYS_GETHOSTUUID, uintptr(unsafe.Pointer(&id)), uintptr(unsafe.Pointer(&wait)), 0)
	if errno != 0 || id == [16]byte{} {
		return ""
	}
	return hex.EncodeToString(id[:])
}

// uptime returns the time since the start of the machine, with sleep.
func uptime() (time.Duration, bool) {
	began, err := unix.SysctlTimeval("kern.boottime")
	if err != nil {
		return 0, false
	}
	return time.Since(time.Unix(began.Unix())), true
}

func namespaces() string { return "" }

func isTimeComparable(int) bool { return true }

func hasOwnProc() bool { return true }

// processStart returns the start of a process in microseconds since 1970. Without an answer, the process is
// alive, and start is empty.
func processStart(pid int) (start string, isAlive bool) {
	const zombie = 5 // SZOMB of sys/proc.h
	info, err := unix.SysctlKinfoProc("kern.proc.pid", pid)
	if err != nil {
		return "", !errors.Is(err, unix.EIO) && !errors.Is(err, unix.ESRCH) // EIO: the answer is empty
	}
	at := info.Proc.P_starttime
	return strconv.FormatInt(at.Sec*1_000_000+int64(at.Usec), 10), info.Proc.P_stat != zombie
}
