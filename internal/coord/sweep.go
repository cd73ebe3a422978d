package coord

import (
	"os"
	"path/filepath"
	"strings"
	"time"
)

const (
	// sweepInterval is the least time between two sweeps.
	sweepInterval = 24 * time.Hour
	// maxFileAge is the age of a file at the removal, since the last write.
	maxFileAge = 90 * 24 * time.Hour
	// maxTempAge is longer than the write of a file takes.
	maxTempAge = time.Hour
)

// Sweep removes files with one of the prefixes and without a write for 90 days: files of removed tasks, or of
// task runs with other arguments. Sweep also removes unfinished files of killed processes. Sweep works once a
// day, and creates no directory.
func (d *Dir) Sweep(now time.Time, prefixes ...string) error {
	dirs, err := d.candidates()
	if err != nil {
		return err
	}
	for _, dir := range dirs {
		if root, err := openTrustedDir(dir); err == nil {
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
			_ = os.Remove(filepath.Join(dir, e.Name())) // another process may sweep at the same time
		}
	}
	return err
}

// maxAgeOf returns the age of a file at the removal; 0: never.
func maxAgeOf(file string, prefixes []string) time.Duration {
	if strings.HasPrefix(file, tempPrefix) {
		return maxTempAge
	}
	for _, prefix := range append(prefixes, string(VolumesEntry)) {
		if strings.HasPrefix(file, fileName("data", prefix)) {
			return maxFileAge
		}
	}
	return 0
}
