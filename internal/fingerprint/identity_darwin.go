package fingerprint

import (
	"io/fs"
	"syscall"
)

var errNotDirectory = syscall.ENOTDIR

// identity returns the inode's change time and number.
func identity(info fs.FileInfo) (changed int64, inode uint64) {
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return s.Ctimespec.Nano(), s.Ino
	}
	return 0, 0
}
