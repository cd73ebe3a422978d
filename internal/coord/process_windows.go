package coord

import (
	"errors"
	"strconv"
	"time"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"
)

// bootID: the time at which a process began tells it from those before the last start of the machine, too.
func bootID() (string, bool) { return noBootID, true }

// machineID is what the setup of Windows has made up.
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

// uptime is not needed: the start of a process tells those of an earlier start of the machine.
func uptime() (time.Duration, bool) { return 0, false }

func pidNamespace() string { return "" }

// processStart is when a process began, in units of 100 ns since 1601. Where it cannot be read, there is a process and no time.
func processStart(pid int) (start string, alive bool) {
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
