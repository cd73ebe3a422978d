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

// namespaces returns the namespaces of this process with an influence on process ids and on starts. The text is empty
// in the first namespaces of a machine. Each container has separate process ids. The starts in /proc are relative to
// the clock of the time namespace of the reader.
func namespaces() string { return namespacesIn("/proc/self/ns") }

func namespacesIn(dir string) (text string) {
	for _, initial := range []string{
		"pid:[4026531836]",  // PROC_PID_INIT_INO of the kernel
		"time:[4026531834]", // PROC_TIME_INIT_INO; before Linux 5.6 there are no time namespaces
	} {
		kind, _, _ := strings.Cut(initial, ":")
		if space, err := os.Readlink(filepath.Join(dir, kind)); err == nil && space != initial {
			text += "+" + space
		}
	}
	return text
}

// isTimeComparable reports whether the start of a process can be compared with a start in an owner. In another time
// namespace the process may have written an owner without the name of the namespace, as older versions do.
func isTimeComparable(pid int) bool { return isTimeComparableIn("/proc", pid) }

func isTimeComparableIn(proc string, pid int) bool {
	own, err := os.Readlink(filepath.Join(proc, "self/ns/time"))
	other, otherErr := os.Readlink(filepath.Join(proc, strconv.Itoa(pid), "ns/time"))
	return err != nil || otherErr != nil || own == other
}

// hasOwnProc reports whether /proc shows the process ids of this process. In a new pid namespace with the old /proc, an
// id means two processes.
func hasOwnProc() bool { return hasOwnProcIn("/proc") }

func hasOwnProcIn(proc string) bool {
	pid, err := os.Readlink(filepath.Join(proc, "self"))
	return err == nil && pid == strconv.Itoa(os.Getpid())
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
