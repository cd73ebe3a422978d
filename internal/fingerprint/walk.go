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

	"tasks/internal/globs"
)

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

// walk finds the files of globs, sorted by name, without duplicates. Links are followed, into directories too: each
// directory is walked once. Names without links come first, so the result does not depend on the order of the walk.
func walk(ctx context.Context, dir string, texts []string) ([]file, error) {
	roots, err := rootsOf(dir, texts)
	if err != nil {
		return nil, err
	}
	w := newWalker(ctx)
	for _, r := range roots {
		w.walkRoot(r)
	}
	return w.sorted(), errors.Join(w.err, ctx.Err())
}

func newWalker(ctx context.Context) *walker {
	return &walker{ctx: ctx, slots: make(chan struct{}, maxWalkers-1)}
}

// walker is the state of a walk.
type walker struct {
	ctx context.Context
	// onFile is called for each file, from any goroutine; nil: no call.
	onFile func(file)
	slots  chan struct{}
	all    sync.WaitGroup

	mu sync.Mutex // guards the fields below
	// found holds the sorted files of each directory.
	found [][]file
	// links are the links to directories, for the next round of the walk.
	links []place
	err   error
}

// rootWalk is the walk of a root.
type rootWalk struct {
	root
	realDir string // dir without links
	visits  globs.Visits
}

// place is a directory of a walk.
type place struct {
	// dir may contain links, real contains none. below is the path from the root, with a slash at the end, or empty.
	dir, real, below string
	state            globs.State
}

func (p place) entry(r *rootWalk, name string) place {
	return place{
		dir: filepath.Join(p.dir, name), real: filepath.Join(p.real, name), below: p.below + name + "/",
		state: r.globs.Step(p.state, name),
	}
}

// walkRoot walks the directories of a root, and then the links in rounds. The links of a round come one by one in the
// order of their names: the names of files must not depend on chance.
func (w *walker) walkRoot(r root) {
	real, err := filepath.EvalSymlinks(r.dir)
	if err != nil {
		w.add(nil, nil, ignoreGone(err))
		return
	}
	walk := &rootWalk{root: r, realDir: real}
	w.walkDirectory(walk, place{dir: r.dir, real: real, state: r.globs.Start()})
	w.all.Wait()
	for len(w.links) > 0 {
		links := w.links
		w.links = nil
		slices.SortFunc(links, func(a, b place) int { return strings.Compare(a.below, b.below) })
		for _, link := range links {
			var isFollowed bool
			if link.real, isFollowed = globs.ResolveDir(link.dir, real); isFollowed {
				w.walkDirectory(walk, link)
				w.all.Wait()
			}
		}
	}
}

// walkDirectory reads a directory and all directories inside, in parallel while walkers are free.
func (w *walker) walkDirectory(r *rootWalk, at place) {
	if w.ctx.Err() != nil || !r.globs.CanContinue(at.state) || !r.visits.Enter(at.real, at.state) {
		return
	}
	listed, err := r.list(at)
	for _, f := range listed.files {
		if w.onFile != nil {
			w.onFile(f)
		}
	}
	w.add(listed.files, listed.links, err)
	for _, name := range listed.dirs {
		w.spawn(func() { w.walkDirectory(r, at.entry(r, name)) })
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

func (w *walker) add(found []file, links []place, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(found) > 0 {
		w.found = append(w.found, found)
	}
	w.links = append(w.links, links...)
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

// entries is the content of a directory: the sorted matches, the names of directories, and the links to directories.
type entries struct {
	files []file
	dirs  []string
	links []place
}

// list reads a directory. A missing directory is empty.
func (r *rootWalk) list(at place) (listed entries, err error) {
	d, err := os.Open(at.dir)
	if err != nil {
		return listed, ignoreGone(err)
	}
	defer d.Close()
	all, err := d.ReadDir(-1)
	if err != nil {
		return listed, ignoreGone(err)
	}
	listed.files = make([]file, 0, len(all))
	for _, entry := range all {
		name := entry.Name()
		switch {
		case entry.IsDir():
			if globs.NeverDir(name) == "" {
				listed.dirs = append(listed.dirs, name)
			}
			continue
		case globs.NeverSource(name) != "":
			continue
		case entry.Type() == fs.ModeSymlink:
			listed.addLink(r, at.entry(r, name))
		}
		if r.globs.Accepted(at.state, name) < 0 {
			continue
		}
		f := file{name: r.prefix() + at.below + name, dir: at.dir}
		exists, err := f.readState(d, entry)
		if err != nil {
			return entries{}, err
		}
		if exists {
			listed.files = append(listed.files, f)
		}
	}
	slices.SortFunc(listed.files, byName)
	return listed, nil
}

// addLink adds a link to a directory with possible matches.
func (e *entries) addLink(r *rootWalk, link place) {
	if !r.globs.CanContinue(link.state) {
		return
	}
	if info, err := os.Stat(link.dir); err == nil && info.IsDir() {
		e.links = append(e.links, link)
	}
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
