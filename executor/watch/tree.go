package watch

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/fsnotify/fsnotify"

	"tasks/internal/globs"
)

// notifier reports changes of the entries of single directories. The implementations are fsnotify and poller.
type notifier interface {
	Add(dir string) error
	Remove(dir string) error
	Events() <-chan fsnotify.Event
	// Errors sends fsnotify.ErrEventOverflow and other errors.
	Errors() <-chan error
	Close() error
}

// tree watches all directories with possible files. A tree is not safe for concurrent use.
//
// Rules and changes have paths as written, possibly through links. The notifier only knows real paths, without links.
type tree struct {
	notifier notifier
	matcher  *matcher
	// watched maps the directories to the real directories, written the inverse.
	watched map[string]string
	written map[string][]string
	// known are the existing files that count. The list names the removed files of a removed directory.
	known map[string]bool
	links linkSet
	// pendingLinks are found links to directories. They are followed after the directories without links.
	pendingLinks []string
}

// rescan watches exactly the needed directories. The results are the new files and the removed files. rescan continues
// after errors.
func (t *tree) rescan() (appeared, removed []string, err error) {
	written, known, extra := t.written, t.known, t.links.parents
	t.watched, t.written, t.known = map[string]string{}, map[string][]string{}, map[string]bool{}
	t.links = linkSet{}
	err = t.scanRoots(func(file string) {
		if !known[file] {
			appeared = append(appeared, file)
		}
	})
	for dir := range written {
		t.removeUnneeded(dir)
	}
	for dir := range extra {
		t.removeUnneeded(dir)
	}
	for file := range known {
		if !t.known[file] && t.matcher.verdict(file).IsIncluded {
			removed = append(removed, file)
		}
	}
	return appeared, removed, err
}

// removeUnneeded ends the watch of a real directory that no rule needs.
func (t *tree) removeUnneeded(real string) {
	if len(t.written[real]) == 0 && !t.links.parents[real] {
		_ = t.notifier.Remove(real) // the only error: the directory is not watched
	}
}

// scanRoots scans all directories from the roots on.
func (t *tree) scanRoots(found func(file string), more ...string) (err error) {
	for _, start := range append(t.matcher.roots(), more...) {
		if real, evalErr := filepath.EvalSymlinks(start); evalErr == nil {
			err = errors.Join(err, t.scan(start, real, found))
		}
	}
	return joinErrors([]error{err, t.followLinks(found)})
}

// setRules applies new rules. New files need no report: they are new by the rules alone, or their event follows. The
// event of a removed file follows too, and the file stays known until then.
func (t *tree) setRules(m *matcher) error {
	t.matcher = m
	_, removed, err := t.rescan()
	for _, file := range removed {
		t.known[file] = true
	}
	return err
}

// recoverOverflow finds the changes of the time with dropped events.
func (t *tree) recoverOverflow() (changes []string, err error) {
	appeared, removed, err := t.rescan()
	return append(appeared, removed...), err
}

// scan watches a directory and its subdirectories, as far as needed, and calls found for each file that counts. A
// directory is watched before the listing, so every later change makes an event.
func (t *tree) scan(dir, real string, found func(file string)) error {
	if _, isWatched := t.watched[dir]; isWatched || !t.matcher.shouldWatch(dir) || t.isScanned(dir, real) {
		return nil
	}
	if err := t.notifier.Add(real); err != nil {
		return watchError(real, err)
	}
	t.watched[dir] = real
	t.written[real] = append(t.written[real], dir)
	entries, err := os.ReadDir(real)
	if err != nil {
		return watchError(real, err)
	}
	var errs []error
	for _, entry := range entries {
		path := filepath.Join(dir, entry.Name())
		switch {
		case entry.IsDir():
			errs = append(errs, t.scan(path, filepath.Join(real, entry.Name()), found))
		case entry.Type() == fs.ModeSymlink && t.addLink(path):
			// followed later
		case isSpecial(entry.Type()):
			// no file with a content
		case t.matcher.verdict(path).IsIncluded:
			t.known[path] = true
			found(path)
		}
	}
	return joinErrors(errs)
}

// isScanned reports whether a real directory was scanned under another name, with all possible matches.
func (t *tree) isScanned(dir, real string) bool {
	others := t.written[real]
	if len(others) == 0 || t.matcher.leadsToFile(dir) {
		return false
	}
	state := t.matcher.state(dir)
	return slices.ContainsFunc(others, func(other string) bool { return t.matcher.state(other).Covers(state) })
}

// followLinks scans the directories behind links, in the order of the links' names, until no scan finds a new link.
// The end is certain: each real directory is scanned once for each state of the globs.
func (t *tree) followLinks(found func(file string)) error {
	var errs []error
	for len(t.pendingLinks) > 0 {
		links := t.pendingLinks
		t.pendingLinks = nil
		slices.Sort(links)
		for _, link := range links {
			if real, isFollowed := globs.ResolveDir(link, t.matcher.realRoot); isFollowed {
				errs = append(errs, t.scan(link, real, found))
			}
		}
	}
	return errors.Join(joinErrors(errs), t.watchParents())
}

// joinErrors joins errors. Of several limit errors, only the first remains.
func joinErrors(errs []error) error {
	var remaining []error
	for _, err := range errs {
		if limit, ok := errors.AsType[*LimitError](err); ok {
			return limit
		}
		remaining = append(remaining, err)
	}
	return errors.Join(remaining...)
}

