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
	uid, ok := FileOwner(info)
	if !ok {
		return &foreignError{path, "has no owner"}
	}
	return checkUser(path, uid, os.Geteuid(), info.Mode())
}

// FileOwner returns the id of the user who owns a file. hasOwner is false on Windows.
func FileOwner(info fs.FileInfo) (uid int, hasOwner bool) {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, false
	}
	return int(stat.Uid), true
}

// belongsToUser reports whether this user may change the mode.
func belongsToUser(info fs.FileInfo) bool {
	uid, ok := FileOwner(info)
	return ok && uid == os.Geteuid()
}
