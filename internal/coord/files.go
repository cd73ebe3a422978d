package coord

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// ReadFile returns what was last written under a name, or nil where nothing was, or by another user, who is not believed.
// A name may hold any characters.
func (d *Dir) ReadFile(name string) ([]byte, error) {
	dir, err := d.Path()
	if err != nil {
		return nil, err
	}
	return readAt(dir, fileName("data", name))
}

// ReadIfExists is ReadFile for who may not even make the directory.
func (d *Dir) ReadIfExists(name string) ([]byte, error) {
	dirs, err := d.candidates()
	if err != nil {
		return nil, err
	}
	for _, dir := range dirs {
		content, err := readAt(dir, fileName("data", name))
		if err != nil && !isUnusable(err) {
			return nil, err
		}
		if content != nil {
			return content, nil
		}
	}
	return nil, nil
}

// WriteFile replaces what stands under a name. A reader, also one after a crash, sees the old content or the new one,
// never a part. A name may hold any characters.
func (d *Dir) WriteFile(name string, content []byte) error {
	dir, err := d.Path()
	if err != nil {
		return err
	}
	if err := replaceFile(filepath.Join(dir, fileName("data", name)), content, writeSynced); err != nil {
		return fmt.Errorf("cannot keep %q in %s: %w", name, dir, err)
	}
	return nil
}

// RemoveFile removes what stands under a name; nothing there is no error.
func (d *Dir) RemoveFile(name string) error {
	dir, err := d.Path()
	if err != nil {
		return err
	}
	return removeFile(filepath.Join(dir, fileName("data", name)))
}

func removeFile(path string) error {
	if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// tempPrefix begins the names of files that are being written.
const tempPrefix = ".new-"

// replaceFile writes beside the file and renames.
func replaceFile(path string, content []byte, write func(*os.File, []byte) error) error {
	temp, err := os.CreateTemp(filepath.Dir(path), tempPrefix+"*")
	if err != nil {
		return err
	}
	err = errors.Join(write(temp, content), temp.Close())
	if err == nil {
		err = os.Rename(temp.Name(), path)
	}
	if err != nil {
		_ = os.Remove(temp.Name())
	}
	return err
}

// writeSynced has the content on the disk before the file gets its name.
func writeSynced(f *os.File, content []byte) error {
	if err := writeContent(f, content); err != nil {
		return err
	}
	return f.Sync()
}

// writeContent does not wait for the disk.
func writeContent(f *os.File, content []byte) error {
	if _, err := f.Write(content); err != nil {
		return err
	}
	return f.Chmod(0o644) // CreateTemp's 0600 would keep the others of a shared project out
}
