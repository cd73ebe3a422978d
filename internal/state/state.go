// Package state keeps what one run leaves for the next: `.tasks/` beside Tasks.hcl, with small files that are replaced
// as a whole, and locks between processes.
package state

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
	// project is the project's directory; empty: it belongs to none.
	project string
	// places are where it may be, best first.
	places func() ([]string, error)
	ready  func() (string, error)
}

// Open returns the state directory of the project in projectDir. Nothing is made before it is needed.
//
// Where the project's directory cannot be written, the state lives in the user's cache directory, or else in the
// directory for temporary files, under a name made from the project's path.
func Open(projectDir string) *Dir {
	d := &Dir{project: projectDir}
	d.places = func() ([]string, error) {
		project, err := d.real()
		if err != nil {
			return nil, err
		}
		return append([]string{filepath.Join(project, DirName)}, userPlaces(filepath.Base(project)+"-", project)...), nil
	}
	d.ready = sync.OnceValues(d.create)
	return d
}

// OfEngine returns a directory that all projects and checkouts of this user share, as far as they use the engine at an address. It
// is in the user's cache directory, or else in the one for temporary files.
func OfEngine(address string) *Dir {
	d := &Dir{places: func() ([]string, error) { return userPlaces("engine-", canonical(address)), nil }}
	d.ready = sync.OnceValues(d.create)
	return d
}

// canonical is an address without the links on the way to a socket: /var/run is often one to /run.
func canonical(address string) string {
	if path, isSocket := strings.CutPrefix(address, "unix://"); isSocket {
		if real, err := filepath.EvalSymlinks(path); err == nil {
			return "unix://" + real
		}
	}
	return address
}

// Path returns the directory, and makes it if need be, with a .gitignore that keeps it out of git.
func (d *Dir) Path() (string, error) { return d.ready() }

// real is the project's directory: one project, one state, whichever way it was reached.
func (d *Dir) real() (string, error) {
	project, err := filepath.Abs(d.project)
	if err == nil {
		project, err = filepath.EvalSymlinks(project)
	}
	if err != nil {
		return "", fmt.Errorf("cannot tell where the project's directory is: %w", err)
	}
	return project, nil
}

// Aside says that the project's directory could not be used, and where the state is instead.
func (d *Dir) Aside() (dir string, aside bool) {
	dir, err := d.Path()
	return dir, err == nil && filepath.Base(dir) != DirName
}

// Foreign says why the project's directory, which is there, is not believed; empty: it is, or is not there.
func (d *Dir) Foreign() string {
	dirs, err := d.places()
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
	dirs, err := d.places()
	if err != nil {
		return "", err
	}
	var errs []error
	for _, dir := range dirs {
		err := prepare(dir)
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

// userPlaces are where state may live that belongs to the user, best first, under a name with a prefix.
func userPlaces(prefix, of string) (dirs []string) {
	sum := sha256.Sum256([]byte(of))
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
	return foreign || isReadOnly(err)
}

// isReadOnly says that another place may do better: this one is not ours to write, or not there (a container's user
// often has no home).
func isReadOnly(err error) bool {
	return errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) || errors.Is(err, fs.ErrNotExist)
}

// prepare makes the directory, and finds out whether we can write it.
func prepare(dir string) error {
	if filepath.Base(dir) != DirName {
		if err := preparePrivate(filepath.Dir(dir)); err != nil {
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
	return replaceFile(ignore, []byte("*\n"), writeDurably)
}

// preparePrivate makes the directory that holds the states of several projects. Among everybody's temporary files,
// somebody else may have made it, for us to write into what is his.
func preparePrivate(dir string) error {
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
