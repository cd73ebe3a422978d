package main

import (
	"context"
	"os"
	"sync"
	"time"

	"tasks/executor"
	"tasks/internal/fingerprint"
	"tasks/internal/record"
	"tasks/internal/state"
	"tasks/internal/view"
	"tasks/planner"
)

// recorded is a session of which notes are taken, where they are wanted.
type recorded struct {
	app       *app
	root      string
	console   *view.Console
	session   *executor.Session
	recording *record.Recording
	// patience is what there is with what is to be stopped; hurry ends it.
	patience context.Context
	hurry    context.CancelFunc
	// idle is the removal of what none of its runs uses, beside them.
	idle sync.WaitGroup
}

func (a *app) recorded(root string, console *view.Console, wanted record.Files) (*recorded, error) {
	for _, path := range []*string{&wanted.Events, &wanted.Trace, &wanted.JUnit} {
		if *path != "" {
			*path = a.path(*path)
		}
	}
	recording, err := record.Start(wanted, a.secrets.mask, time.Now)
	if err != nil {
		return nil, &exitError{code: codeUsage, err: err}
	}
	r := &recorded{app: a, root: root, console: console, session: a.session(root, console, recording.Observe(console)), recording: recording}
	r.patience, r.hurry = context.WithCancel(context.Background())
	return r, nil
}

// Run runs a plan. Notes that cannot be written are no reason to fail.
func (r *recorded) Run(ctx context.Context, plan *planner.Plan, signals <-chan os.Signal) executor.Result {
	r.recording.Begin(plan)
	r.console.Begin(plan)
	leases := r.app.leasesOf(r.root)
	r.idle.Go(func() { r.app.leaveIdle(r.patience, leases) })
	result := r.session.Run(ctx, plan, signals)
	r.console.End(result)
	if err := r.recording.End(result); err != nil {
		r.app.warn("what happened is not recorded: " + err.Error())
	}
	return result
}

// close gives up what was used, and closes the notes. A signal ends the patience with what is to be stopped.
func (r *recorded) close(signals <-chan os.Signal) {
	defer r.hurry()
	go hurry(r.patience, signals, r.hurry)
	r.session.Close(r.patience)
	r.idle.Wait()
	_ = state.Open(r.root).Sweep(time.Now(), fingerprint.Prefixes()...) // what is left is swept another day
	if err := r.recording.Close(); err != nil {
		r.app.warn("what happened may not be recorded: " + err.Error())
	}
}
