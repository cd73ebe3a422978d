package executor

import (
	"cmp"
	"slices"

	"tasks/planner"
)

// Failure is one thing that went wrong in a run by itself.
type Failure struct {
	Step *planner.Step
	// Code is the exit code of a command that ran, else 0.
	Code int
	Err  error
	// Skipped are the tasks that were not begun because of it, in the plan's order.
	Skipped []*planner.Step
}

// result is decided by the first wanted task that failed, in the order asked; where none did by itself, by the first that
// did not succeed; and where all did, by the first failure of what `finally` names.
func (r *progress) result() Result {
	result := r.targetResult()
	if result.Code == 0 {
		result = r.finallyResult()
	}
	result.Failures = r.failures()
	return result
}

func (r *progress) targetResult() Result {
	var stopped *stepProgress
	for _, id := range r.plan.Targets {
		p := r.steps[id]
		switch {
		case p.state == done:
		case p.code != 0 || p.err != nil && !isCancellation(p.err):
			return r.failureResult(p)
		case stopped == nil:
			stopped = p
		}
	}
	if stopped != nil {
		return r.failureResult(stopped)
	}
	return Result{}
}

func (r *progress) finallyResult() Result {
	var stopped *stepProgress
	for _, s := range r.plan.Steps {
		p := r.steps[s.ID]
		switch {
		case !r.isFinallyOnly(p) || p.state != failed && (p.state != skipped || !r.isFinallySkipped(p)):
		case p.state == failed && !isCancellation(p.err):
			return r.failureResult(p)
		case stopped == nil:
			stopped = p
		}
	}
	if stopped != nil && r.signal != 0 {
		return Result{Code: 128 + int(r.signal), Err: errInterrupted}
	}
	return Result{}
}

// isFinallySkipped says that what `finally` names was not begun although its task was.
func (r *progress) isFinallySkipped(p *stepProgress) bool {
	return isFinallyStep(p.step) && r.isPendingFinally(p.step, nil)
}

func (r *progress) failureResult(p *stepProgress) Result {
	if p.state != failed {
		p = cmp.Or(r.rootCause(p, map[*stepProgress]bool{}), r.firstFailed, p)
	}
	switch {
	case p.state == failed && p.code != 0:
		return Result{Code: p.code, Err: p.err}
	case r.signal != 0 && (p.state != failed || isCancellation(p.err)):
		return Result{Code: 128 + int(r.signal), Err: errInterrupted}
	default:
		return Result{Code: exitCodeOf(p.err), Err: p.err}
	}
}

// rootCause is what failed by itself and keeps a step from running: of several the first as they are written, not in time.
func (r *progress) rootCause(p *stepProgress, seen map[*stepProgress]bool) *stepProgress {
	if p.state == failed && !isCancellation(p.err) {
		return p
	}
	if p.state != skipped || seen[p] {
		return nil
	}
	seen[p] = true
	for _, n := range p.step.Needs {
		if n.Optional || n.EndOnly {
			continue
		}
		if root := r.rootCause(r.steps[n.Step], seen); root != nil {
			return root
		}
	}
	return nil
}

// failures are the root causes: what failed by itself and was told as failed, with the tasks that it has kept from running.
func (r *progress) failures() []Failure {
	var all []Failure
	at := map[*stepProgress]int{}
	for _, s := range r.plan.Steps {
		p := r.steps[s.ID]
		if p.state == failed && !isCancellation(p.err) && (r.required[s.ID] || r.finally[s.ID]) {
			at[p] = len(all)
			all = append(all, Failure{Step: s, Code: p.code, Err: p.err})
		}
	}
	for _, s := range r.plan.Steps {
		p := r.steps[s.ID]
		i, known := at[r.skipCause(p)]
		if known && p.state == skipped && planner.IsTask(s) {
			all[i].Skipped = append(all[i].Skipped, s)
		}
	}
	return slices.Clip(all)
}

// skipCause is what has kept a step from being begun. A wanted task that needs nothing which failed has only lost its turn: to the
// failure that stopped the run.
func (r *progress) skipCause(p *stepProgress) *stepProgress {
	isUnrelated := p.cause == nil || p.cause.state == skipped
	if isUnrelated && r.signal == 0 && !r.isCancelled && slices.Contains(r.plan.Targets, p.step.ID) {
		return r.firstFailed
	}
	return p.cause
}
