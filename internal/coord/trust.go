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

// foreignError is the reason not to trust a directory or a file. The content of state files makes this
// program kill processes and remove containers.
type foreignError struct{ path, why string }

func (e *foreignError) Error() string { return e.path + " " + e.why }

// otherWriteBits are the permission bits of other users than the owner.
const otherWriteBits = 0o022

// checkUser checks an owner and a mode, for a process with an effective user id. Root may write everywhere,
// so files of root are trusted.
func checkUser(path string, owner, euid int, mode fs.FileMode) error {
	switch {
	case owner != euid && owner != 0:
		return &foreignError{path, fmt.Sprintf("belongs to another user (id %d)", owner)}
	case mode.Perm()&otherWriteBits != 0:
		return &foreignError{path, fmt.Sprintf("is writable by other users (mode %v)", mode)}
	}
	return nil
}

// openTrustedDir opens a state directory, if the directory is trusted. A file of the root is inside the checked
// directory, even if the path changes. A link is not followed: a repository may have a link with our name.
func openTrustedDir(dir string) (*os.Root, error) {
	if filepath.Base(dir) != DirName {
		if err := checkTrustedDir(filepath.Dir(dir)); err != nil {
			return nil, err
		}
	}
	if err := checkTrustedDir(dir); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	info, err := root.Stat(".")
	if err == nil {
		err = checkSame(dir, info)
	}
	if err == nil {
		err = checkTrust(dir, info)
	}
	if err != nil {
		_ = root.Close()
		return nil, err
	}
	return root, nil
}

// CheckTrust returns an error for a file or directory of another user than this user or root, and if other users may
// write. On Windows all files are trusted.
func CheckTrust(path string, info fs.FileInfo) error { return checkTrust(path, info) }

// checkSame fails if the path leads to another directory than the open directory, or through a link.
func checkSame(path string, open fs.FileInfo) error {
	if info, err := os.Lstat(path); err != nil || !os.SameFile(info, open) {
		return &foreignError{path, "has just been replaced"}
	}
	return nil
}

// checkTrustedDir checks a directory, and follows no link.
func checkTrustedDir(path string) error {
	info, err := os.Lstat(path)
	switch {
	case err != nil:
		return err
	case info.Mode()&fs.ModeSymlink != 0:
		return &foreignError{path, "is a symbolic link"}
	case !info.IsDir():
		return &foreignError{path, fmt.Sprintf("is not a directory (mode %v)", info.Mode())}
	}
	return checkTrust(path, info)
}

// maxFileSize is more than the size of any file of this program, in bytes.
const maxFileSize = 64 << 20

// readFileIn reads a file of a directory. For a missing or foreign file readFileIn returns nil, and for a private
// file of root too. A link is foreign: a repository may have links at the names of state files.
func readFileIn(root *os.Root, name string) ([]byte, error) {
	named, err := root.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) || err == nil && !isTrustedFile(name, named) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	// O_NONBLOCK: a new pipe without a writer must not block.
	f, err := root.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
			return nil, nil
		}
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || !isTrustedFile(name, info) { // the file may have been replaced
		return nil, err
	}
	content, err := io.ReadAll(io.LimitReader(f, maxFileSize+1))
	if len(content) > maxFileSize {
		path := filepath.Join(root.Name(), name)
		return nil, fmt.Errorf("%s has more than %d MiB: remove the file", path, maxFileSize>>20)
	}
	return content, err
}

// isTrustedFile reports whether a file is trusted: a regular file of this user or of root.
func isTrustedFile(name string, info fs.FileInfo) bool {
	return info.Mode().IsRegular() && checkTrust(name, info) == nil
}

// readFileAt is like readFileIn, for a directory by path.
func readFileAt(dir, name string) ([]byte, error) {
	root, err := openTrustedDir(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	return readFileIn(root, name)
}

// removeWriteAccess removes the right of other users to write into a directory of this user. The umask of a group may
// have given the right. Files of other users in the directory are not trusted.
func removeWriteAccess(dir string) error {
	info, err := os.Lstat(dir)
	if err != nil || !info.IsDir() || info.Mode().Perm()&otherWriteBits == 0 || !belongsToUser(info) {
		return err
	}
	return os.Chmod(dir, info.Mode().Perm()&^otherWriteBits|info.Mode()&(fs.ModeSetgid|fs.ModeSticky))
}
