package executor

import (
	"cmp"
	"container/heap"
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"tasks/executor/command"
	"tasks/executor/step"
	"tasks/hclspec"
	"tasks/planner"
)

// The causes for the end of a step's context.
var (
	errSiblingFailed = errors.New("another step has failed")
	errInterrupted   = errors.New("interrupted")
)

// run is the state of a run. Only the goroutine of loop uses it; workers get copies and send events.
type run struct {
	progress
	cfg Config
	// facts are the facts of each scope of the plan.
	facts map[string]*planner.Facts
	// pendingFinally are the `finally` steps that a stopping run still performs, with their needs.
	pendingFinally map[planner.StepID]bool
	// queue holds the steps that wait for one of the free slots.
	queue queue
	// shards limits the private projects of shards.
	shards shardGate
	// relocations are the private projects that begin again after the loss of their node.
	relocations relocations
	freeSlots   int
	messages    chan message
	activeSteps int
	// isStopping reports whether no more step begins.
	isStopping bool
	// stopRequests counts the requests to end the run.
	stopRequests int
	ledger       ledger
	// forced bounds the end after the second signal. stepsOver yields when killed steps are given up, givenUp counts
	// the given-up steps that are still active in the background.
	forced    forcedEnd
	stepsOver <-chan time.Time
	givenUp   int
	// hasPendingFinally is the answer of [Session.HasPendingFinally]. noticeLock makes notices come one at a time.
	hasPendingFinally atomic.Bool
	noticeLock        sync.Mutex
	// transientScopes are the scopes with a transient resource in use.
	transientScopes map[string]bool
	startedAt       time.Time
}

// progress is the progress of the steps of a plan.
type progress struct {
	plan  *planner.Plan
	steps map[planner.StepID]*stepProgress
	// required are the steps the targets cannot do without. The failure of any other step is a warning.
	required map[planner.StepID]bool
	// finally are the `finally` steps with their needs.
	finally map[planner.StepID]bool
	// isCancelled reports whether the caller ended the run. signal is the first interrupt; 0: none.
	isCancelled bool
	signal      syscall.Signal
	firstFailed *stepProgress
}

// stepProgress is the progress of a step.
type stepProgress struct {
	step    *planner.Step
	state   stepState
	begunAt time.Time
	// dispatchedAt precedes begunAt for a step with a lock. lockWait is the time the step has waited for the lock.
	dispatchedAt time.Time
	lockWait     time.Duration
	cancel       context.CancelCauseFunc
	control      *step.Control
	// isStarted reports whether the command has begun, isKilled whether the kill was requested.
	isStarted, isKilled bool
	// isCancelled reports whether the step's context was ended, isGivenUp whether the run waits for the step no more.
	isCancelled    bool
	isGivenUp      bool
	err            error
	code           int
	exitReason     string
	failedAttempts []string
	// isUpToDate reports whether the task was up to date, and did not run.
	isUpToDate bool
	// cause is the failed step behind a skip.
	cause *stepProgress
	// dependents need this step. unmetNeeds counts the step's own unmet needs.
	dependents []edge
	unmetNeeds int
	// isCounted reports whether dependents of other scopes have counted an earlier end of the step.
	isCounted bool
	// chainLength is the number of commands, pulls and builds in the longest chain
	// from here. position is the place in the plan.
	chainLength, position int
	hasSlot               bool
}

type stepState int

const (
	waiting stepState = iota
	active
	done
	failed
	skipped
)

// message is an event of a step.
type message struct {
	id    planner.StepID
	event step.Event
}

func newRun(cfg Config, plan *planner.Plan) *run {
	r := &run{
		progress: progress{plan: plan, steps: map[planner.StepID]*stepProgress{}, required: map[planner.StepID]bool{}},
		cfg:      cfg, transientScopes: map[string]bool{},
		messages: make(chan message),
		facts:    newFacts(plan),
		forced:   newForcedEnd(), startedAt: time.Now(),
	}
	for _, s := range plan.Steps {
		r.steps[s.ID] = &stepProgress{step: s}
	}
	for _, id := range plan.Targets {
		r.markRequired(id)
	}
	r.linkDependents()
	r.finally, r.freeSlots = r.finallySteps(), r.jobs()
	r.shards, r.relocations = newShardGate(&r.progress, func() int { return shardLimit(r) }), newRelocations(cfg, plan)
	return r
}

func (r *progress) markRequired(id planner.StepID) {
	if r.required[id] {
		return
	}
	r.required[id] = true
	for _, n := range r.steps[id].step.Needs {
		if !n.Optional {
			r.markRequired(n.Step)
		}
	}
}

