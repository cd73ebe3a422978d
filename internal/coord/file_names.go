package coord

import (
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// FileNames returns the names with a prefix and with content. Very long names are missing.
func (d *Dir) FileNames(prefix string) ([]string, error) {
	dir, err := d.Path()
	if err != nil {
		return nil, err
	}
	return namesInDir(dir, prefix)
}

// Age returns the time since the last write of a file, by the clock of this machine; 0: not known.
func (d *Dir) Age(name string) time.Duration {
	dir, err := d.Path()
	if err != nil {
		return 0
	}
	info, err := os.Lstat(filepath.Join(dir, fileName("data", name)))
	if err != nil {
		return 0
	}
	return max(0, time.Since(info.ModTime()))
}

// NamesIfExists is like FileNames, but creates no directory.
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

// isTrustedEntry reports whether a file of a directory is trusted.
func isTrustedEntry(e fs.DirEntry) bool {
	info, err := e.Info()
	return err == nil && isTrustedFile(e.Name(), info)
}

func namesInDir(dir, prefix string) ([]string, error) {
	root, err := openTrustedDir(dir)
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
		name, ok := decodedName(e.Name())
		if ok && strings.HasPrefix(name, prefix) && isTrustedEntry(e) {
			names = append(names, name)
		}
	}
	return names, nil
}

// decodedName returns the name of a file with data. A shortened name has no decoding.
func decodedName(file string) (name string, ok bool) {
	encoded, isData := strings.CutPrefix(file, "data-")
	name, err := url.PathUnescape(encoded)
	return name, isData && err == nil && fileName("data", name) == file
}
