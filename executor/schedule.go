package executor

import (
	"cmp"
	"container/heap"
	"context"
	"runtime"
	"slices"
	"time"

	"tasks/executor/engine"
	"tasks/planner"
)

// minJobs is the default on machines with fewer processors. Commands often wait
// rather than compute, and the members of a group may be servers without an end.
const minJobs = 8

// jobs returns the maximum number of commands, pulls and builds at a time.
func (r *run) jobs() int {
	slots, _ := engine.Slots(r.cfg.Engine)
	return cmp.Or(r.cfg.Jobs, r.plan.Jobs, max(runtime.NumCPU(), minJobs, slots))
}

// shardLimit returns the maximum number of private projects of shards at a time. The loss of a node lowers the limit.
func shardLimit(r *run) int {
	if slots, hasSlots := engine.Slots(r.cfg.Engine); hasSlots {
		return max(1, min(r.jobs(), slots)) // without a node the first project tells the error
	}
	return r.jobs()
}

// needsSlot reports whether a step counts as work: a command, a pull or a build.
func needsSlot(s *planner.Step) bool {
	if _, image := s.Action.(*planner.Image); image {
		return s.Verb == planner.PullImage || s.Verb == planner.BuildImage
	}
	return planner.RunsCommand(s)
}

// taskLockName returns the lock of a step's command; empty: none.
func taskLockName(s *planner.Step) string {
	if task := planner.TaskOf(s); task != nil && needsSlot(s) {
		return task.Lock
	}
	return ""
}

// edge is a need in the direction from the needed step to its dependent.
type edge struct {
	dependent *stepProgress
	need      planner.Need
}

// linkDependents sets the dependents, the number of unmet needs and the chain length of each
// step. With the dependents, the end of a step costs no more than the number of dependents.
func (r *progress) linkDependents() {
	for i, s := range r.plan.Steps {
		p := r.steps[s.ID]
		p.position, p.unmetNeeds = i, len(s.Needs)
		for _, n := range s.Needs {
			needed := r.steps[n.Step]
			needed.dependents = append(needed.dependents, edge{dependent: p, need: n})
		}
	}
	for i := len(r.plan.Steps) - 1; i >= 0; i-- { // a step's dependents follow it in the plan
		p := r.steps[r.plan.Steps[i].ID]
		for _, e := range p.dependents {
			p.chainLength = max(p.chainLength, e.dependent.chainLength)
		}
		if needsSlot(p.step) {
			p.chainLength++
		}
	}
}

// queue holds the steps that wait for a slot: longest chain first, then the order of the plan.
type queue []*stepProgress

func (q queue) Len() int { return len(q) }
func (q queue) Less(i, j int) bool {
	return cmp.Or(cmp.Compare(q[j].chainLength, q[i].chainLength), cmp.Compare(q[i].position, q[j].position)) < 0
}
func (q queue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(x any)   { *q = append(*q, x.(*stepProgress)) }
func (q *queue) Pop() any {
	last := (*q)[len(*q)-1]
	*q = (*q)[:len(*q)-1]
	return last
}

// enqueue begins a step with all needs met, or adds the step to the queue. A step of a shard may wait for a place of
// its project. A step with a lock waits for its lock without a slot.
func (r *run) enqueue(ctx context.Context, p *stepProgress) {
	switch {
	case p.state != waiting:
	case r.isStopping && !r.pendingFinally[p.step.ID]:
		r.skip(ctx, p, nil)
	case r.relocations.holds(p): // all steps of the project begin again
	case !r.isStopping && r.shards.holds(p):
	case needsSlot(p.step) && taskLockName(p.step) == "":
		heap.Push(&r.queue, p)
	default:
		r.dispatch(ctx, p)
	}
}

// fillSlots gives free slots to waiting steps.
func (r *run) fillSlots(ctx context.Context) {
	for r.freeSlots > 0 && r.queue.Len() > 0 {
		p := heap.Pop(&r.queue).(*stepProgress)
		switch {
		case p.state == waiting:
			r.occupySlot(p)
			r.dispatch(ctx, p)
		case p.state == active && !p.isCancelled: // the step has its lock, or tries again
			r.occupySlot(p)
			if p.begunAt.IsZero() {
				r.markBegun(p)
			}
			p.control.Slot <- struct{}{}
		}
	}
}

func (r *run) occupySlot(p *stepProgress) {
	p.hasSlot = true
	r.freeSlots--
}

// freeSlot returns the slot of a step.
func (r *run) freeSlot(p *stepProgress) {
	if p.hasSlot {
		p.hasSlot = false
		r.freeSlots++
	}
}

// markBegun records the start of a step.
func (r *run) markBegun(p *stepProgress) {
	p.begunAt = time.Now()
	r.notify(Notice{Kind: Started, Step: p.step, Verb: p.step.Verb, LockWait: p.lockWait})
}

// markEnded frees the slot of a step, and updates its dependents.
func (r *run) markEnded(ctx context.Context, p *stepProgress) {
	r.freeSlot(p)
	for _, e := range p.dependents {
		switch {
		case e.dependent.state != waiting:
		case r.isNeedBroken(e.need, p):
			r.skip(ctx, e.dependent, p)
		case p.isCounted && e.dependent.step.Scope != p.step.Scope: // see beginAgain
		default:
			if e.dependent.unmetNeeds--; e.dependent.unmetNeeds == 0 {
				r.enqueue(ctx, e.dependent)
			}
		}
	}
	p.isCounted = true
	endShardStep(ctx, r, p)
}

// isNeedBroken reports whether an ended step leaves a need unmet for good.
func (r *progress) isNeedBroken(n planner.Need, p *stepProgress) bool {
	switch {
	case n.Optional:
		return false
	case n.EndOnly:
		return !r.wasBegun(p)
	}
	return p.state != done
}

// wasBegun reports whether a step was begun. A group begins with its first member.
func (r *progress) wasBegun(p *stepProgress) bool {
	switch {
	case !planner.IsTask(p.step) || planner.RunsCommand(p.step):
		return !p.begunAt.IsZero() && !p.isUpToDate
	case planner.TaskOf(p.step).DisabledReason != "":
		return false
	case p.state == done:
		return true
	}
	return slices.ContainsFunc(r.members(p), r.wasBegun)
}

// members are the steps of a group's tasks.
func (r *progress) members(group *stepProgress) (members []*stepProgress) {
	for _, n := range group.step.Needs {
		if needed := r.steps[n.Step]; planner.TaskOf(needed.step) != nil {
			members = append(members, needed)
		}
	}
	return members
}

// skip ends a step before its start, because of the step with the broken need; nil: because the run is stopping.
func (r *run) skip(ctx context.Context, p, broken *stepProgress) {
	p.state = skipped
	notice := Notice{Kind: Skipped, Step: p.step}
	if broken != nil {
		p.err, p.code, p.cause = broken.err, broken.code, cmp.Or(broken.cause, broken)
		if p.cause.state == failed && !isCancellation(p.cause.err) {
			notice.Err, notice.Cause = p.err, p.cause.step
		}
	}
	r.notify(notice)
	r.recordResult(p)
	r.markEnded(ctx, p)
}

// skipRest skips the steps a stopping run does not begin any more.
func (r *run) skipRest(ctx context.Context) {
	for _, s := range r.plan.Steps {
		if p := r.steps[s.ID]; p.state == waiting && !r.pendingFinally[s.ID] {
			r.skip(ctx, p, nil)
		}
	}
}
