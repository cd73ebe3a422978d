package main

import (
	"context"
	"os"
	"sync"
	"time"

	"tasks/executor"
	"tasks/internal/fingerprint"
	"tasks/internal/record"
	"tasks/internal/view"
	"tasks/planner"
)

// recorded is a session of which notes are taken, where they are wanted.
type Session struct {
	app             *app
	root            string
	Output          *view.Output
	executorSession *executor.Session
	recording       *record.Recording
	// patience is what there is with what is to be stopped; hurry ends it.
	stopCtx    context.Context
	cancelStop context.CancelFunc
	// idleRelease is the removal of what none of its runs uses, beside them.
	idleRelease sync.WaitGroup
}

func (a *app) newSession(root string, output *view.Output, files record.Files) (*Session, error) {
	for _, path := range []*string{&files.Events, &files.Trace, &files.JUnit} {
		if *path != "" {
			*path = a.absolutePath(*path)
		}
	}
	recording, err := record.Start(files, a.printer.Mask, time.Now)
	if err != nil {
		return nil, &exitError{code: codeUsage, err: err}
	}
	r := &Session{app: a, root: root, Output: output, executorSession: a.newExecutorSession(root, output, recording.Observe(output)), recording: recording}
	r.stopCtx, r.cancelStop = context.WithCancel(context.Background())
	return r, nil
}

// Run runs a plan. Notes that cannot be written are no reason to fail.
func (r *Session) Run(ctx context.Context, plan *planner.Plan, signals <-chan os.Signal) executor.Result {
	r.recording.Begin(plan)
	r.Output.Begin(plan)
	leased := r.app.leasedProjects(r.root)
	r.idleRelease.Go(func() { leased.ReleaseIdle(r.stopCtx, &reapObserver{app: r.app}) })
	result := r.executorSession.Run(ctx, plan, signals)
	r.Output.End(result)
	if err := r.recording.End(result); err != nil {
		r.app.printWarning("what happened is not recorded: " + err.Error())
	}
	return result
}

// Close gives up what was used, and closes the notes. A signal ends the patience with what is to be stopped.
func (r *Session) Close(signals <-chan os.Signal) {
	defer r.cancelStop()
	go cancelOnSignal(r.stopCtx, signals, r.cancelStop)
	r.executorSession.Close(r.stopCtx)
	r.idleRelease.Wait()
	_ = r.app.coordStore(r.root).Sweep(time.Now(), fingerprint.Prefixes()...) // what is left is swept another day
	if err := r.recording.Close(); err != nil {
		r.app.printWarning("what happened may not be recorded: " + err.Error())
	}
}
