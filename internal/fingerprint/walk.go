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

// never are the directories that are nobody's input.
var never = [...]string{".git", ".tasks"}

// file is one that a glob matches.
type file struct {
	// name is what it is called by, path where it is.
	name, path string
	seen       look
	// target is what a link leads to that is no file: its text counts.
	target string
	// glob is the number of the first glob that matches it.
	glob int
}

// walkers is how many directories are read at once. Few are as fast as many: the kernel's locks are what is waited for.
const walkers = 4

// walk finds the files of globs, sorted by name, each once. Links to files are followed, links to directories are not.
func walk(ctx context.Context, dir string, globs []string) ([]file, error) {
	roots, err := rootsOf(dir, globs)
	if err != nil {
		return nil, err
	}
	w := &walking{ctx: ctx, more: make(chan struct{}, walkers-1)}
	for _, r := range roots {
		w.directory(r, r.dir, "", 1)
	}
	w.all.Wait()
	slices.SortFunc(w.found, func(a, b file) int { return strings.Compare(a.name, b.name) })
	w.found = slices.CompactFunc(w.found, func(a, b file) bool { return a.name == b.name })
	return w.found, errors.Join(w.err, ctx.Err())
}

// walking is a walk under way.
type walking struct {
	ctx  context.Context
	more chan struct{}
	all  sync.WaitGroup

	mu    sync.Mutex // guards what follows
	found []file
	err   error
}

// directory reads a directory, and those in it: here, or beside where a walker is free.
func (w *walking) directory(r root, dir, rel string, depth int) {
	if w.ctx.Err() != nil {
		return
	}
	entries, err := entriesOf(dir)
	if err != nil {
		w.add(nil, err)
		return
	}
	var found []file
	for _, entry := range entries {
		name := path.Join(rel, entry.Name())
		if entry.IsDir() {
			if depth < r.depth() && !slices.Contains(never[:], entry.Name()) {
				w.below(func() { w.directory(r, filepath.Join(dir, entry.Name()), name, depth+1) })
			}
			continue
		}
		glob := r.match(name)
		if glob < 0 {
			continue
		}
		f := file{name: path.Join(r.shown, name), path: filepath.Join(dir, entry.Name()), glob: glob}
		if there, err := f.look(entry); err != nil {
			w.add(nil, err)
		} else if there {
			found = append(found, f)
		}
	}
	w.add(found, nil)
}

func (w *walking) below(walk func()) {
	select {
	case w.more <- struct{}{}:
		w.all.Go(func() {
			defer func() { <-w.more }()
			walk()
		})
	default:
		walk()
	}
}

func (w *walking) add(found []file, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.found = append(w.found, found...)
	if w.err == nil {
		w.err = err
	}
}

// entriesOf lists a directory, in any order; one that is not there is empty.
func entriesOf(dir string) ([]fs.DirEntry, error) {
	d, err := os.Open(dir)
	if gone(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer d.Close()
	entries, err := d.ReadDir(-1)
	if gone(err) {
		err = nil
	}
	return entries, err
}

// gone is an error of what has vanished since it was seen, or whose directory is a file.
func gone(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, errNotDirectory)
}

// look fills in what can be seen of a file without reading it. What is neither a file nor a link is none.
func (f *file) look(entry fs.DirEntry) (there bool, err error) {
	var info fs.FileInfo
	if entry.Type()&fs.ModeSymlink == 0 {
		info, err = entry.Info()
	} else if info, err = os.Stat(f.path); err != nil || info.IsDir() {
		f.target, err = os.Readlink(f.path)
		return err == nil, ignoreGone(err)
	}
	if err != nil || !info.Mode().IsRegular() {
		return false, ignoreGone(err)
	}
	f.seen = lookOf(info)
	return true, nil
}

func ignoreGone(err error) error {
	if gone(err) {
		return nil
	}
	return err
}
