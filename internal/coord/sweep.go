package coord

import (
	"os"
	"path/filepath"
	"strings"
	"time"
)

const (
	// sweepInterval is how often there is a sweep at most.
	sweepInterval = 24 * time.Hour
	// maxFileAge is how long a file is kept that nobody writes.
	maxFileAge = 90 * 24 * time.Hour
	// maxTempAge is longer than a file takes to be written.
	maxTempAge = time.Hour
)

// Sweep removes files with names that begin with one of some prefixes, and that nobody has written for 90 days: those of tasks
// that are not there any more, or not called with the same words. What writers that were killed have left half written goes as
// well. It looks once a day, and makes no directory.
func (d *Dir) Sweep(now time.Time, prefixes ...string) error {
	dirs, err := d.candidates()
	if err != nil {
		return err
	}
	for _, dir := range dirs {
		if root, err := openPlace(dir); err == nil {
			_ = root.Close()
			return sweepDir(dir, now, prefixes)
		}
	}
	return nil
}

func sweepDir(dir string, now time.Time, prefixes []string) error {
	stamp := filepath.Join(dir, "swept")
	if info, err := os.Stat(stamp); err == nil && now.Sub(info.ModTime()) < sweepInterval {
		return nil
	}
	if err := replaceFile(stamp, nil, writeContent); err != nil {
		return err
	}
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		maxAge := maxAgeOf(e.Name(), prefixes)
		if info, err := e.Info(); err == nil && maxAge > 0 && now.Sub(info.ModTime()) > maxAge {
			_ = os.Remove(filepath.Join(dir, e.Name())) // somebody else may sweep as well
		}
	}
	return err
}

// maxAgeOf is how long a file is kept; 0: for ever.
func maxAgeOf(file string, prefixes []string) time.Duration {
	if strings.HasPrefix(file, tempPrefix) {
		return maxTempAge
	}
	for _, prefix := range prefixes {
		if strings.HasPrefix(file, fileName("data", prefix)) {
			return maxFileAge
		}
	}
	return 0
}
