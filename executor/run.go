package executor

import (
	"container/heap"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"syscall"
	"time"

	"tasks/hclspec"
	"tasks/planner"
)

// Why a step's context ended.
var (
	errSiblingFailed = errors.New("another step has failed")
	errInterrupted   = errors.New("interrupted")
)

// run is the state of one run. Only the goroutine of loop touches it; workers get copies and send outcomes.
type run struct {
	cfg  Config
	plan *planner.Plan
	// facts are those of each scope of the plan.
	facts map[string]*planner.Facts
	steps map[planner.StepID]*progress
	// required are the steps that a wanted task cannot do without; the failure of any other is a warning.
	required map[planner.StepID]bool
	// finally are the steps of what `finally` names and of all that this needs; owed, those of them that a stopping run does.
	finally, owed map[planner.StepID]bool
	// queue are the steps that wait for one of the free slots.
	queue    queue
	free     int
	outcomes chan outcome
	running  int
	// stopping says that no more step is begun; cancelled, that the caller ended the run.
	stopping, cancelled bool
	// endings is how often the run was asked to end.
	endings int
	// signal is the first interrupt; 0: none.
	signal      syscall.Signal
	firstFailed *progress
	ledger      ledger
	// transient are the scopes of which a step has met what goes with the last run that uses it.
	transient map[string]bool
}

// progress is what has become of a step.
type progress struct {
	step  *planner.Step
	state state
	begun time.Time
	// asked is when it was dispatched, which for a step with a lock is before it has begun; lockWait, how long it waited for that.
	asked    time.Time
	lockWait time.Duration
	cancel   context.CancelCauseFunc
	control  *control
	// cancelled says that its context has been ended.
	cancelled bool
	err       error
	code      int
	retried   []string
	// idle says that its task turned out to be up to date: it did not run.
	idle bool
	// cause is the step whose failure has had this one skipped.
	cause *progress
	// dependents need this step; unmet is how many needs of its own are not met yet.
	dependents []edge
	unmet      int
	// chain is how much work comes one after the other from here, order its place in the plan. slot says that it has one.
	chain, order int
	slot         bool
}

type state int

const (
	waiting state = iota
	active
	done
	failed
	skipped
)

// outcome is what a worker tells the loop: how its step ended, or something on the way.
type outcome struct {
	id planner.StepID
	// notice is set for a message on the way; the step goes on.
	notice *Notice
	// commandStarted says that the step's command has begun, or is about to; the step goes on.
	commandStarted bool
	// locked says that the step has its lock, or is tried again, and now wants a slot; pausing, that it needs none for a while.
	locked   bool
	pausing  bool
	made     []entry
	removed  []string
	replaced *replacement
	// started is a container that runs, or cannot be made to.
	started string
	// transient says that the thing goes with the last run that uses it.
	transient bool
	learn     func(*planner.Facts)
	verb      planner.Verb
	// code is the exit code of a command, err why the step failed; retried, why each attempt before the last has.
	code    int
	err     error
	retried []string
}

func (o outcome) final() bool {
	return o.notice == nil && !o.commandStarted && !o.locked && !o.pausing && o.made == nil
}

func newRun(cfg Config, plan *planner.Plan) *run {
	r := &run{
		cfg: cfg, plan: plan,
		steps:    map[planner.StepID]*progress{},
		required: map[planner.StepID]bool{}, transient: map[string]bool{},
		outcomes: make(chan outcome),
		facts:    newFacts(plan),
	}
	for _, s := range plan.Steps {
		r.steps[s.ID] = &progress{step: s}
	}
	for _, id := range plan.Wanted {
		r.require(id)
	}
	r.link()
	r.finally, r.free = r.closing(), r.jobs()
	return r
}

func (r *run) require(id planner.StepID) {
	if r.required[id] {
		return
	}
	r.required[id] = true
	for _, n := range r.steps[id].step.Needs {
		if !n.Optional {
			r.require(n.Step)
		}
	}
}

// loop begins steps as their needs are met and takes in outcomes, signals and the end of ctx, until nothing runs.
func (r *run) loop(ctx context.Context, signals <-chan os.Signal) {
	ended := ctx.Done()
	if ctx.Err() != nil {
		r.stopping = true
	}
	for _, s := range r.plan.Steps {
		if p := r.steps[s.ID]; p.unmet == 0 {
			r.ready(ctx, p)
		}
	}
	r.fill(ctx)
	for r.running > 0 {
		select {
		case o := <-r.outcomes:
			r.take(ctx, o)
		case sig := <-signals:
			r.interrupt(ctx, sig)
		case <-ended:
			ended = nil
			r.cancelled = true
			r.endings++
			r.stopOthers(context.Cause(ctx))
			r.skipRest(ctx)
		}
		r.fill(ctx)
	}
}

func (r *run) dispatch(ctx context.Context, p *progress) {
	// The end of the caller's context stops the run in the loop: what `finally` names outlives it.
	stepCtx, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	p.state, p.cancel, p.control, p.asked = active, cancel, newControl(), time.Now()
	r.running++
	if lockOf(p.step) == "" {
		r.begun(p)
	}
	w := &worker{cfg: r.cfg, plan: r.plan, step: p.step, facts: r.factsFor(p.step), control: p.control, send: r.outcomes}
	w.created = r.createdFor(p.step)
	go func() {
		defer cancel(nil)
		o := w.do(stepCtx)
		o.id = p.step.ID
		r.outcomes <- o
	}()
}

