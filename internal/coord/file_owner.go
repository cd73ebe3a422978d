package coord

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// foreignError says why a directory or a file is not believed: its words make this program kill processes and remove
// containers.
type foreignError struct{ path, why string }

func (e *foreignError) Error() string { return e.path + " " + e.why }

// othersMayWrite are the bits that let others than the owner write.
const othersMayWrite = 0o022

// checkOwner judges an owner and a mode, for a process with an effective user id. Root may do all anyway.
func checkOwner(path string, owner, euid int, mode fs.FileMode) error {
	switch {
	case owner != euid && owner != 0:
		return &foreignError{path, fmt.Sprintf("belongs to another user (id %d)", owner)}
	case mode.Perm()&othersMayWrite != 0:
		return &foreignError{path, fmt.Sprintf("can be written by others than its owner (its mode is %v)", mode)}
	}
	return nil
}

// openPlace opens a directory of state, where it is believed. What is opened there is inside, whatever the path becomes.
func openPlace(dir string) (*os.Root, error) {
	if filepath.Base(dir) != DirName {
		for _, path := range []string{filepath.Dir(dir), dir} {
			if err := checkPrivate(path); err != nil {
				return nil, err
			}
		}
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	info, err := root.Stat(".")
	if err == nil {
		err = checkOwn(dir, info)
	}
	if err != nil {
		_ = root.Close()
		return nil, err
	}
	return root, nil
}

// checkPrivate looks at a directory among everybody's temporary files, and follows no link.
func checkPrivate(path string) error {
	info, err := os.Lstat(path)
	switch {
	case err != nil:
		return err
	case !info.IsDir():
		return &foreignError{path, fmt.Sprintf("must be a directory (its mode is %v)", info.Mode())}
	}
	return checkOwn(path, info)
}

// readIn reads a file of a directory; nil, where none is there, or none that is believed.
func readIn(root *os.Root, name string) ([]byte, error) {
	// A pipe without a writer is not waited for.
	f, err := root.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, nil
		}
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || !isOwnFile(name, info) {
		return nil, err
	}
	return io.ReadAll(f)
}

// isOwnFile reports whether a file is believed.
func isOwnFile(name string, info fs.FileInfo) bool {
	return info.Mode().IsRegular() && checkOwn(name, info) == nil
}

// readAt is readIn for a file of a directory with a path.
func readAt(dir, name string) ([]byte, error) {
	root, err := openPlace(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	return readIn(root, name)
}

// takeBack lets no others write into a directory of ours: umasks of groups have let them. Files that others have left there
// are not believed.
func takeBack(dir string) error {
	info, err := os.Lstat(dir)
	if err != nil || !info.IsDir() || info.Mode().Perm()&othersMayWrite == 0 || !isOurs(info) {
		return err
	}
	return os.Chmod(dir, info.Mode().Perm()&^othersMayWrite|info.Mode()&(fs.ModeSetgid|fs.ModeSticky))
}
