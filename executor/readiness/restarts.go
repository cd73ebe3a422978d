package readiness

import (
	"fmt"
	"time"

	"tasks/executor/engine"
	"tasks/planner/observed"
)

const (
	// minCrashes and crashPatience bound the wait for a container that ends again and again. A service may need a few
	// starts, for example until its database answers.
	minCrashes    = 5
	crashPatience = 30 * time.Second
)

// restarts are the ends of a container during a wait, each followed by a start by the restart policy.
type restarts struct {
	// began is the time of the first inspection, engineCount the engine's number at the last inspection.
	began       time.Time
	engineCount int
	// count is the number of restarts. Those of a container already in a loop at the beginning count too.
	count int
	// exitCode is the exit code of the last end; nil: unknown.
	exitCode *int
}

// recordExit keeps the exit code of an event.
func (r *restarts) recordExit(code int) { r.exitCode = &code }

// observe counts the restarts since the last inspection, and reports whether there are new ones.
func (r *restarts) observe(s engine.ContainerState) (isNew bool) {
	before := r.count
	switch {
	case r.began.IsZero():
		r.began = time.Now()
		if s.State == observed.Restarting {
			r.count = s.Restarts
		}
	case s.Restarts > r.engineCount:
		r.count += s.Restarts - r.engineCount
	}
	r.engineCount = s.Restarts
	if s.State == observed.Restarting {
		r.recordExit(s.ExitCode)
	}
	return r.count > before
}

// text describes the restarts: "exited with code 1, restarted 3 times".
func (r *restarts) text() string {
	times := fmt.Sprintf("%d times", r.count)
	if r.count == 1 {
		times = "once"
	}
	if r.exitCode == nil {
		return "restarted " + times
	}
	return fmt.Sprintf("exited with code %d, restarted %s", *r.exitCode, times)
}

// isHopeless reports whether the container has ended too often for a further wait.
func (r *restarts) isHopeless(startPeriod time.Duration) bool {
	return r.count >= minCrashes && time.Since(r.began) >= max(crashPatience, startPeriod)
}

// hasSucceeded reports whether the command has ended with success, and was started again.
func (r *restarts) hasSucceeded() bool { return r.count > 0 && r.exitCode != nil && *r.exitCode == 0 }

// startPeriod is the time that a healthcheck gives a service for its start.
func startPeriod(p *engine.Probe) time.Duration {
	if p == nil {
		return 0
	}
	return p.StartPeriod
}
