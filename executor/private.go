package executor

import (
	"cmp"
	"context"
	"slices"
	"sync"
)

// isPrivate says that a project is one that this run has made for itself.
func (r *run) isPrivate(project string) bool {
	for _, s := range r.plan.Scopes {
		if s.Private != "" && s.Project == project {
			return true
		}
	}
	return false
}

// private says that nobody else knows of the project that the step belongs to.
func (w *worker) private() bool { return w.plan.Scopes[w.step.Scope].Private != "" }

// lockImage is lock for an image, which a private project has from its original.
func (w *worker) lockImage(ctx context.Context, ref string) (func(), error) {
	return w.cfg.Locks.Lock(ctx, cmp.Or(w.plan.Scopes[w.step.Scope].Of, w.project())+"/image/"+ref)
}

// removePrivate removes all that was made of the private projects: containers first, as many at a time as there are, then
// networks and volumes. What remains is told by the commands that would remove it.
func (r *run) removePrivate(ctx context.Context) []string {
	var containers, rest []entry
	for _, e := range slices.Backward(r.ledger.entries) {
		switch {
		case !r.isPrivate(e.project) || e.kind == serviceDown:
		case e.kind == networkMade || e.kind == volumeMade:
			rest = append(rest, e)
		default:
			containers = append(containers, e)
		}
	}
	left := make([][]string, len(containers))
	var all sync.WaitGroup
	for i, e := range containers {
		all.Go(func() { left[i] = r.removeForGood(ctx, e) })
	}
	all.Wait()
	for _, e := range rest {
		left = append(left, r.removeForGood(ctx, e))
	}
	return slices.Concat(left...)
}
