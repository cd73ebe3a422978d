package format

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"tasks/internal/tempfiles"
)

// tempPrefix begins the names of unfinished files.
const tempPrefix = ".tasks-fmt-"

// Write replaces the text of a file, completely or not at all. The file keeps its permissions. If path is a symbolic
// link, Write replaces the text of the link's target. Write also removes unfinished files of killed
// processes from the directory.
func Write(path string, text []byte) error {
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		return err
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	tempfiles.Sweep(filepath.Dir(path), tempPrefix)
	temporary, err := os.CreateTemp(filepath.Dir(path), tempPrefix+"*")
	if err != nil {
		return err
	}
	if err := writeAndSync(temporary, text, info.Mode().Perm()); err != nil {
		return errors.Join(err, os.Remove(temporary.Name()))
	}
	if err := os.Rename(temporary.Name(), path); err != nil {
		return errors.Join(err, os.Remove(temporary.Name()))
	}
	return nil
}

// writeAndSync writes a file, waits until the text is on disk, and closes the file.
func writeAndSync(file *os.File, text []byte, mode fs.FileMode) error {
	_, err := file.Write(text)
	return errors.Join(err, file.Chmod(mode), file.Sync(), file.Close())
}