// watchError drops the error for a vanished or unreadable directory. No other program reads such a directory either.
func watchError(dir string, err error) error {
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
		return nil
	}
	err = explainLimit(err)
	if _, ok := errors.AsType[*LimitError](err); ok {
		return err
	}
	return fmt.Errorf("cannot watch %s: %w", dir, err)
}

// handle returns the files that an event changed, and updates the watched directories.
func (t *tree) handle(e fsnotify.Event) (changes []string, err error) {
	real := filepath.Clean(e.Name)
	if t.matcher.isOwn(real) {
		return nil, nil // an explanation in a recording would be a change of the recording
	}
	for _, path := range t.writtenNames(real) {
		more, handleErr := t.handlePath(path, e)
		changes, err = append(changes, more...), errors.Join(err, handleErr)
	}
	if e.Op != fsnotify.Chmod {
		more, linkErr := t.handleLinks(real)
		changes, err = append(changes, more...), errors.Join(err, linkErr)
	}
	slices.Sort(changes)
	return slices.Compact(changes), err
}

// writtenNames returns all watched names of a real file or directory.
func (t *tree) writtenNames(real string) []string {
	names := slices.Clone(t.written[real])
	for _, dir := range t.written[filepath.Dir(real)] {
		names = append(names, filepath.Join(dir, filepath.Base(real)))
	}
	if len(names) == 0 && real == t.matcher.ignoreFiles.excludeFile {
		names = append(names, real)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func (t *tree) handlePath(path string, e fsnotify.Event) (changes []string, err error) {
	if e.Has(fsnotify.Remove) || e.Has(fsnotify.Rename) {
		changes, err = t.handleRemoved(path)
	}
	if e.Has(fsnotify.Create) || e.Has(fsnotify.Write) {
		more, addErr := t.handleCreated(path)
		changes, err = append(changes, more...), errors.Join(err, addErr)
	}
	if t.matcher.ignoreFiles.isIgnoreFile(path) && e.Op != fsnotify.Chmod {
		t.matcher.ignoreFiles = newIgnoreFiles(t.matcher.root)
		err = errors.Join(err, t.setRules(t.matcher))
	}
	return changes, err
}

// handleCreated handles a created or written file or directory. A path that has vanished by now is no change: either
// nothing is different, or the removal has its own event.
func (t *tree) handleCreated(path string) (changes []string, err error) {
	info, err := os.Lstat(path)
	if err != nil {
		return nil, nil
	}
	found := func(file string) { changes = append(changes, file) }
	if info.IsDir() {
		if !t.matcher.shouldWatch(path) {
			t.explain(path, Verdict{false, t.matcher.dirRule(path)})
		}
		err = t.scan(path, realPath(path), found)
		return changes, errors.Join(err, t.followLinks(found))
	}
	if info.Mode().Type() == fs.ModeSymlink {
		if t.links.ways[path].isDir && t.links.ways[path].equals(findWay(path)) {
			return nil, nil // the scan was faster than the event
		}
		changes = append(t.dropBelow(path), t.secondName(path)...) // the link may have led to another directory
		if t.addLink(path) {
			err = t.followLinks(found)
			return append(changes, t.secondName(path)...), err
		}
	}
	verdict := t.matcher.verdict(path)
	if isSpecial(info.Mode()) {
		verdict = Verdict{false, "neither a file nor a link"}
	}
	t.explain(path, verdict)
	if !verdict.IsIncluded {
		return changes, t.watchParents()
	}
	t.known[path] = true
	return append(changes, path), t.watchParents()
}

// isSpecial reports whether an entry of a directory is a socket, a pipe or a device.
func isSpecial(mode fs.FileMode) bool {
	return mode&(fs.ModeSocket|fs.ModeNamedPipe|fs.ModeDevice|fs.ModeCharDevice|fs.ModeIrregular) != 0
}

// handleRemoved handles the removal or renaming of a file or directory.
func (t *tree) handleRemoved(path string) (changes []string, err error) {
	if _, isWatched := t.watched[path]; !isWatched {
		changes = t.secondName(path)
		t.links.remove(path)
		t.explain(path, t.matcher.verdict(path))
		if t.known[path] {
			delete(t.known, path)
			changes = append(changes, path)
		}
		return changes, nil
	}
	changes = t.dropBelow(path)
	if info, err := os.Lstat(path); err == nil && info.Mode().Type() == fs.ModeSymlink {
		t.addLink(path) // only the directory behind the link was removed
	} else {
		t.links.remove(path)
	}
	// The directory may exist again, under a name that was free for a moment. If the directory was a way to others, the
	// scan from above finds these directories.
	found := func(file string) { changes = append(changes, file) }
	return changes, errors.Join(err, t.scanRoots(found, path))
}

// dropBelow forgets a directory and all below. The results are the files that counted.
func (t *tree) dropBelow(path string) (removed []string) {
	for dir, real := range t.watched {
		if isWithin(dir, path) {
			delete(t.watched, dir)
			t.written[real] = slices.DeleteFunc(t.written[real], func(name string) bool { return name == dir })
			if len(t.written[real]) == 0 {
				delete(t.written, real)
			}
			t.removeUnneeded(real) // if the system has not removed the watch
		}
	}
	for file := range t.known {
		if isWithin(file, path) {
			delete(t.known, file)
			removed = append(removed, file)
		}
	}
	t.links.removeBelow(path)
	return removed
}

func (t *tree) explain(path string, v Verdict) {
	if t.matcher.explain != nil {
		t.matcher.explain(t.matcher.rel(path), v)
	}
}
