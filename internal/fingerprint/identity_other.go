//go:build !linux && !darwin

package fingerprint

import (
	"io/fs"
	"syscall"
)

var errNotDirectory = syscall.ENOTDIR

// identity returns zeros: the system reports neither change time nor inode.
func identity(fs.FileInfo) (changed int64, inode uint64) { return 0, 0 }
