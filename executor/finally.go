package executor

import (
	"context"
	"fmt"
	"os"

	"tasks/executor/command"
	"tasks/hclspec"
	"tasks/planner"
)

// isFinallyStep reports whether a step is a `finally` task, or creates the container of a `finally` task.
func isFinallyStep(s *planner.Step) bool {
	for _, n := range s.Needs {
		if n.EndOnly && !n.Optional {
			return true
		}
	}
	return false
}

// finallySteps finds the `finally` steps with all their needs. The preceding task is not included.
func (r *progress) finallySteps() map[planner.StepID]bool {
	all := map[planner.StepID]bool{}
	for _, s := range r.plan.Steps {
		if isFinallyStep(s) {
			r.collectRequired(all, s.ID)
		}
	}
	return all
}

func (r *progress) collectRequired(into map[planner.StepID]bool, id planner.StepID) {
	if into[id] {
		return
	}
	into[id] = true
	for _, n := range r.steps[id].step.Needs {
		if !n.EndOnly && !n.Optional {
			r.collectRequired(into, n.Step)
		}
	}
}

// isFinallyOnly reports whether only `finally` tasks need a step. A failure of such
// a step is reported, and stops no other step.
func (r *progress) isFinallyOnly(p *stepProgress) bool {
	return r.finally[p.step.ID] && !r.required[p.step.ID]
}

// findPendingFinally finds the `finally` steps a stopping run still has to do. The
// preceding task was begun, or is such a step.
func (r *progress) findPendingFinally() map[planner.StepID]bool {
	pending := map[planner.StepID]bool{}
	for before := -1; before < len(pending); {
		before = len(pending)
		for _, s := range r.plan.Steps {
			if !pending[s.ID] && isFinallyStep(s) && r.isPendingFinally(s, pending) {
				r.collectRequired(pending, s.ID)
			}
		}
	}
	return pending
}

func (r *progress) isPendingFinally(s *planner.Step, pending map[planner.StepID]bool) bool {
	for _, n := range s.Needs {
		if n.EndOnly && !n.Optional && !pending[n.Step] && !r.wasBegun(r.steps[n.Step]) {
			return false
		}
	}
	return true
}

// recordResult stores the result of a task for its `finally` tasks, also after a failure.
func (r *run) recordResult(p *stepProgress) {
	task := planner.TaskOf(p.step)
	if _, creates := p.step.Action.(*planner.CreateOneOff); task == nil || creates {
		return
	}
	results := r.facts[p.step.Scope].Tasks
	result := results[task.Name]
	switch {
	case p.state == done && p.isAskedToEnd():
		result.Reason = hclspec.Interrupted // even with a good exit code
	case p.state == done:
		result.Reason = hclspec.Succeeded
	case command.IsTimeout(p.err):
		result.ExitCode, result.Reason = command.CodeTimeout, hclspec.TimedOut
	case isCancellation(p.err) || r.signal != 0 && !r.isFinallyOnly(p):
		result.Reason = hclspec.Interrupted
		if result.ExitCode == 0 {
			result.ExitCode = r.interruptCode()
		}
	case p.code != 0:
		result.ExitCode, result.Reason = p.code, hclspec.Failed
	default:
		result.ExitCode, result.Reason = exitCodeOf(p.err), hclspec.Failed
	}
	results[task.Name] = result
}

// isAskedToEnd reports whether a signal or a stop reached the step's command before
// its end. The exit code then proves no success.
func (p *stepProgress) isAskedToEnd() bool {
	return p.control != nil && p.isStarted && (p.isCancelled || p.control.IsAskedToEnd())
}

// interruptCode is the exit code of a command without a code of its own, because of the stop.
func (r *progress) interruptCode() int {
	if r.signal != 0 {
		return 128 + int(r.signal)
	}
	return codeStopped
}

// codeStopped is the exit code of a command after SIGTERM: commands are stopped so after the failure of another step.
const codeStopped = 128 + 15

// warnPendingFinally reports active `finally` tasks, and the number of signals to end these tasks.
func (r *run) warnPendingFinally(signals int) {
	for id := range r.pendingFinally {
		if p := r.steps[id]; isFinallyStep(p.step) && (p.state == waiting || p.state == active) {
			r.notify(Notice{Kind: Warned, Text: fmt.Sprintf("what finally names still runs; %s ends that too", signalCountText(signals))})
			return
		}
	}
}

func signalCountText(signals int) string {
	if signals == 1 {
		return "one more signal"
	}
	return fmt.Sprintf("the %dnd signal from now", signals)
}

// endFinally is the last resort: active `finally` tasks get the signal, and no other `finally` task begins.
func (r *run) endFinally(ctx context.Context, sig os.Signal) {
	for _, p := range r.steps {
		switch {
		case p.state != active || r.isOutsideFinally(p):
		case p.isStarted:
			p.control.Send(sig)
		default:
			p.cancelWith(errInterrupted)
		}
	}
	r.pendingFinally = nil
	r.skipRest(ctx)
}
