package watch

import (
	"errors"
	"fmt"
	"syscall"
)

// LimitError reports that the system watches no more directories for this user.
type LimitError struct {
	// Setting is the kernel's setting with the limit.
	Setting string
	// Limit is the value as text, or empty if unreadable.
	Limit string
	// Needed is the number of directories to watch, or 0 if unknown.
	Needed int
	Err    error
}

func (e *LimitError) Error() string {
	current := e.Setting
	if e.Limit != "" {
		current += " = " + e.Limit
	}
	if e.Needed > 0 {
		current += fmt.Sprintf("; %d directories are to be watched", e.Needed)
	}
	return fmt.Sprintf("the system's limit of watched directories is reached (%s): raise it (sudo sysctl %s=524288), "+
		"watch less (watch.paths, watch.ignore, .gitignore), or set watch.poll", current, e.Setting)
}

func (e *LimitError) Unwrap() error { return e.Err }

// explainLimit recognizes Linux's errors for too many watches (ENOSPC) and too many watchers (EMFILE).
func explainLimit(err error) error {
	switch {
	case errors.Is(err, syscall.ENOSPC):
		return newLimitError(DirectoryLimit, err)
	case errors.Is(err, syscall.EMFILE):
		return newLimitError(WatcherLimit, err)
	}
	return err
}

func newLimitError(name string, err error) *LimitError {
	return &LimitError{Setting: Setting(name), Limit: readLimit(name), Err: err}
}

// withCount adds the number of directories that the rules need to a [*LimitError].
func withCount(err error, m *matcher) error {
	limit, ok := errors.AsType[*LimitError](err)
	if !ok || limit.Needed > 0 || m == nil {
		return err
	}
	t := &tree{notifier: noNotifier{}}
	if t.setRules(m) == nil {
		limit.Needed = len(t.written)
	}
	return err
}
