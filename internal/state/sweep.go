package state

import (
	"os"
	"path/filepath"
	"strings"
	"time"
)

const (
	// sweepEvery is how often there is a sweep at most.
	sweepEvery = 24 * time.Hour
	// sweptAfter is how long a file is kept that nobody writes.
	sweptAfter = 90 * 24 * time.Hour
	// writtenWithin is longer than a file takes to be written.
	writtenWithin = time.Hour
)

// Sweep removes files with names that begin with one of some prefixes, and that nobody has written for 90 days: those of tasks
// that are not there any more, or not called with the same words. What writers that were killed have left half written goes as
// well. It looks once a day, and makes no directory.
func (d *Dir) Sweep(now time.Time, prefixes ...string) error {
	dirs, err := d.places()
	if err != nil {
		return err
	}
	for _, dir := range dirs {
		if root, err := openPlace(dir); err == nil {
			_ = root.Close()
			return sweep(dir, now, prefixes)
		}
	}
	return nil
}

func sweep(dir string, now time.Time, prefixes []string) error {
	stamp := filepath.Join(dir, "swept")
	if info, err := os.Stat(stamp); err == nil && now.Sub(info.ModTime()) < sweepEvery {
		return nil
	}
	if err := replaceFile(stamp, nil, write); err != nil {
		return err
	}
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		age := keptFor(e.Name(), prefixes)
		if info, err := e.Info(); err == nil && age > 0 && now.Sub(info.ModTime()) > age {
			_ = os.Remove(filepath.Join(dir, e.Name())) // somebody else may sweep as well
		}
	}
	return err
}

// keptFor is how long a file is kept; 0: for ever.
func keptFor(file string, prefixes []string) time.Duration {
	if strings.HasPrefix(file, halfWritten) {
		return writtenWithin
	}
	for _, prefix := range prefixes {
		if strings.HasPrefix(file, fileName("data", prefix)) {
			return sweptAfter
		}
	}
	return 0
}
