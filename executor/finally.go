package executor

import (
	"context"
	"fmt"
	"os"

	"tasks/executor/command"
	"tasks/hclspec"
	"tasks/planner"
)

// isFinallyStep says that a step is what `finally` names, or creates its container.
func isFinallyStep(s *planner.Step) bool {
	for _, n := range s.Needs {
		if n.EndOnly && !n.Optional {
			return true
		}
	}
	return false
}

// finallySteps finds the steps of what `finally` names and of all that this needs. The task that it follows is none of that.
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

// isFinallyOnly says that a step serves only what `finally` names: its failure is told, and stops nothing.
func (r *progress) isFinallyOnly(p *stepProgress) bool {
	return r.finally[p.step.ID] && !r.required[p.step.ID]
}

// findPendingFinally finds the steps that a stopping run still has to do: what `finally` names of the tasks that were begun, or will be
// because they are such steps themselves.
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

// recordResult keeps how a task's run ended, for what `finally` names: also where it failed.
func (r *run) recordResult(p *stepProgress) {
	task := planner.TaskOf(p.step)
	if _, creates := p.step.Action.(*planner.CreateOneOff); task == nil || creates {
		return
	}
	results := r.facts[p.step.Scope].Tasks
	result := results[task.Name]
	switch {
	case p.state == done && p.isAskedToEnd():
		result.Reason = hclspec.Interrupted // though it made a good end of it
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

// isAskedToEnd says that a step's command was told to end before it did: its exit code says little then, and nothing of success.
func (p *stepProgress) isAskedToEnd() bool {
	return p.control != nil && p.isStarted && (p.isCancelled || p.control.IsAskedToEnd())
}

// interruptCode is that of a command which was stopped before it had a code of its own.
func (r *progress) interruptCode() int {
	if r.signal != 0 {
		return 128 + int(r.signal)
	}
	return codeStopped
}

// codeStopped is that of a command which ends by SIGTERM, as those do that are stopped for another one's failure.
const codeStopped = 128 + 15

// warnPendingFinally says that what `finally` names goes on, and how to end it.
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

// endFinally is the last resort: what `finally` names gets the signal, and nothing more of it is begun.
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
