package executor

import (
	"context"
	"maps"
	"os"
	"slices"
	"time"

	"tasks/executor/command"
	"tasks/executor/engine"
	"tasks/executor/release"
	"tasks/executor/step"
	"tasks/internal/composeproject"
	"tasks/internal/coord"
	"tasks/planner"
	"tasks/planner/observed"
)

// Locker gives locks between processes of this host, by name.
type Locker interface {
	Lock(ctx context.Context, name string) (unlock func(), err error)
	// LockFor is Lock for something that may take long.
	LockFor(ctx context.Context, name string, wanted LockRequest) (unlock func(), err error)
}

// LockRequest, HolderInfo and StartEntry are the words of the coordination between processes.
type (
	LockRequest = coord.LockRequest
	HolderInfo  = coord.TaskHolder
	StartEntry  = coord.StartEntry
)

// Config is what a session works with.
type Config struct {
	// Engine may be nil where no plan touches one.
	Engine engine.Engine
	Host   command.Host
	Locks  Locker
	// Leases keep what runs use from being removed by other runs, and have what nobody uses any more removed. Nil: nothing is.
	Leases release.Leases
	// Ownership tell whose the things are that go with the last run that uses them.
	Ownership planner.Ownership
	Observer  Observer
	// Fingerprints tell which tasks are up to date; nil: all of them run.
	Fingerprints Fingerprints
	// Environ is the environment of `tasks` as KEY=VALUE: host commands inherit it.
	Environ []string
	// ExecJournal remember the commands in containers of services; nil: nobody does.
	ExecJournal command.ExecJournal
	// Orphans is what other runs, which have died, have left running; nil: nobody knows.
	Orphans OrphanKiller
	// ContainerJournal remember what labels cannot tell of containers; nil: nobody does.
	ContainerJournal ContainerJournal
	// NewSlug makes the random part of a one-off's name, 64 hex digits.
	NewSlug func() string
	// DetachKeys leave a container at a terminal to itself: "ctrl-p,ctrl-q", which is also what empty means.
	DetachKeys string
	// GracePeriod is how long a stopped command may take to end, where its service says nothing. Zero: 10 s, as the engine.
	GracePeriod time.Duration
	// WaitTimeout is how long a service may take to meet a condition. Zero: as its healthcheck or its ready block says.
	WaitTimeout time.Duration
	// Jobs bounds how many commands, pulls and builds run at a time. Zero: as the plan says, else the number of processors,
	// and at least 8.
	Jobs int
	// KeepGoing lets what does not depend on a failure still run.
	KeepGoing bool
}

// ContainerJournal keep, for later runs, what the labels of containers cannot tell, as they never change. They are safe for concurrent use.
type ContainerJournal interface {
	// RecordReplacing is called before a container is made that is to take the place of the one with the id; Settled, when it has, or
	// is not there.
	RecordReplacing(project, id string) error
	ClearReplacing(id string) error
	// Left is called when the user has left a one-off to itself: from then on it is nobody's.
	RecordDetached(project, id string) error
	// RecordStart is called when a container has been started that is to be stopped by the last run that uses it, Stopped when it
	// has been, or was started by somebody else since. Starts are those of a project that were told of, and still count.
	RecordStart(StartEntry) error
	ClearStart(id string) error
	StartEntries(project string) []StartEntry
}

// Session runs plans, one after the other. It outlives a run: watch calls Run again with a new plan, and services stay up.
// Close ends it.
type Session struct {
	cfg Config
	// usages are the uses by its runs, by compose project.
	usages map[string]*release.Usage
}

// NewSession returns a session.
func NewSession(cfg Config) *Session {
	if cfg.GracePeriod == 0 {
		cfg.GracePeriod = 10 * time.Second
	}
	return &Session{cfg: cfg, usages: map[string]*release.Usage{}}
}

// Result is how a run ended.
type Result struct {
	// Code is the exit code of language.md §5: the command's own, 125 where the run could not be made, 128+n when
	// signal n ended it before the command started.
	Code int
	// Err is the failure that decided the code; nil where a command's own exit code did.
	Err error
	// Failures are all that failed by itself, in the plan's order.
	Failures []Failure
	// ServiceLogs are the last lines of the services that failed tasks needed.
	ServiceLogs []ServiceLog
	// Elapsed is the time that the whole run took, Cleanup what of that its end took, when no step was under way any more.
	Elapsed, Cleanup time.Duration
}

// Run performs a plan and cleans up after it. Signals that arrive on signals go to the running commands, once each; before
// a wanted command has started the first one cancels the run and what it made is removed. When ctx ends, running commands
// are stopped (signal, grace period, kill) and the one-offs removed. Run returns when nothing of it is running any more.
func (s *Session) Run(ctx context.Context, plan *planner.Plan, signals <-chan os.Signal) Result {
	started := time.Now()
	r := newRun(s.cfg, plan)
	r.loop(ctx, signals)
	stepsEnded := time.Now()
	logs := r.serviceLogs(ctx)
	r.cleanUp(context.WithoutCancel(ctx))
	s.recordUsage(r)
	result := r.result()
	result.ServiceLogs = logs
	result.Elapsed, result.Cleanup = time.Since(started), time.Since(stepsEnded)
	return result
}

// recordUsage records the resources a run has used.
func (s *Session) recordUsage(r *run) {
	for scope, p := range r.plan.Scopes {
		if p.PrivateTask != "" {
			continue // its resources were removed with the run
		}
		u := s.usageOf(p.Project)
		u.HasTransient = u.HasTransient || p.HasTransient || r.transientScopes[scope]
		for _, planned := range r.plan.Steps {
			if planned.Scope == scope {
				u.AddStep(planned, r.facts[scope])
			}
		}
		for _, e := range r.ledger.entries {
			if e.Kind == step.NetworkEntry && e.Project == p.Project {
				u.AddNetwork(e.ID, e.Name) // its step may have failed since
			}
		}
	}
}

func (s *Session) usageOf(project string) *release.Usage {
	if s.usages[project] == nil {
		s.usages[project] = release.NewUsage(project)
	}
	return s.usages[project]
}

// ReleaseUnused registers a project with leases of this process, but without a run. Because of these leases other runs were
// not the last user. So Close looks for transient resources of the project.
func (s *Session) ReleaseUnused(project *composeproject.Project, snapshot *observed.Snapshot, isUnused func(lease string) bool) {
	s.usageOf(project.Name()).AddUnused(project, snapshot, isUnused)
}

// Close releases the leases of the session after its last run. As the last user, the session removes transient resources and
// stops containers again. The end of stopCtx turns graceful stops into kills.
func (s *Session) Close(stopCtx context.Context) {
	if s.cfg.Leases == nil || s.cfg.Engine == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(stopCtx), cleanupTimeout)
	defer cancel()
	cfg := release.Config{
		Engine: s.cfg.Engine, Leases: s.cfg.Leases, Ownership: s.cfg.Ownership, GracefulCtx: stopCtx,
		Warn: func(text string) { s.cfg.Observer.Notice(Notice{Kind: Warned, Text: text}) },
	}
	if s.cfg.ContainerJournal != nil {
		cfg.Journal = s.cfg.ContainerJournal
	}
	for _, project := range slices.Sorted(maps.Keys(s.usages)) {
		release.Release(ctx, cfg, s.usages[project])
	}
}
