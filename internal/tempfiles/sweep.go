// Package tempfiles removes temporary files of killed processes.
package tempfiles

import (
	"os"
	"path/filepath"
	"strings"
	"time"
)

// MaxAge is the age of a file or directory at the removal, since the last write. No process of this program uses a
// temporary file for so long.
const MaxAge = time.Hour

// Sweep removes the files and directories of dir with a name of [os.CreateTemp], the prefix and digits, that are older
// than [MaxAge]. A link is removed as a
// link. Errors have no effect: another process may sweep at the same time, or own the files.
func Sweep(dir, prefix string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		random, isOurs := strings.CutPrefix(e.Name(), prefix)
		if !isOurs || strings.Trim(random, "0123456789") != "" {
			continue
		}
		if info, err := e.Info(); err == nil && time.Since(info.ModTime()) > MaxAge {
			_ = os.RemoveAll(filepath.Join(dir, e.Name()))
		}
	}
}