// loop begins steps as soon as their needs are met, and handles events, signals and
// the end of ctx, until no step is active.
func (r *run) loop(ctx context.Context, signals <-chan os.Signal) {
	ctxDone := ctx.Done()
	if ctx.Err() != nil {
		r.isStopping = true
	}
	for _, s := range r.plan.Steps {
		if p := r.steps[s.ID]; p.unmetNeeds == 0 {
			r.enqueue(ctx, p)
		}
	}
	r.fillSlots(ctx)
	for r.activeSteps > 0 {
		r.updatePendingFinally()
		select {
		case m := <-r.messages:
			r.handleEvent(ctx, r.steps[m.id], m.event)
		case sig := <-signals:
			r.handleSignal(ctx, sig)
		case project := <-r.shards.removed:
			r.activeSteps--
			beginHeld(ctx, r, project)
		case m := <-r.relocations.removed:
			r.activeSteps--
			beginAgain(ctx, r, m)
		case <-r.stepsOver:
			r.giveUp(ctx)
		case <-ctxDone:
			ctxDone = nil
			r.isCancelled = true
			r.stopRequests++
			r.notifyStop(context.Cause(ctx))
			r.stopOthers(context.Cause(ctx))
			r.skipRest(ctx)
		}
		r.fillSlots(ctx)
	}
	r.hasPendingFinally.Store(false)
	r.drainLate()
}

func (r *run) dispatch(ctx context.Context, p *stepProgress) {
	// The loop handles the end of the caller's context: `finally` tasks outlive it.
	stepCtx, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	p.state, p.cancel, p.control, p.dispatchedAt = active, cancel, step.NewControl(), time.Now()
	r.activeSteps++
	if taskLockName(p.step) == "" {
		r.markBegun(p)
	}
	w := r.newWorker(p)
	go func() {
		defer cancel(nil)
		w.Emit(step.Finished{Outcome: w.do(stepCtx)})
	}()
}

func (r *run) newWorker(p *stepProgress) *worker {
	id := p.step.ID
	env := step.Env{
		Engine: r.cfg.Engine, Project: r.plan.ProjectOf(p.step), IsPrivate: r.plan.Scopes[p.step.Scope].PrivateTask != "",
		Verb: p.step.Verb, Self: r.cfg.Ownership.Self, NewSlug: r.cfg.NewSlug, Kill: p.control.Kill,
		Emit: func(e step.Event) { r.messages <- message{id: id, event: e} },
	}
	return &worker{
		Env: env, cfg: r.cfg, plan: r.plan, step: p.step, facts: r.factsFor(p.step), control: p.control,
		oneOff: r.containerFor(p.step),
	}
}

// factsFor returns the facts of a step's scope, with the results of only the needed tasks.
func (r *run) factsFor(s *planner.Step) planner.Facts {
	all := *r.facts[s.Scope]
	results := map[string]hclspec.TaskResult{}
	for _, n := range s.Needs {
		if task := planner.TaskOf(r.steps[n.Step].step); task != nil {
			if result, known := all.Tasks[task.Name]; known {
				results[task.Name] = result
			}
		}
	}
	all.Tasks = results
	return cloneFacts(all)
}

// handleEvent applies an event of a step to the state of the run.
func (r *run) handleEvent(ctx context.Context, p *stepProgress, event step.Event) {
	if p.isGivenUp {
		r.handleLateEvent(p, event)
		return
	}
	switch e := event.(type) {
	case step.CommandStarted:
		p.isStarted = !p.isCancelled
	case step.SlotReleased:
		r.freeSlot(p)
	case step.SlotRequested:
		p.lockWait = time.Since(p.dispatchedAt)
		heap.Push(&r.queue, p)
	case step.Made:
		r.ledger.add(r.plan.ProjectOf(p.step), e.Entries)
	case step.Progressed:
		r.notify(Notice{Kind: Progressed, Step: p.step, Verb: e.Verb, Text: e.Text})
	case step.ProbeAnswered:
		r.notify(Notice{Kind: Answered, Step: p.step, Text: e.Text})
	case step.Warned:
		r.notify(Notice{Kind: Warned, Step: p.step, Text: e.Text})
	case step.Finished:
		r.finishStep(ctx, p, e.Outcome)
	default:
		panic(fmt.Sprintf("executor: no way to handle %T", event))
	}
}

