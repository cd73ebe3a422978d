package executor

import (
	"context"
	"fmt"
	"os"

	"tasks/hclspec"
	"tasks/planner"
)

// follows says that a step is what `finally` names, or creates its container.
func follows(s *planner.Step) bool {
	for _, n := range s.Needs {
		if n.Ended && !n.Optional {
			return true
		}
	}
	return false
}

// closing finds the steps of what `finally` names and of all that this needs. The task that it follows is none of that.
func (r *run) closing() map[planner.StepID]bool {
	all := map[planner.StepID]bool{}
	for _, s := range r.plan.Steps {
		if follows(s) {
			r.gather(all, s.ID)
		}
	}
	return all
}

func (r *run) gather(into map[planner.StepID]bool, id planner.StepID) {
	if into[id] {
		return
	}
	into[id] = true
	for _, n := range r.steps[id].step.Needs {
		if !n.Ended && !n.Optional {
			r.gather(into, n.Step)
		}
	}
}

// aside says that a step serves only what `finally` names: its failure is told, and stops nothing.
func (r *run) aside(p *progress) bool { return r.finally[p.step.ID] && !r.required[p.step.ID] }

// findOwed finds the steps that a stopping run still has to do: what `finally` names of the tasks that were begun, or will be
// because they are such steps themselves.
func (r *run) findOwed() map[planner.StepID]bool {
	owed := map[planner.StepID]bool{}
	for before := -1; before < len(owed); {
		before = len(owed)
		for _, s := range r.plan.Steps {
			if !owed[s.ID] && follows(s) && r.isOwed(s, owed) {
				r.gather(owed, s.ID)
			}
		}
	}
	return owed
}

func (r *run) isOwed(s *planner.Step, owed map[planner.StepID]bool) bool {
	for _, n := range s.Needs {
		if n.Ended && !n.Optional && !owed[n.Step] && !r.wasBegun(r.steps[n.Step]) {
			return false
		}
	}
	return true
}

// remember keeps how a task's run ended, for what `finally` names: also where it failed.
func (r *run) remember(p *progress) {
	task := planner.TaskOf(p.step)
	if _, creates := p.step.Action.(*planner.CreateOneOff); task == nil || creates {
		return
	}
	results := r.facts[p.step.Scope].Tasks
	result := results[task.Name]
	switch {
	case p.state == done && p.askedToEnd():
		result.Reason = hclspec.Interrupted // though it made a good end of it
	case p.state == done:
		result.Reason = hclspec.Succeeded
	case isTimeout(p.err):
		result.ExitCode, result.Reason = codeTimeout, hclspec.TimedOut
	case isFallout(p.err) || r.signal != 0 && !r.aside(p):
		result.Reason = hclspec.Interrupted
		if result.ExitCode == 0 {
			result.ExitCode = r.interruptCode()
		}
	case p.code != 0:
		result.ExitCode, result.Reason = p.code, hclspec.FailedItself
	default:
		result.ExitCode, result.Reason = codeOf(p.err), hclspec.FailedItself
	}
	results[task.Name] = result
}

// askedToEnd says that a step's command was told to end before it did: its exit code says little then, and nothing of success.
func (p *progress) askedToEnd() bool {
	return p.control != nil && p.control.started && (p.cancelled || p.control.asked())
}

// interruptCode is that of a command which was stopped before it had a code of its own.
func (r *run) interruptCode() int {
	if r.signal != 0 {
		return 128 + int(r.signal)
	}
	return codeStopped
}

// codeStopped is that of a command which ends by SIGTERM, as those do that are stopped for another one's failure.
const codeStopped = 128 + 15

// tellOwed says that what `finally` names goes on, and how to end it.
func (r *run) tellOwed(more int) {
	for id := range r.owed {
		if p := r.steps[id]; follows(p.step) && (p.state == waiting || p.state == active) {
			r.tell(Notice{Happening: Warned, Text: fmt.Sprintf("what finally names still runs; %s ends that too", counted(more))})
			return
		}
	}
}

func counted(signals int) string {
	if signals == 1 {
		return "one more signal"
	}
	return fmt.Sprintf("the %dnd signal from now", signals)
}

// endFinally is the last resort: what `finally` names gets the signal, and nothing more of it is begun.
func (r *run) endFinally(ctx context.Context, sig os.Signal) {
	for _, p := range r.steps {
		switch {
		case p.state != active || r.notOwed(p):
		case p.control.started:
			p.control.send(sig)
		default:
			p.end(errInterrupted)
		}
	}
	r.owed = nil
	r.skipRest(ctx)
}
