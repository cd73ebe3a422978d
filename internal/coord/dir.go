package coord

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
)

// DirName is the name of the directory in the project's.
const DirName = ".tasks"

// Dir is the state directory of a project. Its methods may be called from several goroutines at once, and several
// processes may use one project's at the same time.
type Dir struct {
	// projectDir is the project's directory; empty: it belongs to none.
	projectDir string
	// candidates are where it may be, best first.
	candidates func() ([]string, error)
	path       func() (string, error)
}

// OpenProjectDir returns the state directory of the project in projectDir. Nothing is made before it is needed.
//
// Where the project's directory cannot be written, the state lives in the user's cache directory, or else in the
// directory for temporary files, under a name made from the project's path.
func OpenProjectDir(projectDir string) *Dir {
	d := &Dir{projectDir: projectDir}
	d.candidates = func() ([]string, error) {
		project, err := d.realProjectDir()
		if err != nil {
			return nil, err
		}
		return append([]string{filepath.Join(project, DirName)}, userDirs(filepath.Base(project)+"-", project)...), nil
	}
	d.path = sync.OnceValues(d.create)
	return d
}

// OpenSharedDir returns a directory that all projects and checkouts of this user share, as far as they use the engine at an address. It
// is in the user's cache directory, or else in the one for temporary files.
func OpenSharedDir(address string) *Dir {
	d := &Dir{candidates: func() ([]string, error) { return userDirs("engine-", canonicalAddress(address)), nil }}
	d.path = sync.OnceValues(d.create)
	return d
}

// canonicalAddress is an address without the links on the way to a socket: /var/run is often one to /run.
func canonicalAddress(address string) string {
	if path, isSocket := strings.CutPrefix(address, "unix://"); isSocket {
		if resolved, err := filepath.EvalSymlinks(path); err == nil {
			return "unix://" + resolved
		}
	}
	return address
}

// Path returns the directory, and makes it if need be, with a .gitignore that keeps it out of git.
func (d *Dir) Path() (string, error) { return d.path() }

// realProjectDir is the project's directory: one project, one state, whichever way it was reached.
func (d *Dir) realProjectDir() (string, error) {
	project, err := filepath.Abs(d.projectDir)
	if err == nil {
		project, err = filepath.EvalSymlinks(project)
	}
	if err != nil {
		return "", fmt.Errorf("cannot tell where the project's directory is: %w", err)
	}
	return project, nil
}

// IsPrivate says that the project's directory could not be used, and where the state is instead.
func (d *Dir) IsPrivate() (dir string, isPrivate bool) {
	dir, err := d.Path()
	return dir, err == nil && filepath.Base(dir) != DirName
}

// Foreign says why the project's directory, which is there, is not believed; empty: it is, or is not there.
func (d *Dir) Foreign() string {
	dirs, err := d.candidates()
	if err != nil {
		return ""
	}
	root, err := openPlace(dirs[0])
	if err == nil {
		_ = root.Close()
	}
	if foreign, ok := errors.AsType[*foreignError](err); ok {
		return foreign.Error()
	}
	return ""
}

func (d *Dir) create() (string, error) {
	dirs, err := d.candidates()
	if err != nil {
		return "", err
	}
	var errs []error
	for _, dir := range dirs {
		err := prepareDir(dir)
		if err == nil {
			return dir, nil
		}
		errs = append(errs, err)
		if !isUnusable(err) {
			break
		}
	}
	return "", fmt.Errorf("no directory for the state of tasks can be made: %w", errors.Join(errs...))
}

// userDirs are where state may live that belongs to the user, best first, under a name with a prefix.
func userDirs(prefix, identity string) (dirs []string) {
	sum := sha256.Sum256([]byte(identity))
	key := prefix + hex.EncodeToString(sum[:8])
	if cache, err := os.UserCacheDir(); err == nil {
		dirs = append(dirs, filepath.Join(cache, "tasks", key))
	}
	// Every user has one of his own: the directory for temporary files is everybody's.
	return append(dirs, filepath.Join(os.TempDir(), "tasks-"+strconv.Itoa(os.Getuid()), key))
}

// isUnusable reports whether another place may do better.
func isUnusable(err error) bool {
	_, foreign := errors.AsType[*foreignError](err)
	return foreign || isUnusableDir(err)
}

// isUnusableDir says that another place may do better: this one is not ours to write, or not there (a container's user
// often has no home).
func isUnusableDir(err error) bool {
	return errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) || errors.Is(err, fs.ErrNotExist)
}

// prepareDir makes the directory, and finds out whether we can write it.
func prepareDir(dir string) error {
	if filepath.Base(dir) != DirName {
		if err := prepareUserDir(filepath.Dir(dir)); err != nil {
			return err
		}
	}
	if err := makeOwn(dir); err != nil {
		return err
	}
	ignore := filepath.Join(dir, ".gitignore")
	if _, err := os.Stat(ignore); err == nil {
		return checkWritable(dir)
	}
	return replaceFile(ignore, []byte("*\n"), writeSynced)
}

// prepareUserDir makes the directory that holds the states of several projects. Among everybody's temporary files,
// somebody else may have made it, for us to write into what is his.
func prepareUserDir(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	return checkPrivate(dir)
}

// makeOwn makes a directory of state, where it is not there. Only this user can write it then.
func makeOwn(dir string) error {
	if err := os.Mkdir(dir, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	if err := takeBack(dir); err != nil {
		return err
	}
	root, err := openPlace(dir)
	if err != nil {
		return err
	}
	return root.Close()
}