// finishStep applies the outcome of a step to the state of the run.
func (r *run) finishStep(ctx context.Context, p *stepProgress, o step.Outcome) {
	if relocate(ctx, r, p, &o) {
		return
	}
	r.activeSteps--
	r.updateLedger(p, o)
	r.transientScopes[p.step.Scope] = r.transientScopes[p.step.Scope] || o.IsTransient
	if o.ApplyFacts != nil {
		o.ApplyFacts(r.facts[p.step.Scope])
	}
	r.allowFailure(p, &o)
	p.err, p.code, p.exitReason, p.failedAttempts = o.Err, o.Code, o.ExitReason, o.FailedAttempts
	var elapsed time.Duration
	if !p.begunAt.IsZero() { // a step without its lock has not begun
		elapsed = time.Since(p.begunAt)
	}
	verb := cmp.Or(o.Verb, p.step.Verb)
	if o.Err == nil && o.Code == 0 {
		p.state, p.isUpToDate = done, verb == planner.Skip
		r.notify(Notice{
			Kind: Done, Step: p.step, Verb: verb, Text: o.SkipReason, Elapsed: elapsed, FailedAttempts: o.FailedAttempts,
		})
	} else {
		p.state = failed
		if o.IsKeyInterrupt && r.signal == 0 {
			r.handleSignal(ctx, syscall.SIGINT)
		}
		r.reportFailure(p, verb, elapsed)
	}
	r.recordResult(p)
	r.markEnded(ctx, p)
	if r.isStopping {
		r.skipRest(ctx)
	}
}

func (r *run) updateLedger(p *stepProgress, o step.Outcome) {
	r.ledger.forget(o.Removed)
	if o.Replaced != nil {
		r.ledger.recordReplaced(r.plan.ProjectOf(p.step), *o.Replaced)
	}
	r.ledger.recordStarted(o.StartedID)
}

// allowFailure turns an allowed exit code into success. An exit code after a signal to `tasks` stays a failure.
func (r *run) allowFailure(p *stepProgress, o *step.Outcome) {
	task := planner.TaskOf(p.step)
	ran := o.Err == nil || command.IsTimeout(o.Err)
	if !ran || o.Code == 0 || task == nil || r.signal != 0 && !r.isFinallyOnly(p) || !task.AllowFailure.Allows(o.Code) {
		return
	}
	r.notify(Notice{
		Kind: Warned, Step: p.step, Text: fmt.Sprintf("exit code %d (allowed by allow_failure)", o.Code),
	})
	o.Code, o.Err = 0, nil
}

// reportFailure reports a failed step. If the targets need the step, reportFailure stops the
// other steps. The first failure decides; failures that follow from the stop are not reported.
func (r *run) reportFailure(p *stepProgress, verb planner.Verb, elapsed time.Duration) {
	switch {
	case isCancellation(p.err):
		kind := Cancelled
		if p.begunAt.IsZero() { // no other notice covers a step that waited for its lock
			kind = Skipped
		}
		r.notify(Notice{Kind: kind, Step: p.step, Elapsed: elapsed})
		return
	case r.isFinallyOnly(p):
		r.notify(failureNotice(p, verb, elapsed))
		return
	case !r.required[p.step.ID]:
		r.notify(Notice{Kind: Warned, Step: p.step, Verb: verb, Err: p.err, Elapsed: elapsed})
		return
	}
	r.notify(failureNotice(p, verb, elapsed))
	if r.firstFailed == nil {
		r.firstFailed = p
	}
	if !r.cfg.KeepGoing {
		r.stopOthers(errSiblingFailed)
	}
}

func failureNotice(p *stepProgress, verb planner.Verb, elapsed time.Duration) Notice {
	return Notice{
		Kind: Failed, Step: p.step, Verb: verb, Code: p.code, ExitReason: p.exitReason, Err: p.err, Elapsed: elapsed,
		FailedAttempts: p.failedAttempts,
	}
}

// stopOthers begins no more steps and cancels the active steps, except pending `finally` steps.
func (r *run) stopOthers(cause error) {
	r.beginStopping()
	for _, s := range r.plan.Steps {
		if p := r.steps[s.ID]; p.state == active && !r.pendingFinally[s.ID] {
			p.cancelWith(cause)
			r.notify(Notice{Kind: Stopping, Step: s})
		}
	}
}

// cancelWith cancels an active step.
func (p *stepProgress) cancelWith(cause error) {
	p.isCancelled = true
	p.cancel(cause)
}

// beginStopping lets no more steps begin, except pending `finally` steps.
func (r *run) beginStopping() {
	if !r.isStopping {
		r.isStopping, r.pendingFinally = true, r.findPendingFinally()
	}
}

func (r *run) notify(n Notice) {
	r.noticeLock.Lock()
	defer r.noticeLock.Unlock()
	r.cfg.Observer.Notice(n)
}
