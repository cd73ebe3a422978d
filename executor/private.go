package executor

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"tasks/executor/step"
)

// isPrivate says that a project is one that this run has made for itself.
func (r *run) isPrivate(project string) bool {
	for _, s := range r.plan.Scopes {
		if s.PrivateTask != "" && s.Project == project {
			return true
		}
	}
	return false
}

// lockImage is lock for an image, which a private project has from its original.
func (w *worker) lockImage(ctx context.Context, ref string) (func(), error) {
	return w.cfg.Locks.Lock(ctx, cmp.Or(w.plan.Scopes[w.step.Scope].Original, w.Project)+"/image/"+ref)
}

// removePrivateProjects removes all that was made of the private projects: containers first, as many at a time as there are, then
// networks and volumes. What remains is told by the commands that would remove it.
func (r *run) removePrivateProjects(ctx context.Context) []string {
	var containers, rest []step.Entry
	for _, e := range slices.Backward(r.ledger.entries) {
		switch {
		case !r.isPrivate(e.Project) || e.Kind == step.StoppedServiceEntry:
		case e.Kind == step.NetworkEntry || e.Kind == step.VolumeEntry:
			rest = append(rest, e)
		default:
			containers = append(containers, e)
		}
	}
	commands := make([][]string, len(containers))
	var all sync.WaitGroup
	for i, e := range containers {
		all.Go(func() { commands[i] = r.removePrivateEntry(ctx, e) })
	}
	all.Wait()
	for _, e := range rest {
		commands = append(commands, r.removePrivateEntry(ctx, e))
	}
	return slices.Concat(commands...)
}
