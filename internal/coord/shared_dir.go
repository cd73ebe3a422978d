package coord

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"sync"
)

// SharedDirEnv names the variable with a directory for the state that all runs of a user share, in place of a directory
// of the account. Containers with a common directory know of each other so.
const SharedDirEnv = "TASKS_SHARED_DIR"

// errSameDir is the error of a directory that is another directory of a store already.
var errSameDir = errors.New("the directory is in use already")

// openAccountDir returns the directory for the user's projects on an engine, found by the user id. Runs with other
// values of HOME and XDG_CACHE_HOME (cron, systemd, jobs of CI) have the directory in common. If shared is the same
// directory, the path is an error: a process must not take a lock twice.
func openAccountDir(address string, shared *Dir) *Dir {
	d := &Dir{candidates: func() ([]string, error) {
		return accountDirs(keyOf("engine-", canonicalAddress(address))), nil
	}}
	d.path = sync.OnceValues(func() (string, error) {
		if isEqual(d, shared) {
			return "", errSameDir
		}
		path, err := d.create()
		if err != nil {
			return "", err
		}
		if other, err := shared.Path(); err == nil && isSamePlace(path, other) {
			return "", errSameDir
		}
		return path, nil
	})
	return d
}

// openReceipts returns the directory with copies of journal entries, for all projects of the user.
func openReceipts() *Dir {
	const key = "commands"
	d := &Dir{candidates: func() ([]string, error) { return append(accountDirs(key), userDirs(key)...), nil }}
	d.path = sync.OnceValues(d.create)
	return d
}

// isEqual reports whether two directories have the same candidates.
func isEqual(x, y *Dir) bool {
	dirs, err := x.candidates()
	others, otherErr := y.candidates()
	return err == nil && otherErr == nil && slices.Equal(dirs, others)
}

func isSamePlace(x, y string) bool {
	info, err := os.Stat(x)
	other, otherErr := os.Stat(y)
	return err == nil && otherErr == nil && os.SameFile(info, other)
}

// accountDirs returns the places of a directory by the user id alone, best first. The environment of a process has no
// influence, apart from [SharedDirEnv].
func accountDirs(key string) (dirs []string) {
	if dir := os.Getenv(SharedDirEnv); filepath.IsAbs(dir) {
		dirs = append(dirs, filepath.Join(dir, key))
	} else if account, err := currentAccount(); err == nil && filepath.IsAbs(account.HomeDir) {
		dirs = append(dirs, filepath.Join(account.HomeDir, cacheDir(), "tasks", key))
	}
	if runtime.GOOS != "windows" {
		dirs = append(dirs, filepath.Join("/tmp", fmt.Sprintf("tasks-%d", os.Getuid()), key))
	}
	return dirs
}

// currentAccount returns the account of this process, without a look at the environment.
func currentAccount() (*user.User, error) {
	if runtime.GOOS == "windows" {
		return user.Current() // a process has a token there, and no id
	}
	return user.LookupId(strconv.Itoa(os.Getuid()))
}

// cacheDir is the directory of [os.UserCacheDir] without environment variables, inside the home directory.
func cacheDir() string {
	switch runtime.GOOS {
	case "windows":
		return filepath.Join("AppData", "Local")
	case "darwin":
		return filepath.Join("Library", "Caches")
	}
	return ".cache"
}
