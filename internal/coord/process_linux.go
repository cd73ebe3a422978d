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

// machineID returns the id of machine-id(5). A system without systemd has the id in the file of D-Bus, or has
// no id.
func machineID() string {
	for _, path := range []string{"/etc/machine-id", "/var/lib/dbus/machine-id"} {
		content, err := os.ReadFile(path)
		if id := strings.TrimSpace(string(content)); err == nil && isMachineID(id) {
			return id
		}
	}
	return ""
}

// isMachineID reports whether a text is an id. Before the first start of a machine the file may say
// "uninitialized".
func isMachineID(id string) bool {
	return len(id) == 32 && strings.Trim(id, "0123456789abcdef") == "" && strings.Trim(id, "0") != ""
}

// uptime returns the time since the start of the machine, with sleep (proc(5), uptime). A change of the clock
// does not change the uptime.
func uptime() (time.Duration, bool) {
	content, err := os.ReadFile("/proc/uptime")
	up, _, found := strings.Cut(string(content), " ")
	seconds, parseErr := strconv.ParseFloat(up, 64)
	if err != nil || !found || parseErr != nil {
		return 0, false
	}
	return time.Duration(seconds * float64(time.Second)), true
}

// initialPidNamespace is the kernel's number of the first namespace of a machine (PROC_PID_INIT_INO).
const initialPidNamespace = "pid:[4026531836]"

// pidNamespace separates containers: each container has separate process ids. The text is empty outside of
// containers.
func pidNamespace() string {
	space, err := os.Readlink("/proc/self/ns/pid")
	if err != nil || space == initialPidNamespace {
		return ""
	}
	return "+" + space
}

// processStart returns the start of a process in ticks since the start of the machine (proc(5), stat, field
// 22). A zombie is dead. Without an answer, the process is alive, and start is empty.
func processStart(pid int) (start string, isAlive bool) { return processStartIn("/proc", pid) }

func processStartIn(proc string, pid int) (start string, isAlive bool) {
	stat, err := os.ReadFile(filepath.Join(proc, strconv.Itoa(pid), "stat"))
	if errors.Is(err, fs.ErrNotExist) {
		// A process of another user may be hidden (proc(5), hidepid).
		return "", !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH)
	}
	if err != nil {
		return "", true
	}
	// The name, in parentheses, may contain any characters.
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	if len(fields) < 20 {
		return "", true
	}
	return fields[19], fields[0] != "Z" && fields[0] != "X"
}
