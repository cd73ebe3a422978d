package coord

import (
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// WriteCache is WriteFile for what is of no use after the machine has gone down: it does not wait for the disk.
func (d *Dir) WriteCache(name string, content []byte) error {
	dir, err := d.Path()
	if err != nil {
		return err
	}
	if err := replaceFile(filepath.Join(dir, fileName("data", name)), content, writeContent); err != nil {
		return fmt.Errorf("cannot keep %q in %s: %w", name, dir, err)
	}
	return nil
}

// FileNames are those that begin with a prefix and under which something stands. Very long ones are left out.
func (d *Dir) FileNames(prefix string) ([]string, error) {
	dir, err := d.Path()
	if err != nil {
		return nil, err
	}
	return namesInDir(dir, prefix)
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

// NamesIfExists is Names for who may not even make the directory.
func (d *Dir) NamesIfExists(prefix string) ([]string, error) {
	dirs, err := d.candidates()
	if err != nil {
		return nil, err
	}
	var names []string
	for _, dir := range dirs {
		found, err := namesInDir(dir, prefix)
		if err != nil && !isUnusable(err) {
			return nil, err
		}
		names = append(names, found...)
	}
	return names, nil
}

func isOwnEntry(e fs.DirEntry) bool {
	info, err := e.Info()
	return err == nil && isOwnFile(e.Name(), info)
}

func namesInDir(dir, prefix string) ([]string, error) {
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
		encoded, isData := strings.CutPrefix(e.Name(), "data-")
		name, err := url.PathUnescape(encoded)
		if isData && err == nil && strings.HasPrefix(name, prefix) && fileName("data", name) == e.Name() && isOwnEntry(e) {
			names = append(names, name)
		}
	}
	return names, nil
}
