//go:build unix

package coord

import (
	"io/fs"
	"os"
	"syscall"
)

// checkOwn fails where a directory or file is not this user's or root's, or others can write it.
func checkOwn(path string, info fs.FileInfo) error {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return &foreignError{path, "has no owner"}
	}
	return checkOwner(path, int(stat.Uid), os.Geteuid(), info.Mode())
}

// isOurs reports whether this user may change the mode.
func isOurs(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == os.Geteuid()
}