// factsFor are the facts of a step's scope, and of tasks the results of those that it needs: all that it can ask for.
func (r *run) factsFor(s *planner.Step) planner.Facts {
	all := *r.facts[s.Scope]
	results := map[string]hclspec.Result{}
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

func cloneFacts(f planner.Facts) planner.Facts {
	return planner.Facts{
		Images: maps.Clone(f.Images), Local: maps.Clone(f.Local), ImageVolumes: maps.Clone(f.ImageVolumes), Containers: maps.Clone(f.Containers),
		Recreated: maps.Clone(f.Recreated), Restarted: maps.Clone(f.Restarted), Networks: maps.Clone(f.Networks), Volumes: maps.Clone(f.Volumes), Tasks: maps.Clone(f.Tasks), Ports: maps.Clone(f.Ports),
	}
}

// take works one outcome into the state.
func (r *run) take(ctx context.Context, o outcome) {
	p := r.steps[o.id]
	r.ledger.add(r.plan.ProjectOf(p.step), o.made)
	if !o.final() {
		if o.commandStarted {
			p.control.started = !p.cancelled
		}
		if o.pausing {
			r.vacate(p)
		}
		if o.locked {
			p.lockWait = time.Since(p.asked)
			heap.Push(&r.queue, p)
		}
		if o.notice != nil {
			o.notice.Step = p.step
			r.tell(*o.notice)
		}
		return
	}
	r.running--
	r.ledger.forget(o.removed)
	if o.replaced != nil {
		r.ledger.replaced(r.plan.ProjectOf(p.step), *o.replaced)
	}
	r.ledger.started(o.started)
	r.transient[p.step.Scope] = r.transient[p.step.Scope] || o.transient
	if o.learn != nil {
		o.learn(r.facts[p.step.Scope])
	}
	r.allowFailure(p, &o)
	p.err, p.code, p.retried = o.err, o.code, o.retried
	var elapsed time.Duration
	if !p.begun.IsZero() { // else it did not get its lock
		elapsed = time.Since(p.begun)
	}
	verb := o.verb
	if verb == "" {
		verb = p.step.Verb
	}
	if o.err == nil && o.code == 0 {
		p.state, p.idle = done, verb == planner.Skip
		r.tell(Notice{Happening: Done, Step: p.step, Verb: verb, Elapsed: elapsed, Retried: o.retried})
	} else {
		p.state = failed
		r.fail(p, verb, elapsed)
	}
	r.remember(p)
	r.ended(ctx, p)
	if r.stopping {
		r.skipRest(ctx)
	}
}

// allowFailure takes the exit code of a task that may fail for success. A command that a signal to `tasks` has ended is none.
func (r *run) allowFailure(p *progress, o *outcome) {
	task := planner.TaskOf(p.step)
	ran := o.err == nil || isTimeout(o.err)
	if !ran || o.code == 0 || task == nil || r.signal != 0 && !r.aside(p) || !task.AllowFailure.Allows(o.code) {
		return
	}
	r.tell(Notice{Happening: Warned, Step: p.step, Text: fmt.Sprintf("exit code %d, which allow_failure lets pass", o.code)})
	o.code, o.err = 0, nil
}

// fail tells of a failed step and, where the run cannot do without it, stops the others: the first failure is the one
// that counts, what follows from stopping is not told.
func (r *run) fail(p *progress, verb planner.Verb, elapsed time.Duration) {
	switch {
	case isFallout(p.err):
		if p.begun.IsZero() { // nothing else tells of one that waited for its lock
			r.tell(Notice{Happening: Skipped, Step: p.step})
		}
		return
	case r.aside(p):
		r.tell(Notice{Happening: Failed, Step: p.step, Verb: verb, Code: p.code, Err: p.err, Elapsed: elapsed, Retried: p.retried})
		return
	case !r.required[p.step.ID]:
		r.tell(Notice{Happening: Warned, Step: p.step, Verb: verb, Err: p.err, Elapsed: elapsed})
		return
	}
	r.tell(Notice{Happening: Failed, Step: p.step, Verb: verb, Code: p.code, Err: p.err, Elapsed: elapsed, Retried: p.retried})
	if r.firstFailed == nil {
		r.firstFailed = p
	}
	if !r.cfg.KeepGoing {
		r.stopOthers(errSiblingFailed)
	}
}

// stopOthers begins no more steps and cancels those under way, but for what is owed to `finally`.
func (r *run) stopOthers(cause error) {
	r.stop()
	for _, p := range r.steps {
		if p.state == active && !r.owed[p.step.ID] {
			p.end(cause)
		}
	}
}

// end cancels a step that is under way.
func (p *progress) end(cause error) {
	p.cancelled = true
	p.cancel(cause)
}

// stop has no more steps begun than those that are owed.
func (r *run) stop() {
	if !r.stopping {
		r.stopping, r.owed = true, r.findOwed()
	}
}

func (r *run) tell(n Notice) { r.cfg.Observer.Notice(n) }
