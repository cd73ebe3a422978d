package executor

import (
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
	cfg   Config
	plan  *planner.Plan
	facts planner.Facts
	steps map[planner.StepID]*progress
	// required are the steps that a wanted task cannot do without; the failure of any other is a warning.
	required map[planner.StepID]bool
	outcomes chan outcome
	running  int
	// stopping says that no more step is begun; cancelled, that the caller ended the run.
	stopping, cancelled bool
	// signal is the first interrupt; 0: none.
	signal      syscall.Signal
	interrupts  int
	firstFailed *progress
	ledger      ledger
}

// progress is what has become of a step.
type progress struct {
	step    *planner.Step
	state   state
	begun   time.Time
	cancel  context.CancelCauseFunc
	control *control
	err     error
	code    int
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
	// commandStarted says that the step's command has begun; the step goes on.
	commandStarted bool
	made           []entry
	removed        []string
	replaced       *replacement
	// started is a container that runs, or cannot be made to.
	started string
	learn   func(*planner.Facts)
	verb    planner.Verb
	// code is the exit code of a command, err why the step failed.
	code int
	err  error
}

func (o outcome) final() bool {
	return o.notice == nil && !o.commandStarted && o.made == nil
}

func newRun(cfg Config, plan *planner.Plan) *run {
	r := &run{
		cfg: cfg, plan: plan,
		steps:    map[planner.StepID]*progress{},
		required: map[planner.StepID]bool{},
		outcomes: make(chan outcome),
		facts: planner.Facts{
			Images: map[string]string{}, Local: map[string]planner.ObservedImage{}, ImageVolumes: map[string][]string{}, Containers: map[string]string{},
			Recreated: map[string]bool{}, Restarted: map[string]bool{}, Networks: map[string]string{}, Tasks: map[string]hclspec.Result{},
		},
	}
	for _, s := range plan.Steps {
		r.steps[s.ID] = &progress{step: s}
	}
	for _, id := range plan.Wanted {
		r.require(id)
	}
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
	r.begin(ctx)
	for r.running > 0 {
		select {
		case o := <-r.outcomes:
			r.take(o)
			r.begin(ctx)
		case sig := <-signals:
			r.interrupt(sig)
		case <-ended:
			ended = nil
			r.stopping, r.cancelled = true, true
		}
	}
	r.skipRest()
}

// begin starts every step whose needs are met. Steps are in topological order, so one pass is enough for what follows
// from a skip.
func (r *run) begin(ctx context.Context) {
	for _, step := range r.plan.Steps {
		p := r.steps[step.ID]
		if p.state != waiting || r.stopping || ctx.Err() != nil {
			continue
		}
		ready, broken := r.needs(step)
		switch {
		case broken != nil:
			p.state = skipped
			p.err, p.code = broken.err, broken.code
			r.tell(Notice{Happening: Skipped, Step: step, Err: broken.err})
		case ready:
			r.dispatch(ctx, p)
		}
	}
}

// needs says whether all needs of a step are done, and names a required one that has failed or was skipped.
func (r *run) needs(step *planner.Step) (ready bool, broken *progress) {
	ready = true
	for _, n := range step.Needs {
		switch p := r.steps[n.Step]; p.state {
		case done:
		case failed, skipped:
			if !n.Optional {
				return false, p
			}
		default:
			ready = false
		}
	}
	return ready, nil
}

func (r *run) dispatch(ctx context.Context, p *progress) {
	stepCtx, cancel := context.WithCancelCause(ctx)
	p.state, p.begun, p.cancel, p.control = active, time.Now(), cancel, newControl()
	r.running++
	r.tell(Notice{Happening: Started, Step: p.step, Verb: p.step.Verb})
	w := &worker{cfg: r.cfg, plan: r.plan, step: p.step, facts: cloneFacts(r.facts), control: p.control, send: r.outcomes}
	w.created = r.createdFor(p.step)
	go func() {
		defer cancel(nil)
		o := w.do(stepCtx)
		o.id = p.step.ID
		r.outcomes <- o
	}()
}

func cloneFacts(f planner.Facts) planner.Facts {
	return planner.Facts{
		Images: maps.Clone(f.Images), Local: maps.Clone(f.Local), ImageVolumes: maps.Clone(f.ImageVolumes), Containers: maps.Clone(f.Containers),
		Recreated: maps.Clone(f.Recreated), Restarted: maps.Clone(f.Restarted), Networks: maps.Clone(f.Networks), Tasks: maps.Clone(f.Tasks),
	}
}

// take works one outcome into the state.
func (r *run) take(o outcome) {
	p := r.steps[o.id]
	r.ledger.add(o.made)
	if !o.final() {
		if o.commandStarted {
			p.control.started = true
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
		r.ledger.replaced(*o.replaced)
	}
	r.ledger.started(o.started)
	if o.learn != nil {
		o.learn(&r.facts)
	}
	r.allowFailure(p, &o)
	p.err, p.code = o.err, o.code
	elapsed := time.Since(p.begun)
	verb := o.verb
	if verb == "" {
		verb = p.step.Verb
	}
	if o.err == nil && o.code == 0 {
		p.state = done
		r.tell(Notice{Happening: Done, Step: p.step, Verb: verb, Elapsed: elapsed})
		return
	}
	p.state = failed
	r.fail(p, verb, elapsed)
}

// allowFailure takes the exit code of a task that may fail for success. A command that a signal to `tasks` has ended is none.
func (r *run) allowFailure(p *progress, o *outcome) {
	task := planner.TaskOf(p.step)
	ran := o.err == nil || isTimeout(o.err)
	if !ran || o.code == 0 || task == nil || r.signal != 0 || !task.AllowFailure.Allows(o.code) {
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
		return
	case !r.required[p.step.ID]:
		r.tell(Notice{Happening: Warned, Step: p.step, Verb: verb, Err: p.err, Elapsed: elapsed})
		return
	}
	r.tell(Notice{Happening: Failed, Step: p.step, Verb: verb, Code: p.code, Err: p.err, Elapsed: elapsed})
	if r.firstFailed == nil {
		r.firstFailed = p
	}
	r.stopOthers(errSiblingFailed)
}

// stopOthers begins no more steps and cancels those under way.
func (r *run) stopOthers(cause error) {
	r.stopping = true
	for _, p := range r.steps {
		if p.state == active {
			p.cancel(cause)
		}
	}
}

func (r *run) skipRest() {
	for _, s := range r.plan.Steps {
		if p := r.steps[s.ID]; p.state == waiting {
			p.state = skipped
			r.tell(Notice{Happening: Skipped, Step: s})
		}
	}
}

func (r *run) tell(n Notice) { r.cfg.Observer.Notice(n) }
