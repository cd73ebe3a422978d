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

// foreignError is the reason not to believe a directory or a file. The content of state files makes this
// program kill processes and remove containers.
type foreignError struct{ path, why string }

func (e *foreignError) Error() string { return e.path + " " + e.why }

// othersMayWrite are the permission bits of other users than the owner.
const othersMayWrite = 0o022

// checkOwner checks an owner and a mode, for a process with an effective user id. Root may write everywhere,
// so files of root are believed.
func checkOwner(path string, owner, euid int, mode fs.FileMode) error {
	switch {
	case owner != euid && owner != 0:
		return &foreignError{path, fmt.Sprintf("belongs to another user (id %d)", owner)}
	case mode.Perm()&othersMayWrite != 0:
		return &foreignError{path, fmt.Sprintf("can be written by others than its owner (its mode is %v)", mode)}
	}
	return nil
}

// openPlace opens a state directory, if the directory is believed. A file of the root is inside the checked
// directory, even if the path changes.
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

// checkPrivate checks a directory among the temporary files of all users, and follows no link.
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

// readIn reads a file of a directory. For a missing or foreign file readIn returns nil.
func readIn(root *os.Root, name string) ([]byte, error) {
	// O_NONBLOCK: a pipe without a writer must not block.
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

// isOwnFile reports whether a file is believed: a regular file of this user or of root.
func isOwnFile(name string, info fs.FileInfo) bool {
	return info.Mode().IsRegular() && checkOwn(name, info) == nil
}

// readAt is like readIn, for a directory by path.
func readAt(dir, name string) ([]byte, error) {
	root, err := openPlace(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	return readIn(root, name)
}

// takeBack removes the right of other users to write into a directory of this user. The umask of a group may
// have given the right. Files of other users in the directory are not believed.
func takeBack(dir string) error {
	info, err := os.Lstat(dir)
	if err != nil || !info.IsDir() || info.Mode().Perm()&othersMayWrite == 0 || !isOurs(info) {
		return err
	}
	return os.Chmod(dir, info.Mode().Perm()&^othersMayWrite|info.Mode()&(fs.ModeSetgid|fs.ModeSticky))
}
