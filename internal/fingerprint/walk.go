package fingerprint

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// ignoredDirs are directories that never hold inputs.
var ignoredDirs = [...]string{".git", ".tasks"}

// file is a file that matches a glob.
type file struct {
	// name is the file's name for users, dir the file's directory.
	name, dir string
	state     fileState
	// target is the text of a link to something other than a file. The text counts as the content.
	target string
}

func (f *file) path() string { return filepath.Join(f.dir, path.Base(f.name)) }

func byName(a, b file) int { return strings.Compare(a.name, b.name) }

// maxWalkers limits the directories read in parallel. More walkers are not faster, because the kernel's locks are the
// limit.
const maxWalkers = 4

// walk finds the files of globs, sorted by name, without duplicates. Links to files are followed, links to directories
// are not.
func walk(ctx context.Context, dir string, globs []string) ([]file, error) {
	roots, err := rootsOf(dir, globs)
	if err != nil {
		return nil, err
	}
	w := &walker{ctx: ctx, slots: make(chan struct{}, maxWalkers-1)}
	for _, r := range roots {
		w.walkDirectory(r, r.dir, "", 1)
	}
	w.all.Wait()
	return w.sorted(), errors.Join(w.err, ctx.Err())
}

// walker is the state of a walk.
type walker struct {
	ctx   context.Context
	slots chan struct{}
	all   sync.WaitGroup

	mu sync.Mutex // guards the fields below
	// found holds the sorted files of each directory.
	found [][]file
	err   error
}

// walkDirectory reads a directory and all directories inside, in parallel while walkers are free. below is the path
// from the root, with a slash at the end, or empty.
func (w *walker) walkDirectory(r root, dir, below string, depth int) {
	if w.ctx.Err() != nil {
		return
	}
	found, subdirs, err := filesIn(r, dir, below)
	w.add(found, err)
	if depth == r.depth() {
		return
	}
	for _, name := range subdirs {
		w.spawn(func() { w.walkDirectory(r, filepath.Join(dir, name), below+name+"/", depth+1) })
	}
}

func (w *walker) spawn(walk func()) {
	select {
	case w.slots <- struct{}{}:
		w.all.Go(func() {
			defer func() { <-w.slots }()
			walk()
		})
	default:
		walk()
	}
}

func (w *walker) add(found []file, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(found) > 0 {
		w.found = append(w.found, found)
	}
	if w.err == nil {
		w.err = err
	}
}

// sorted returns the found files in order of names. Sorting by directory first is fast, because the files are then
// almost in order.
func (w *walker) sorted() []file {
	slices.SortFunc(w.found, func(a, b []file) int { return byName(a[0], b[0]) })
	all := slices.Concat(w.found...)
	slices.SortFunc(all, byName)
	return slices.CompactFunc(all, func(a, b file) bool { return a.name == b.name })
}

// filesIn returns the sorted files of a directory that match the root's globs, and the names of its subdirectories. A
// missing directory is empty.
func filesIn(r root, dir, below string) (found []file, subdirs []string, err error) {
	d, err := os.Open(dir)
	if err != nil {
		return nil, nil, ignoreGone(err)
	}
	defer d.Close()
	entries, err := d.ReadDir(-1)
	if err != nil {
		return nil, nil, ignoreGone(err)
	}
	prefix := r.prefix()
	found = make([]file, 0, len(entries))
	for _, entry := range entries {
		base := entry.Name()
		if entry.IsDir() {
			if !slices.Contains(ignoredDirs[:], base) {
				subdirs = append(subdirs, base)
			}
			continue
		}
		f := file{name: prefix + below + base, dir: dir}
		if !r.matches(f.name[len(prefix):]) {
			continue
		}
		exists, err := f.readState(d, entry)
		if err != nil {
			return nil, nil, err
		}
		if exists {
			found = append(found, f)
		}
	}
	slices.SortFunc(found, byName)
	return found, subdirs, nil
}

// readState adds the state of a directory entry without reading the file. An entry that is neither file nor link is no
// input.
func (f *file) readState(d *os.File, entry fs.DirEntry) (exists bool, err error) {
	switch entry.Type() {
	case 0:
		f.state, exists, err = fileStateIn(d, entry)
		return exists, ignoreGone(err)
	case fs.ModeSymlink:
		info, err := os.Stat(f.path())
		if err == nil && !info.IsDir() {
			f.state = fileStateOf(info)
			return info.Mode().IsRegular(), nil
		}
		f.target, err = os.Readlink(f.path())
		return err == nil, ignoreGone(err)
	default:
		return false, nil
	}
}

// ignoreGone ignores errors about vanished files, and about a parent that is a file.
func ignoreGone(err error) error {
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, errNotDirectory) {
		return nil
	}
	return err
}
