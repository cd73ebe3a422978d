package watch

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/fsnotify/fsnotify"
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
type tree struct {
	notifier notifier
	matcher  *matcher
	watched  map[string]bool
	// known are the existing files that count. The list names the removed files of a removed directory.
	known map[string]bool
}

// rescan watches exactly the needed directories. The results are the new files and the removed files. rescan continues
// after errors.
func (t *tree) rescan() (appeared, removed []string, err error) {
	watched, known := t.watched, t.known
	t.watched, t.known = map[string]bool{}, map[string]bool{}
	for _, start := range t.matcher.roots() {
		err = errors.Join(err, t.scan(start, func(file string) {
			if !known[file] {
				appeared = append(appeared, file)
			}
		}))
	}
	for dir := range watched {
		if !t.watched[dir] {
			_ = t.notifier.Remove(dir) // the only error: the directory is not watched
		}
	}
	for file := range known {
		if !t.known[file] && t.matcher.verdict(file).IsIncluded {
			removed = append(removed, file)
		}
	}
	return appeared, removed, err
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
func (t *tree) scan(dir string, found func(file string)) error {
	if t.watched[dir] || !t.matcher.shouldWatch(dir) {
		return nil
	}
	if err := t.notifier.Add(dir); err != nil {
		return watchError(dir, err)
	}
	t.watched[dir] = true
	entries, err := os.ReadDir(dir)
	if err != nil {
		return watchError(dir, err)
	}
	var errs []error
	for _, entry := range entries {
		path := filepath.Join(dir, entry.Name())
		if entry.IsDir() {
			errs = append(errs, t.scan(path, found))
		} else if t.matcher.verdict(path).IsIncluded {
			t.known[path] = true
			found(path)
		}
	}
	return joinErrors(errs)
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
	path := filepath.Clean(e.Name)
	if e.Has(fsnotify.Remove) || e.Has(fsnotify.Rename) {
		changes, err = t.handleRemoved(path)
	}
	if e.Has(fsnotify.Create) || e.Has(fsnotify.Write) {
		more, addErr := t.handleCreated(path)
		changes, err = append(changes, more...), errors.Join(err, addErr)
	}
	if isIgnoreFile(path) && e.Op != fsnotify.Chmod {
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
	if info.IsDir() {
		err = t.scan(path, func(file string) { changes = append(changes, file) })
		return changes, err
	}
	verdict := t.matcher.verdict(path)
	t.explain(path, verdict)
	if !verdict.IsIncluded {
		return nil, nil
	}
	t.known[path] = true
	return []string{path}, nil
}

// handleRemoved handles the removal or renaming of a file or directory.
func (t *tree) handleRemoved(path string) (changes []string, err error) {
	if !t.watched[path] {
		t.explain(path, t.matcher.verdict(path))
		if t.known[path] {
			delete(t.known, path)
			changes = append(changes, path)
		}
		return changes, nil
	}
	for dir := range t.watched {
		if isWithin(dir, path) {
			_ = t.notifier.Remove(dir) // if the system has not removed the watch
			delete(t.watched, dir)
		}
	}
	for file := range t.known {
		if isWithin(file, path) {
			delete(t.known, file)
			changes = append(changes, file)
		}
	}
	// The directory may exist again, under a name that was free for a moment. If the directory was a way to others, the
	// scan from above finds these directories.
	for _, start := range append(t.matcher.roots(), path) {
		err = errors.Join(err, t.scan(start, func(file string) { changes = append(changes, file) }))
	}
	return changes, err
}

func (t *tree) explain(path string, v Verdict) {
	if t.matcher.explain != nil {
		t.matcher.explain(t.matcher.rel(path), v)
	}
}
