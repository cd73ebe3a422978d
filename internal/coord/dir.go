package coord

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
)

// DirName is the name of the state directory in the directory of a project.
const DirName = ".tasks"

// Dir is a state directory. Goroutines and processes may use the same directory at the same time.
type Dir struct {
	// projectDir is the directory of the project; empty: the state belongs to no project.
	projectDir string
	// candidates returns the possible places, best first.
	candidates func() ([]string, error)
	// path creates the directory once.
	path func() (string, error)
}

// OpenProjectDir returns the state directory of the project in projectDir, and creates nothing yet.
//
// Without the right to write there, the state is in a directory of the user's account, in the cache directory, or
// else in the directory for temporary files. The name is then made from the path of the project.
func OpenProjectDir(projectDir string) *Dir {
	d := &Dir{projectDir: projectDir}
	d.candidates = func() ([]string, error) {
		project, err := d.realProjectDir()
		if err != nil {
			return nil, err
		}
		key := keyOf(filepath.Base(project)+"-", project)
		return slices.Concat([]string{filepath.Join(project, DirName)}, accountDirs(key), userDirs(key)), nil
	}
	d.path = sync.OnceValues(d.create)
	return d
}

// OpenSharedDir returns the directory for all projects and checkouts of the user on the engine at an address.
// The directory is in the cache directory of the user, or else in the directory for temporary files.
func OpenSharedDir(address string) *Dir {
	d := &Dir{candidates: func() ([]string, error) { return userDirs(keyOf("engine-", canonicalAddress(address))), nil }}
	d.path = sync.OnceValues(d.create)
	return d
}

// canonicalAddress resolves the links in the path of a socket: /var/run is often a link to /run.
func canonicalAddress(address string) string {
	if path, isSocket := strings.CutPrefix(address, "unix://"); isSocket {
		if resolved, err := filepath.EvalSymlinks(path); err == nil {
			return "unix://" + resolved
		}
	}
	return address
}

// Path returns the directory. The first call creates a missing directory, with a .gitignore for the whole
// directory.
func (d *Dir) Path() (string, error) { return d.path() }

// realProjectDir returns the directory of the project without links. So all paths to a project lead to the
// same state.
func (d *Dir) realProjectDir() (string, error) {
	project, err := filepath.Abs(d.projectDir)
	if err == nil {
		project, err = filepath.EvalSymlinks(project)
	}
	if err != nil {
		return "", fmt.Errorf("cannot resolve the project's directory: %w", err)
	}
	return project, nil
}

// IsPrivate reports whether the state is outside the directory of the project, and returns the place of the
// state.
func (d *Dir) IsPrivate() (dir string, isPrivate bool) {
	dir, err := d.Path()
	return dir, err == nil && filepath.Base(dir) != DirName
}

// Foreign returns the reason not to trust the state directory in the project; empty: the directory is
// trusted, or does not exist.
func (d *Dir) Foreign() string {
	dirs, err := d.candidates()
	if err != nil {
		return ""
	}
	root, err := openTrustedDir(dirs[0])
	if err == nil {
		_ = root.Close()
	}
	if foreign, ok := errors.AsType[*foreignError](err); ok {
		return foreign.Error()
	}
	return ""
}

// existing returns the directory of Path, if the directory exists. existing creates nothing.
func (d *Dir) existing() (dir string, exists bool) {
	dirs, err := d.candidates()
	if err != nil {
		return "", false
	}
	for _, dir := range dirs {
		root, err := openTrustedDir(dir)
		if err != nil {
			continue
		}
		_ = root.Close()
		if checkWritable(dir) == nil {
			return dir, true
		}
	}
	return "", false
}

// UnwritableError says that no state directory can be written.
type UnwritableError struct {
	// dirs are the tried directories, errs their errors.
	dirs []string
	errs []error
}

func (e *UnwritableError) Error() string {
	var failed []string
	for i, dir := range e.dirs {
		reason := e.errs[i].Error()
		if path, ok := errors.AsType[*fs.PathError](e.errs[i]); ok {
			reason = path.Err.Error()
		}
		failed = append(failed, dir+" ("+strings.TrimPrefix(reason, dir+" ")+")")
	}
	return "cannot write a state directory: " + strings.Join(failed, ", ")
}

// Unwrap returns the errors of all directories.
func (e *UnwritableError) Unwrap() []error { return e.errs }

// create creates the first usable directory.
func (d *Dir) create() (string, error) {
	dirs, err := d.candidates()
	if err != nil {
		return "", err
	}
	failed := &UnwritableError{}
	for _, dir := range dirs {
		err := prepareDir(dir)
		if err == nil {
			return dir, nil
		}
		if !slices.Contains(failed.dirs, dir) {
			failed.dirs, failed.errs = append(failed.dirs, dir), append(failed.errs, err)
		}
		if !isUnusable(err) {
			break
		}
	}
	return "", failed
}

// keyOf returns the name of a state directory outside a project: a prefix and a hash of the identity.
func keyOf(prefix, identity string) string {
	sum := sha256.Sum256([]byte(identity))
	return prefix + hex.EncodeToString(sum[:8])
}

// userDirs returns the places of a directory by the environment of the process, best first.
func userDirs(key string) (dirs []string) {
	if cache, err := os.UserCacheDir(); err == nil {
		dirs = append(dirs, filepath.Join(cache, "tasks", key))
	}
	// All users share the directory for temporary files, so each user has a separate directory there.
	return append(dirs, filepath.Join(os.TempDir(), "tasks-"+strconv.Itoa(os.Getuid()), key))
}

// isUnusable reports whether another place may be usable after an error.
func isUnusable(err error) bool {
	_, foreign := errors.AsType[*foreignError](err)
	return foreign || isUnusableDir(err)
}

// isUnusableDir reports whether the user cannot write a place, or the place does not exist, or its disk is full. The
// user of a container often has no home.
func isUnusableDir(err error) bool {
	return errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) || errors.Is(err, fs.ErrNotExist) ||
		isDiskFull(err)
}

// isDiskFull reports whether the disk, or the share of the user, has no room.
func isDiskFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}

// prepareDir creates a state directory, and checks the right to write.
func prepareDir(dir string) error {
	if filepath.Base(dir) != DirName {
		if err := prepareUserDir(filepath.Dir(dir)); err != nil {
			return err
		}
	}
	if err := createTrustedDir(dir); err != nil {
		return err
	}
	ignore := filepath.Join(dir, ".gitignore")
	if _, err := os.Stat(ignore); err == nil {
		return checkWritable(dir)
	}
	err := replaceFile(ignore, []byte("*\n"), writeSynced)
	if isDiskFull(err) {
		_ = os.Remove(dir) // without an effect on a directory with files
	}
	return err
}

// prepareUserDir creates the parent of several state directories. Among temporary files another user may have
// created a directory with the same name. So prepareUserDir checks the owner.
func prepareUserDir(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	return checkTrustedDir(dir)
}

// createTrustedDir creates a missing state directory. Only this user can write into the directory.
func createTrustedDir(dir string) error {
	if err := os.Mkdir(dir, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	if err := removeWriteAccess(dir); err != nil {
		return err
	}
	root, err := openTrustedDir(dir)
	if err != nil {
		return err
	}
	return root.Close()
}
