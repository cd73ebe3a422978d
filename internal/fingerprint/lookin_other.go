//go:build !linux

package fingerprint

import (
	"io/fs"
	"os"
)

// lookIn looks at an entry of a directory. What is no regular file any more is not there.
func lookIn(_ *os.File, entry fs.DirEntry) (l look, there bool, err error) {
	info, err := entry.Info()
	if err != nil || !info.Mode().IsRegular() {
		return l, false, err
	}
	return lookOf(info), true, nil
}
