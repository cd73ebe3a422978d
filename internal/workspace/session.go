package workspace

import (
	"cmp"
	"context"
	"crypto/rand"
	"os"
	"sync"
	"time"

	"tasks/executor"
	"tasks/executor/command"
	"tasks/executor/host"
	"tasks/executor/standby"
	"tasks/executor/step"
	"tasks/internal/composeproject"
	"tasks/internal/fingerprint"
	"tasks/internal/record"
	"tasks/planner"
)

// Display shows the progress of runs.
type Display interface {
	executor.Observer
	Begin(plan *planner.Plan)
	End(result executor.Result)
	// SetTap sets a listener for the masked output of commands, before the first run.
	SetTap(tap func(task string, toErr bool, text []byte))
}

// SessionOptions configure a session.
type SessionOptions struct {
	Display Display
	// Cleanup observes the removal of idle resources.
	Cleanup executor.Observer
	// Records are the files for events, traces and test reports; empty names: no record.
	Records record.Files
	// Mask replaces secrets in records.
	Mask func(text string) string
	// HostTerminal is the terminal of host commands; nil: none.
	HostTerminal *os.File
	// HasTerminal reports whether one-offs can get a terminal.
	HasTerminal bool
	// Standbys make the containers of the next runs ahead, as a watch needs them; nil: no standbys.
	Standbys *StandbyOptions
	// WaitTimeout, Jobs and KeepGoing are the limits of [executor.Config].
	WaitTimeout time.Duration
	Jobs        int
	KeepGoing   bool
}

// StandbyOptions configure the standbys of a session.
type StandbyOptions struct {
	// Explain gets the state of a task's standby; nil: no explanation.
	Explain func(task, text string)
}

// Session performs plans of one project, one after the other, and records the results on request.
type Session struct {
	// stopCtx ends the grace period of stopping containers.
	stopCtx         context.Context
	config          Config
	options         SessionOptions
	leased          *LeasedProjects
	executorSession *executor.Session
	recording       *record.Recording
	// idleRelease is the removal of resources that no plan of the session uses.
	idleRelease sync.WaitGroup
}

// NewSession starts a session for the project in root. The end of ctx ends the start, the end of stopCtx the grace
// period of stopping containers and the patience with readers of records.
func NewSession(ctx, stopCtx context.Context, config Config, root string, options SessionOptions) (*Session, error) {
	files := options.Records.Resolve(config.AbsolutePath)
	recording, err := record.Start(ctx, stopCtx, files, options.Mask, time.Now)
	if err != nil {
		return nil, err
	}
	if tap := recording.Tap(); tap != nil {
		options.Display.SetTap(tap)
	}
	s := &Session{stopCtx: stopCtx, config: config, options: options, recording: recording}
	s.leased = config.Coordination.Leased(root)
	config.warn(s.leased.Store.UnsharedWarning())
	config.killOrphans(ctx, s.leased.Store)
	config.removeLostVolumes(ctx, s.leased.Store)
	s.executorSession = s.newExecutorSession()
	return s, nil
}

// newExecutorSession returns a session of the executor. Host tasks run without an engine: a plan with containers has
// failed before.
func (s *Session) newExecutorSession() *executor.Session {
	store := s.leased.Store
	journal := store.Journal()
	cfg := executor.Config{
		Host:  host.Runner{OnStart: journal.RecordCommand, Terminal: s.options.HostTerminal},
		Locks: store, Leases: store.Leases(), ExecJournal: journal, ContainerJournal: journal, VolumeJournal: journal,
		Orphans: s.config.orphanKiller(store), Ownership: SessionOwnership(journal),
		Fingerprints: fingerprints{fingerprint.New(store.Project)}, Observer: s.recording.Observe(s.options.Display),
		Environ: s.config.Environ, NewSlug: newSlug,
		ForcedCtx:   s.leased.forcedCtx,
		WaitTimeout: s.options.WaitTimeout, Jobs: s.options.Jobs, KeepGoing: s.options.KeepGoing,
	}
	if engine, err := s.config.Engine.Connect(); err == nil {
		cfg.Engine, cfg.Ownership.LeaseLocations = engine, store.Leases().Locations()
		if s.options.Standbys != nil && !s.config.Engine.isChosen() { // a standby there would have old sources
			cfg.Standbys = standby.NewPool(standby.Config{
				Engine: engine, IsLocal: isLocal(engine), NewSlug: newSlug,
				Explain: s.options.Standbys.Explain, Warn: s.config.warn,
			})
		}
		if s.options.HasTerminal {
			cfg.DetachKeys = s.detachKeys(engine)
		}
	}
	return executor.NewSession(cfg)
}

// newSlug makes the random part of names.
func newSlug() string { return composeproject.NewSlug(rand.Reader) }

// detachKeys returns the detach keys of the docker command's configuration. Wrong keys give a warning.
func (s *Session) detachKeys(engine Engine) string {
	keys, err := engine.DetachKeys()
	if err == nil && keys != "" {
		err = command.CheckDetachKeys(keys)
	}
	if err != nil {
		s.config.warn(err.Error())
		return ""
	}
	return keys
}

// HasPendingFinally is that of [executor.Session].
func (s *Session) HasPendingFinally() bool { return s.executorSession.HasPendingFinally() }

// RemovalCommands is that of [executor.Session].
func (s *Session) RemovalCommands() []string { return s.executorSession.RemovalCommands() }

// Run performs a plan. A run without a complete record has failed: a program waits for the record.
func (s *Session) Run(ctx context.Context, plan *planner.Plan, signals <-chan os.Signal) executor.Result {
	s.recording.Begin(plan)
	s.options.Display.Begin(plan)
	s.idleRelease.Go(func() { s.leased.ReleaseIdle(s.stopCtx, s.options.Cleanup) })
	result := s.executorSession.Run(ctx, plan, signals)
	s.options.Display.End(result)
	if err := s.recording.End(result); err != nil {
		s.config.Reporter.PrintError(err)
		result.Code = cmp.Or(result.Code, step.CodeRunFailed)
	}
	return result
}

// RecordWatch records an event of a watch.
func (s *Session) RecordWatch(e record.WatchEvent) { s.recording.Watch(e) }

// Close releases the resources of the session, and closes the records.
func (s *Session) Close() {
	s.config.Engine.closePorts()
	s.executorSession.Close(s.stopCtx)
	s.idleRelease.Wait()
	s.config.Engine.closeNodes()
	_ = s.leased.Store.Sweep(time.Now(), fingerprint.Prefixes()...) // a later session sweeps the rest
	if err := s.recording.Close(); err != nil {
		s.config.Reporter.PrintError(err)
	}
}
