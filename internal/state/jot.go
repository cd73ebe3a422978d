package state

import (
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Jot is WriteFile for what is of no use after the machine has gone down: it does not wait for the disk.
func (d *Dir) Jot(name string, content []byte) error {
	dir, err := d.Path()
	if err != nil {
		return err
	}
	if err := replaceFile(filepath.Join(dir, fileName("data", name)), content, write); err != nil {
		return fmt.Errorf("cannot keep %q in %s: %w", name, dir, err)
	}
	return nil
}

// Names are those that begin with a prefix and under which something stands. Very long ones are left out.
func (d *Dir) Names(prefix string) ([]string, error) {
	dir, err := d.Path()
	if err != nil {
		return nil, err
	}
	return namesIn(dir, prefix)
}

// Age is how long ago the file of a name was written, by this machine's clock; 0: that is not known.
func (d *Dir) Age(name string) time.Duration {
	dir, err := d.Path()
	if err != nil {
		return 0
	}
	info, err := os.Stat(filepath.Join(dir, fileName("data", name)))
	if err != nil {
		return 0
	}
	return max(0, time.Since(info.ModTime()))
}

// PeekNames is Names for who may not even make the directory.
func (d *Dir) PeekNames(prefix string) ([]string, error) {
	dirs, err := d.places()
	if err != nil {
		return nil, err
	}
	var names []string
	for _, dir := range dirs {
		more, err := namesIn(dir, prefix)
		if err != nil && !isUnusable(err) {
			return nil, err
		}
		names = append(names, more...)
	}
	return names, nil
}

func isOwnEntry(e fs.DirEntry) bool {
	info, err := e.Info()
	return err == nil && isOwnFile(e.Name(), info)
}

func namesIn(dir, prefix string) ([]string, error) {
	root, err := openPlace(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	entries, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		encoded, data := strings.CutPrefix(e.Name(), "data-")
		name, err := url.PathUnescape(encoded)
		if data && err == nil && strings.HasPrefix(name, prefix) && fileName("data", name) == e.Name() && isOwnEntry(e) {
			names = append(names, name)
		}
	}
	return names, nil
}
