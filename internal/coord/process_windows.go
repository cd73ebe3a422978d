package coord

import (
	"errors"
	"strconv"
	"time"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"
)

// bootID returns noBootID: the start of a process separates processes from before the last start of the
// machine.
func bootID() (string, bool) { return noBootID, true }

// machineID returns the id from the setup of Windows.
func machineID() string {
	const path = `SOFTWARE\Microsoft\Cryptography`
	key, err := registry.OpenKey(registry.LOCAL_MACHINE, path, registry.QUERY_VALUE|registry.WOW64_64KEY)
	if err != nil {
		return ""
	}
	defer key.Close()
	id, _, err := key.GetStringValue("MachineGuid")
	if err != nil {
		return ""
	}
	return id
}

// uptime has no answer: on Windows liveness needs no uptime; see bootID.
func uptime() (time.Duration, bool) { return 0, false }

func namespaces() string { return "" }

func isTimeComparable(int) bool { return true }

func hasOwnProc() bool { return true }

// processStart returns the start of a process in nanoseconds since 1970. Without an answer, the process is
// alive, and start is empty.
func processStart(pid int) (start string, isAlive bool) {
	const stillActive = 259 // STILL_ACTIVE
	process, err := windows.OpenProcess(windows.PROCESS_QUERY_LIMITED_INFORMATION, false, uint32(pid))
	if err != nil {
		return "", !errors.Is(err, windows.ERROR_INVALID_PARAMETER) // this error alone means: no such process
	}
	defer windows.CloseHandle(process)
	var began, ended, kernel, user windows.Filetime
	var code uint32
	if windows.GetProcessTimes(process, &began, &ended, &kernel, &user) != nil {
		return "", true
	}
	if windows.GetExitCodeProcess(process, &code) != nil {
		return "", true
	}
	return strconv.FormatInt(began.Nanoseconds(), 10), code == stillActive
}
