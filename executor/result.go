package executor

import (
	"cmp"
	"slices"

	"tasks/planner"
)

// Failure is a failure in a run that follows from no other failure.
type Failure struct {
	Step *planner.Step
	// Code is the exit code of a finished command, else 0.
	Code int
	// ExitReason explains the exit code; empty: the code alone is known.
	ExitReason string
	Err        error
	// Skipped are the tasks skipped because of the failure, in the plan's order.
	Skipped []SkippedTask
}

// SkippedTask is a task skipped because of a failure.
type SkippedTask struct {
	*planner.Step
	// Entry is the entry of the task's steps with the failure, of EntryCount entries. A zero EntryCount: the task has
	// no steps.
	Entry      planner.Entry
	EntryCount int
}

// result returns the failure of the first target that failed by itself, in the order
// of the command line. Without such a target, the first target without success
// counts. After success of all targets, the first failure of a `finally` task counts.
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

// isFinallySkipped reports whether a `finally` task did not begin although its preceding task did.
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

// rootCause returns the failed step behind a skipped step: of several failures the first in the file, not in time.
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

// failures are the root causes: the reported failures, with the tasks skipped because of each.
func (r *progress) failures() []Failure {
	var all []Failure
	at := map[*stepProgress]int{}
	for _, s := range r.plan.Steps {
		p := r.steps[s.ID]
		if p.state == failed && !isCancellation(p.err) && (r.required[s.ID] || r.finally[s.ID]) {
			at[p] = len(all)
			all = append(all, Failure{Step: s, Code: p.code, ExitReason: p.exitReason, Err: p.err})
		}
	}
	for _, s := range r.plan.Steps {
		p := r.steps[s.ID]
		i, known := at[r.skipCause(p)]
		if known && p.state == skipped && planner.IsTask(s) {
			skippedTask := SkippedTask{Step: s}
			if entry, count, found := r.plan.EntryWith(s, all[i].Step.ID); found {
				skippedTask.Entry, skippedTask.EntryCount = entry, count
			}
			all[i].Skipped = append(all[i].Skipped, skippedTask)
		}
	}
	return slices.Clip(all)
}

// skipCause returns the step that prevented the start of another step. A target
// without a failed need only lost its turn to the failure that stopped the run.
func (r *progress) skipCause(p *stepProgress) *stepProgress {
	isUnrelated := p.cause == nil || p.cause.state == skipped
	if isUnrelated && r.signal == 0 && !r.isCancelled && slices.Contains(r.plan.Targets, p.step.ID) {
		return r.firstFailed
	}
	return p.cause
}
