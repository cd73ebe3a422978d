package workspace

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"tasks/hclspec"
	"tasks/internal/coord"
)

// trustedDirsVariable lists trusted directories, as PATH does. "*" stands for all directories.
const trustedDirsVariable = "TASKS_TRUSTED_DIRS"

// UntrustedError reports a file of another user. The file could run any command as this user.
type UntrustedError struct {
	// Path is the name of the file for messages, Dir the directory to trust.
	Path, Dir string
	// UID is the id of the file's owner.
	UID int
}

func (e *UntrustedError) Error() string {
	return fmt.Sprintf("%s belongs to another user (id %d), and could run any command as you: look at the files of the "+
		"directory, and then trust them with `tasks trust %s`", e.Path, e.UID, e.Dir)
}

// readTrusted reads a file, if the file is trusted. The text in an editor takes the place of the text on disk.
func (c Config) readTrusted(path string) ([]byte, error) {
	var buffer []byte
	var isOpen bool
	if c.Buffer != nil {
		buffer, isOpen = c.Buffer(path)
	}
	f, err := os.Open(path)
	if isOpen && errors.Is(err, fs.ErrNotExist) {
		return buffer, nil // a new file
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err == nil {
		err = c.checkOwner(path, info)
	}
	if err != nil {
		return nil, err
	}
	if isOpen {
		return buffer, nil
	}
	return io.ReadAll(f)
}

// checkOwner returns an [*UntrustedError] for a file of another user, and for a link of another user: the owner of the
// link chooses the directory of the commands.
func (c Config) checkOwner(path string, file fs.FileInfo) error {
	if uid, isForeign := c.foreignOwner(file); isForeign {
		target := path
		if resolved, err := filepath.EvalSymlinks(path); err == nil {
			target = resolved
		}
		if !c.isTrusted(target) {
			return &UntrustedError{Path: c.DisplayPath(path), Dir: filepath.Dir(target), UID: uid}
		}
	}
	link, err := os.Lstat(path)
	if err != nil || link.Mode()&fs.ModeSymlink == 0 {
		return err
	}
	if uid, isForeign := c.foreignOwner(link); isForeign && !c.isTrusted(path) {
		return &UntrustedError{Path: c.DisplayPath(path), Dir: filepath.Dir(path), UID: uid}
	}
	return nil
}

// foreignOwner returns the owner of a file, and reports whether the owner is neither this user nor root. Under sudo the
// user of sudo is this user too. Where files have no owners, no owner is foreign.
func (c Config) foreignOwner(file fs.FileInfo) (uid int, isForeign bool) {
	uid, hasOwner := coord.FileOwner(file)
	isSelf := uid == os.Geteuid() || uid == 0
	isSudo := os.Geteuid() == 0 && strconv.Itoa(uid) == c.Getenv("SUDO_UID")
	return uid, hasOwner && !isSelf && !isSudo
}

// isTrusted reports whether a file is below a trusted directory.
func (c Config) isTrusted(path string) bool {
	dirs := filepath.SplitList(c.Getenv(trustedDirsVariable))
	if slices.Contains(dirs, "*") {
		return true
	}
	listed, _ := c.trustedDirs() // an unreadable list trusts no directory
	paths := []string{path}
	if dir, err := filepath.EvalSymlinks(filepath.Dir(path)); err == nil {
		paths = append(paths, filepath.Join(dir, filepath.Base(path)))
	}
	for _, dir := range append(dirs, listed...) {
		isAbove := func(path string) bool { return isBelow(path, dir) }
		if filepath.IsAbs(dir) && slices.ContainsFunc(paths, isAbove) {
			return true
		}
	}
	return false
}

// isBelow reports whether an absolute path is inside a directory.
func isBelow(path, dir string) bool {
	relative, err := filepath.Rel(dir, path)
	return err == nil && filepath.IsLocal(relative)
}

// trustedDirsFile returns the file with the trusted directories of the user.
func (c Config) trustedDirsFile() (string, error) {
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("no place for the list of trusted directories: %w: set %s", err, trustedDirsVariable)
	}
	return filepath.Join(dir, "tasks", "trusted-directories"), nil
}

// trustedDirs returns the trusted directories of the user: a line for each. A list of another user counts for nothing.
func (c Config) trustedDirs() ([]string, error) {
	path, err := c.trustedDirsFile()
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err == nil {
		err = coord.CheckTrust(path, info)
	}
	if err != nil {
		return nil, err
	}
	content, err := os.ReadFile(path)
	return strings.Split(strings.TrimSpace(string(content)), "\n"), err
}

// Trust adds a directory to the trusted directories of the user, and returns the directory. Without a directory, the
// directory of the task files counts.
func (c Config) Trust(dir string) (trusted string, err error) {
	if dir == "" {
		paths, err := c.TaskFiles()
		if err != nil {
			return "", err
		}
		dir = filepath.Dir(paths[0])
	}
	trusted, err = filepath.EvalSymlinks(c.AbsolutePath(dir))
	if err != nil {
		return "", err
	}
	if info, err := os.Stat(trusted); err != nil || !info.IsDir() || strings.Contains(trusted, "\n") {
		return "", fmt.Errorf("%s is not a directory: name the directory of the files", c.DisplayPath(trusted))
	}
	dirs, err := c.trustedDirs()
	if err != nil || slices.Contains(dirs, trusted) {
		return trusted, err
	}
	return trusted, c.addTrustedDir(trusted)
}

func (c Config) addTrustedDir(dir string) error {
	path, err := c.trustedDirsFile()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(dir + "\n")
	return errors.Join(err, f.Close())
}

// isTextHidden reports whether an error in a file must not show text of the file: the file is outside of the project,
// and its own name is not that of a file of the language. An empty project hides nothing: the user has named the file.
func isTextHidden(path, project string) bool {
	if project == "" {
		return false
	}
	resolved, err := filepath.EvalSymlinks(path)
	root, rootErr := filepath.EvalSymlinks(project)
	if err != nil || rootErr != nil {
		return true
	}
	name := filepath.Base(resolved)
	isOfLanguage := name == tasksFile || strings.HasSuffix(name, tasksSuffix) ||
		strings.HasSuffix(name, hclspec.AutoVariablesSuffix)
	return !isOfLanguage && !isBelow(resolved, root)
}
