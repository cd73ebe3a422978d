package executor

import (
	"cmp"
	"context"
	"maps"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"tasks/executor/command"
	"tasks/executor/engine"
	"tasks/executor/release"
	"tasks/executor/removal"
	"tasks/executor/standby"
	"tasks/executor/step"
	"tasks/internal/composeproject"
	"tasks/internal/coord"
	"tasks/planner"
	"tasks/planner/observed"
)

// Locker gives locks between processes of this host, by name.
type Locker interface {
	Lock(ctx context.Context, name string) (unlock func(), err error)
	// LockFor is Lock for an act of any duration.
	LockFor(ctx context.Context, name string, wanted LockRequest) (unlock func(), err error)
}

// LockRequest, HolderInfo and StartEntry are the types of the coordination between processes.
type (
	LockRequest = coord.LockRequest
	HolderInfo  = coord.TaskHolder
	StartEntry  = coord.StartEntry
)

// Config holds the dependencies and settings of a session.
type Config struct {
	// Engine may be nil if no plan needs an engine.
	Engine engine.Engine
	Host   command.Host
	Locks  Locker
	// Leases protect the resources of runs from removal by other runs, and let the
	// last user remove transient resources. Nil: no resource is removed.
	Leases release.Leases
	// Ownership tells the owners of transient resources.
	Ownership observed.Ownership
	Observer  Observer
	// Fingerprints decide which tasks are up to date; nil: all tasks run.
	Fingerprints Fingerprints
	// Environ is the environment of `tasks` as KEY=VALUE. Host commands inherit it.
	Environ []string
	// ExecJournal records the commands in containers of services. It may be nil.
	ExecJournal command.ExecJournal
	// Orphans ends the commands of dead runs. It may be nil.
	Orphans OrphanKiller
	// VolumeJournal records the anonymous volumes of removed containers. It may be nil.
	VolumeJournal removal.VolumeJournal
	// ContainerJournal records facts about containers that labels cannot express. It may be nil.
	ContainerJournal ContainerJournal
	// NewSlug makes the random part of a one-off's name, 64 hex digits.
	NewSlug func() string
	// DetachKeys detach from a container at a terminal; empty: "ctrl-p,ctrl-q".
	DetachKeys string
	// GracePeriod bounds the end of a stopped command, where its service has no period. Zero: 10 s, as in the engine.
	GracePeriod time.Duration
	// WaitTimeout bounds the wait for a service. Zero: the healthcheck or the `ready` block sets the bound.
	WaitTimeout time.Duration
	// Jobs is the maximum number of commands, pulls and builds at a time. Zero: the
	// plan's number, else the number of processors and at least 8.
	Jobs int
	// ForcedCtx ends the work of Close, whatever is left; nil: never.
	ForcedCtx context.Context
	// Standbys are the containers for the next runs. The session closes them. Nil: each run makes its containers.
	Standbys *standby.Pool
	// KeepGoing lets steps without a failed need still run.
	KeepGoing bool
}

// ContainerJournal records facts about containers for later runs, because labels
// never change. It is safe for concurrent use.
type ContainerJournal interface {
	// RecordReplacing precedes the creation of a container in place of the container
	// with the id. ClearReplacing follows the end of the replacement.
	RecordReplacing(project, id string) error
	ClearReplacing(id string) error
	// RecordDetached records a one-off the user has detached from. From then on the one-off has no owner.
	RecordDetached(project, id string) error
	// RecordStart records the start of a container to stop after its use. ClearStart follows
	// the stop, or a start by others. StartEntries are the valid records of a project.
	RecordStart(StartEntry) error
	ClearStart(id string) error
	StartEntries(project string) []StartEntry
}

// Session runs plans, one after the other. A session outlives a run: watch calls
// Run again with a new plan, and services keep running. Close ends the session.
type Session struct {
	cfg Config
	// usages are the uses by its runs, by compose project.
	usages map[string]*release.Usage
	// current is the run under way, or the last run.
	current atomic.Pointer[run]
}

// NewSession returns a session.
func NewSession(cfg Config) *Session {
	if cfg.GracePeriod == 0 {
		cfg.GracePeriod = 10 * time.Second
	}
	return &Session{cfg: cfg, usages: map[string]*release.Usage{}}
}

// Result is the result of a run.
type Result struct {
	// Code is the exit code of language.md §5: the command's own code. It is 125 for a
	// run that could not be made, and 128+n for signal n before the start of the command.
	Code int
	// Err is the failure behind the code; nil: a command's own exit code decided.
	Err error
	// Failures are the root causes, in the plan's order.
	Failures []Failure
	// ServiceLogs describe the services that failed tasks needed.
	ServiceLogs []ServiceLog
	// Elapsed is the time of the whole run, Cleanup the part after the last step.
	Elapsed, Cleanup time.Duration
}

// Run performs a plan and cleans up after it. Running commands get each signal once. Before the start of a
// target, the first signal cancels the run, and Run removes the resources of the run. The end of ctx stops
// running commands (signal, grace period, kill) and removes the one-offs. On return no part of the run is active.
func (s *Session) Run(ctx context.Context, plan *planner.Plan, signals <-chan os.Signal) Result {
	r := newRun(s.cfg, plan)
	s.current.Store(r)
	if s.cfg.Standbys != nil && plan.ChangesResources() {
		s.cfg.Standbys.Discard(context.WithoutCancel(ctx))
	}
	defer r.forced.stop()
	r.loop(ctx, signals)
	stepsEnded := time.Now()
	stopListening := r.listenAfterLoop(signals)
	logs := r.serviceLogs(ctx)
	r.cleanUp(context.WithoutCancel(ctx))
	stopListening()
	s.recordUsage(r)
	result := r.result()
	result.ServiceLogs = logs
	result.Elapsed, result.Cleanup = time.Since(r.startedAt), time.Since(stepsEnded)
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
		for _, e := range r.ledger.all() {
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

// ReleaseUnused registers a project with leases of this process, but without a run. Because of these leases other runs
// were not the last user. So Close looks for transient resources of the project.
func (s *Session) ReleaseUnused(
	project *composeproject.Project, snapshot *observed.Snapshot, isUnused func(lease string) bool,
) {
	s.usageOf(project.Name()).AddUnused(project, snapshot, isUnused)
}

// Close releases the leases of the session after its last run. As the last user, the session removes transient
// resources and stops containers again. The end of stopCtx turns graceful stops into kills.
func (s *Session) Close(stopCtx context.Context) {
	if s.cfg.Engine == nil {
		return
	}
	ctx, cancel := context.WithTimeout(cmp.Or(s.cfg.ForcedCtx, context.Background()), cleanupTimeout)
	defer cancel()
	if s.cfg.Standbys != nil {
		s.cfg.Standbys.Close(ctx)
	}
	if s.cfg.Leases == nil {
		return
	}
	var noticeLock sync.Mutex
	notify := func(n Notice) {
		noticeLock.Lock()
		defer noticeLock.Unlock()
		s.cfg.Observer.Notice(n)
	}
	cfg := release.Config{
		Engine: s.cfg.Engine, Leases: s.cfg.Leases, Ownership: s.cfg.Ownership, GracefulCtx: stopCtx,
		Warn:     func(text string) { notify(Notice{Kind: Warned, Text: text}) },
		Announce: func(act planner.Verb, resource string) func() { return announce(notify, act, resource) },
	}
	if s.cfg.ContainerJournal != nil {
		cfg.Journal = s.cfg.ContainerJournal
	}
	for _, project := range slices.Sorted(maps.Keys(s.usages)) {
		release.Release(ctx, cfg, s.usages[project])
	}
}
