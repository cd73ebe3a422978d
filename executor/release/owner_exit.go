package release

import (
	"context"
	"time"

	"tasks/planner/observed"
)

const (
	// exitTimeout exceeds the time of a run on this host from the release of its leases or locks to its end.
	exitTimeout = time.Second
	// exitPollInterval is short: a killed process is gone at once.
	exitPollInterval = 10 * time.Millisecond
)

// WaitOwnerExit waits a moment for the end of a process, and reports whether the process has ended. A killed process
// releases its locks and leases before its end.
func WaitOwnerExit(ctx context.Context, ownership observed.Ownership, owner string) bool {
	if ownership.IsDead == nil {
		return false
	}
	for end := time.Now().Add(exitTimeout); ; {
		switch {
		case ownership.IsDead(owner, 0):
			return true
		case time.Now().After(end):
			return false
		}
		select {
		case <-ctx.Done():
			return false
		case <-time.After(exitPollInterval):
		}
	}
}
