//go:build unix

package coord

import (
	"io/fs"
	"os"
	"syscall"
)

// checkTrust fails for a file or directory of another user, and if other users can write. Files of root are
// trusted.
func checkTrust(path string, info fs.FileInfo) error {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return &foreignError{path, "has no owner"}
	}
	return checkUser(path, int(stat.Uid), os.Geteuid(), info.Mode())
}

// belongsToUser reports whether this user may change the mode.
func belongsToUser(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == os.Geteuid()
}
