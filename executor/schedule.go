package executor

import (
	"cmp"
	"container/heap"
	"context"
	"runtime"
	"slices"
	"time"

	"tasks/planner"
)

// fewestJobs is the default where a machine has fewer processors: commands often wait rather than compute, and the members of
// a group may be servers that run side by side without an end.
const fewestJobs = 8

// jobs is how many commands, pulls and builds may run at a time.
func (r *run) jobs() int {
	return cmp.Or(r.cfg.Jobs, r.plan.Jobs, max(runtime.NumCPU(), fewestJobs))
}

// wantsSlot says that a step is one of those that are counted. To wait, to create, to start and to remove is not work.
func wantsSlot(s *planner.Step) bool {
	if _, image := s.Action.(*planner.Image); image {
		return s.Verb == planner.PullImage || s.Verb == planner.BuildImage
	}
	return planner.RunsCommand(s)
}

// lockOf is the lock that a step's command holds; empty: none.
func lockOf(s *planner.Step) string {
	if task := planner.TaskOf(s); task != nil && wantsSlot(s) {
		return task.Lock
	}
	return ""
}

// edge is a need, seen from the step that is needed.
type edge struct {
	from *progress
	need planner.Need
}

// link gives each step its dependents and the number of its unmet needs, so that the end of a step costs what depends on it
// and no more; and the length of the longest chain of work that it heads.
func (r *run) link() {
	for i, s := range r.plan.Steps {
		p := r.steps[s.ID]
		p.order, p.unmet = i, len(s.Needs)
		for _, n := range s.Needs {
			needed := r.steps[n.Step]
			needed.dependents = append(needed.dependents, edge{from: p, need: n})
		}
	}
	for i := len(r.plan.Steps) - 1; i >= 0; i-- { // a step's dependents stand after it
		p := r.steps[r.plan.Steps[i].ID]
		for _, e := range p.dependents {
			p.chain = max(p.chain, e.from.chain)
		}
		if wantsSlot(p.step) {
			p.chain++
		}
	}
}

// queue holds the steps that wait for a slot, the head of the longest chain first, else as the plan has them.
type queue []*progress

func (q queue) Len() int { return len(q) }
func (q queue) Less(i, j int) bool {
	return cmp.Or(cmp.Compare(q[j].chain, q[i].chain), cmp.Compare(q[i].order, q[j].order)) < 0
}
func (q queue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(x any)   { *q = append(*q, x.(*progress)) }
func (q *queue) Pop() any {
	last := (*q)[len(*q)-1]
	*q = (*q)[:len(*q)-1]
	return last
}

// ready begins a step whose needs are met, or lets it wait for a slot. One that has to take a lock first waits without one.
func (r *run) ready(ctx context.Context, p *progress) {
	switch {
	case p.state != waiting:
	case r.stopping && !r.owed[p.step.ID]:
		r.skip(ctx, p, nil)
	case wantsSlot(p.step) && lockOf(p.step) == "":
		heap.Push(&r.queue, p)
	default:
		r.dispatch(ctx, p)
	}
}

// fill gives free slots to those who wait for one.
func (r *run) fill(ctx context.Context) {
	for r.free > 0 && r.queue.Len() > 0 {
		p := heap.Pop(&r.queue).(*progress)
		switch {
		case p.state == waiting:
			r.occupy(p)
			r.dispatch(ctx, p)
		case p.state == active && !p.cancelled: // it has its lock, or is tried again
			r.occupy(p)
			if p.begun.IsZero() {
				r.begun(p)
			}
			p.control.slot <- struct{}{}
		}
	}
}

func (r *run) occupy(p *progress) {
	p.slot = true
	r.free--
}

// vacate gives a slot back.
func (r *run) vacate(p *progress) {
	if p.slot {
		p.slot = false
		r.free++
	}
}

// begun notes that a step is under way now.
func (r *run) begun(p *progress) {
	p.begun = time.Now()
	r.tell(Notice{Happening: Started, Step: p.step, Verb: p.step.Verb, LockWait: p.lockWait})
}

// ended lets the dependents of a step know, and takes its slot back.
func (r *run) ended(ctx context.Context, p *progress) {
	r.vacate(p)
	for _, e := range p.dependents {
		switch {
		case e.from.state != waiting:
		case r.breaks(e.need, p):
			r.skip(ctx, e.from, p)
		default:
			if e.from.unmet--; e.from.unmet == 0 {
				r.ready(ctx, e.from)
			}
		}
	}
}

// breaks says that a step which has ended so leaves a need unmet for good.
func (r *run) breaks(n planner.Need, p *progress) bool {
	switch {
	case n.Optional:
		return false
	case n.Ended:
		return !r.wasBegun(p)
	}
	return p.state != done
}

// wasBegun says that a step was begun; a group is with the first of the tasks that it names.
func (r *run) wasBegun(p *progress) bool {
	group, ok := p.step.Action.(*planner.JoinGroup)
	switch {
	case !ok:
		return !p.begun.IsZero() && !p.idle
	case group.Task.Disabled != "":
		return false
	case p.state == done:
		return true
	}
	return slices.ContainsFunc(r.members(p), r.wasBegun)
}

// members are the steps of the tasks that a group names.
func (r *run) members(group *progress) (members []*progress) {
	for _, n := range group.step.Needs {
		if needed := r.steps[n.Step]; planner.TaskOf(needed.step) != nil {
			members = append(members, needed)
		}
	}
	return members
}

// skip ends a step that is not begun, because of the one that broke a need of it; nil: because the run is stopping.
func (r *run) skip(ctx context.Context, p, broken *progress) {
	p.state = skipped
	notice := Notice{Happening: Skipped, Step: p.step}
	if broken != nil {
		p.err, p.code, p.cause = broken.err, broken.code, cmp.Or(broken.cause, broken)
		if p.cause.state == failed && !isFallout(p.cause.err) {
			notice.Err, notice.Cause = p.err, p.cause.step
		}
	}
	r.tell(notice)
	r.remember(p)
	r.ended(ctx, p)
}

// skipRest skips what a stopping run does not begin any more.
func (r *run) skipRest(ctx context.Context) {
	for _, s := range r.plan.Steps {
		if p := r.steps[s.ID]; p.state == waiting && !r.owed[s.ID] {
			r.skip(ctx, p, nil)
		}
	}
}
