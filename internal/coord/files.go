package coord

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// ReadFile returns the last content of a name. Without a file, or with a file of another user, ReadFile
// returns nil. A name may contain any characters.
func (d *Dir) ReadFile(name string) ([]byte, error) {
	dir, err := d.Path()
	if err != nil {
		return nil, err
	}
	return readFileAt(dir, fileName("data", name))
}

// ReadIfExists is like ReadFile, but creates no directory.
func (d *Dir) ReadIfExists(name string) ([]byte, error) {
	dirs, err := d.candidates()
	if err != nil {
		return nil, err
	}
	for _, dir := range dirs {
		content, err := readFileAt(dir, fileName("data", name))
		if err != nil && !isUnusable(err) {
			return nil, err
		}
		if content != nil {
			return content, nil
		}
	}
	return nil, nil
}

// WriteFile replaces the content of a name. A reader sees the old or the new content, never a part, even
// after a crash. A name may contain any characters.
func (d *Dir) WriteFile(name string, content []byte) error {
	return d.write(name, content, writeSynced)
}

// WriteCache is like WriteFile, but does not wait for the disk. Content is lost after a crash of the machine,
// and of no use then.
func (d *Dir) WriteCache(name string, content []byte) error {
	return d.write(name, content, writeContent)
}

// WritePrivate is like WriteFile, but no other user may read the content.
func (d *Dir) WritePrivate(name string, content []byte) error {
	return d.write(name, content, writePrivate)
}

func (d *Dir) write(name string, content []byte, write func(*os.File, []byte) error) error {
	dir, err := d.Path()
	if err != nil {
		return err
	}
	if err := replaceFile(filepath.Join(dir, fileName("data", name)), content, write); err != nil {
		return fmt.Errorf("cannot write %q in %s: %w", name, dir, err)
	}
	return nil
}

// RemoveFile removes the content of a name. A missing file is no error.
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

// tempPrefix begins the names of unfinished files.
const tempPrefix = ".new-"

// replaceFile writes a new file in the same directory, and renames the new file.
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

// writeSynced writes the content to the disk before the file gets the final name.
func writeSynced(f *os.File, content []byte) error {
	if err := writeContent(f, content); err != nil {
		return err
	}
	return f.Sync()
}

// writePrivate is like writeSynced, with the mode of CreateTemp: 0600.
func writePrivate(f *os.File, content []byte) error {
	if _, err := f.Write(content); err != nil {
		return err
	}
	return f.Sync()
}

// writeContent writes the content, and does not wait for the disk.
func writeContent(f *os.File, content []byte) error {
	if _, err := f.Write(content); err != nil {
		return err
	}
	return f.Chmod(0o644) // other users of a shared project may read; CreateTemp makes 0600
}
