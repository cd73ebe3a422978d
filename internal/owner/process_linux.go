package owner

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

func bootID() (string, bool) {
	id, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	return strings.TrimSpace(string(id)), err == nil
}

// firstPidSpace is the kernel's number of the namespace that a machine starts with (PROC_PID_INIT_INO).
const firstPidSpace = "pid:[4026531836]"

// pidSpace tells containers apart: each counts its processes anew.
func pidSpace() string {
	space, err := os.Readlink("/proc/self/ns/pid")
	if err != nil || space == firstPidSpace {
		return ""
	}
	return "+" + space
}

// startOf is when a process began, in ticks since the machine's start (proc(5), stat, field 22). One that has ended and whose
// parent has not asked for its end yet is dead. Where it cannot be read, there is a process and no time.
func startOf(pid int) (start string, alive bool) { return startIn("/proc", pid) }

func startIn(proc string, pid int) (start string, alive bool) {
	stat, err := os.ReadFile(filepath.Join(proc, strconv.Itoa(pid), "stat"))
	if errors.Is(err, fs.ErrNotExist) {
		// Another user's may be hidden (proc(5), hidepid).
		return "", !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH)
	}
	if err != nil {
		return "", true
	}
	// The name, in parentheses, may hold anything.
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	if len(fields) < 20 {
		return "", true
	}
	return fields[19], fields[0] != "Z" && fields[0] != "X"
}
