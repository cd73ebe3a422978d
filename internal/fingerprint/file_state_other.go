//go:build !linux

package fingerprint

import (
	"io/fs"
	"os"
)

// fileStateIn looks at an entry of a directory. What is no regular file any more is not there.
func fileStateIn(_ *os.File, entry fs.DirEntry) (l fileState, there bool, err error) {
	info, err := entry.Info()
	if err != nil || !info.Mode().IsRegular() {
		return l, false, err
	}
	return fileStateOf(info), true, nil
}
