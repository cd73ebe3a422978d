package owner

import (
	"errors"
	"strconv"

	"golang.org/x/sys/windows"
)

// bootID: the time at which a process began tells it from those before the last start of the machine, too.
func bootID() (string, bool) { return "-", true }

func pidSpace() string { return "" }

// startOf is when a process began, in units of 100 ns since 1601. Where it cannot be read, there is a process and no time.
func startOf(pid int) (start string, alive bool) {
	const stillActive = 259 // STILL_ACTIVE
	process, err := windows.OpenProcess(windows.PROCESS_QUERY_LIMITED_INFORMATION, false, uint32(pid))
	if err != nil {
		return "", !errors.Is(err, windows.ERROR_INVALID_PARAMETER) // there is none
	}
	defer windows.CloseHandle(process)
	var began, ended, kernel, user windows.Filetime
	var code uint32
	if windows.GetProcessTimes(process, &began, &ended, &kernel, &user) != nil || windows.GetExitCodeProcess(process, &code) != nil {
		return "", true
	}
	return strconv.FormatInt(began.Nanoseconds(), 10), code == stillActive
}
