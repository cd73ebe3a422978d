package watch

import (
	"github.com/fsnotify/fsnotify"

	"tasks/internal/globs"
)

// Unmatched is a glob of Paths without a file.
type Unmatched struct {
	Unit int
	Glob string
	// Reason is the rule that excludes the matches. Empty: no file matches.
	Reason string
}

// Unmatched returns the globs of Paths that no counting file matches.
func (w *Watcher) Unmatched() []Unmatched {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.tree.unmatched()
}

// FindUnmatched is [Watcher.Unmatched] without a watch.
func FindUnmatched(rules Rules) ([]Unmatched, error) {
	m, err := newMatcher(rules)
	if err != nil {
		return nil, err
	}
	t := &tree{notifier: noNotifier{}}
	if err := t.setRules(m); err != nil {
		return nil, err
	}
	return t.unmatched(), nil
}

// unmatched compares the globs with the known files.
func (t *tree) unmatched() []Unmatched {
	var all []Unmatched
	for i := range t.matcher.units {
		u := &t.matcher.units[i]
		isMatched := make([]bool, u.paths.Len())
		for file := range t.known {
			if t.matcher.unitVerdict(u, file, isFile).IsIncluded {
				u.paths.MarkMatches(globs.Rel(file), isMatched)
			}
		}
		for glob, matched := range isMatched {
			if !matched {
				all = append(all, Unmatched{Unit: i, Glob: u.texts[glob], Reason: t.matcher.rejection(u, glob)})
			}
		}
	}
	return all
}

// rejection returns the rule that excludes the matches of a glob, or "".
func (m *matcher) rejection(u *unit, glob int) string {
	if rule := u.rejections[glob]; rule != "" {
		return rule
	}
	return m.excluded(u, globs.Prefix(u.paths.Text(glob)), isDir)
}

// noNotifier watches nothing.
type noNotifier struct{}

func (noNotifier) Add(string) error              { return nil }
func (noNotifier) Remove(string) error           { return nil }
func (noNotifier) Events() <-chan fsnotify.Event { return nil }
func (noNotifier) Errors() <-chan error          { return nil }
func (noNotifier) Close() error                  { return nil }
