package coord

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

func bootID() (string, bool) {
	id, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	return strings.TrimSpace(string(id)), err == nil
}

// machineID is machine-id(5). Systems without systemd have the same at the place of D-Bus, or none.
func machineID() string {
	for _, path := range []string{"/etc/machine-id", "/var/lib/dbus/machine-id"} {
		content, err := os.ReadFile(path)
		if id := strings.TrimSpace(string(content)); err == nil && isMachineID(id) {
			return id
		}
	}
	return ""
}

// isMachineID reports whether a text is an id. Before the first start of a machine "uninitialized" may stand there.
func isMachineID(id string) bool {
	return len(id) == 32 && strings.Trim(id, "0123456789abcdef") == "" && strings.Trim(id, "0") != ""
}

// uptime counts the machine's sleep as well (proc(5), uptime). No change of the clock changes the uptime.
func uptime() (time.Duration, bool) {
	content, err := os.ReadFile("/proc/uptime")
	up, _, found := strings.Cut(string(content), " ")
	seconds, parseErr := strconv.ParseFloat(up, 64)
	if err != nil || !found || parseErr != nil {
		return 0, false
	}
	return time.Duration(seconds * float64(time.Second)), true
}

// initialPidNamespace is the kernel's number of the namespace that a machine starts with (PROC_PID_INIT_INO).
const initialPidNamespace = "pid:[4026531836]"

// pidNamespace tells containers apart: each counts its processes anew.
func pidNamespace() string {
	space, err := os.Readlink("/proc/self/ns/pid")
	if err != nil || space == initialPidNamespace {
		return ""
	}
	return "+" + space
}

// processStart is when a process began, in ticks since the machine's start (proc(5), stat, field 22). One that has ended and whose
// parent has not asked for its end yet is dead. Where it cannot be read, there is a process and no time.
func processStart(pid int) (start string, alive bool) { return processStartIn("/proc", pid) }

func processStartIn(proc string, pid int) (start string, alive bool) {
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
