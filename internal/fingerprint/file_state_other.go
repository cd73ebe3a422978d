//go:build !linux

package fingerprint

import (
	"io/fs"
	"os"
)

// fileStateIn reads the state of an entry of a directory. An entry that is no longer a regular file does not exist.
func fileStateIn(_ *os.File, entry fs.DirEntry) (l fileState, there bool, err error) {
	info, err := entry.Info()
	if err != nil || !info.Mode().IsRegular() {
		return l, false, err
	}
	return fileStateOf(info), true, nil
}
