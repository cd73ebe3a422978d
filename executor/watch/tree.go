package watch

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/fsnotify/fsnotify"
)

// notifier tells of what happens to the entries of single directories: fsnotify, or one that looks again and again.
type notifier interface {
	Add(dir string) error
	Remove(dir string) error
	Events() <-chan fsnotify.Event
	// Errors brings fsnotify.ErrEventOverflow, and what else went wrong.
	Errors() <-chan error
	Close() error
}

// tree keeps the directories watched that can hold files that count. It is not safe for concurrent use.
type tree struct {
	notifier notifier
	matcher  *matcher
	watched  map[string]bool
	// known are the files that count and exist, so that the removal of a directory tells which went with it.
	known map[string]bool
}

// rescan makes all directories watched that have to be, and no others, and returns the files that appeared and those
// that are gone. It goes on after errors.
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
			_ = t.notifier.Remove(dir) // its only error is that it is not watched any more
		}
	}
	for file := range known {
		if !t.known[file] && t.matcher.verdict(file).IsIncluded {
			removed = append(removed, file)
		}
	}
	return appeared, removed, err
}

// setRules follows new rules. What appeared did so by the rules alone, or its event is still to come, as is that of what is
// gone: until then that stays known.
func (t *tree) setRules(m *matcher) error {
	t.matcher = m
	_, removed, err := t.rescan()
	for _, file := range removed {
		t.known[file] = true
	}
	return err
}

// recoverOverflow takes in what happened while events were dropped.
func (t *tree) recoverOverflow() (changes []string, err error) {
	appeared, removed, err := t.rescan()
	return append(appeared, removed...), err
}

// scan watches a directory and those below it, as far as they are wanted, and calls found for each file that counts. A
// directory is watched before it is listed, so that whatever comes later makes an event.
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

// joinErrors joins errors, of the same limit but one.
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

// watchError forgives what has vanished in the meantime, or may not be read: nobody else reads it either.
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

// handle returns the files that an event changed, and follows it with what is watched.
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

// handleCreated takes in a file or directory that was made or written. One that is gone again by now is none: it is as it was,
// or its removal is an event of its own.
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

// handleRemoved takes in that a file or directory was removed, or got another name.
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
			_ = t.notifier.Remove(dir) // where the system has not done so
			delete(t.watched, dir)
		}
	}
	for file := range t.known {
		if isWithin(file, path) {
			delete(t.known, file)
			changes = append(changes, file)
		}
	}
	// It may be there again, under a name that was free for a moment. And where it was one that others are reached from,
	// they are now looked for from above.
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
