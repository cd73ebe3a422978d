package executor

import (
	"context"
	"slices"

	"tasks/executor/step"
	"tasks/hclspec"
	"tasks/internal/composeproject"
	"tasks/planner"
)

// newFacts are the facts of each scope of a plan, which are empty yet. What is known of tasks is known to all of them.
func newFacts(plan *planner.Plan) map[string]*planner.Facts {
	results := map[string]hclspec.TaskResult{}
	all := map[string]*planner.Facts{}
	for _, s := range plan.Steps {
		if all[s.Scope] != nil {
			continue
		}
		all[s.Scope] = &planner.Facts{
			Images: map[string]string{}, LocalImages: map[string]planner.ObservedImage{}, ImageVolumes: map[string][]string{}, Containers: map[string]string{},
			Recreated: map[string]bool{}, Restarted: map[string]bool{}, Networks: map[string]string{}, Volumes: map[string]string{}, Tasks: results,
			Ports: map[string]map[string]string{},
		}
	}
	return all
}

// usageCheck says of what this run made whether others use it: those that have a lease on it, which they take before they look at
// the engine, and one-offs of other runs. It asks the engine once for each compose project.
type usageCheck struct {
	run            *run
	sharedProjects map[string]bool
	// exclusive are the leases that nobody else has, with what lets others have them again; nil: somebody else has it.
	exclusive map[string]func()
}

func newUsageCheck(r *run) *usageCheck {
	return &usageCheck{run: r, sharedProjects: map[string]bool{}, exclusive: map[string]func(){}}
}

// done lets others use again what is left.
func (s *usageCheck) unlockAll() {
	for _, unlock := range s.exclusive {
		if unlock != nil {
			unlock()
		}
	}
}

// isUsedByOthers says whether somebody else uses a thing. There is no lease on a volume: it stays where one on anything of the plan is.
func (s *usageCheck) isUsedByOthers(ctx context.Context, e step.Entry) bool {
	if _, known := s.sharedProjects[e.Project]; !known {
		s.sharedProjects[e.Project] = s.run.hasOtherOneOffs(ctx, e.Project)
	}
	switch {
	case s.sharedProjects[e.Project]:
		return true
	case e.Lease != "":
		return s.isLeased(e.Lease)
	}
	return slices.ContainsFunc(s.run.plan.LeasesIn(e.Project), s.isLeased)
}

// isLeased says that somebody else has a lease.
func (s *usageCheck) isLeased(name string) bool {
	if _, isKnown := s.exclusive[name]; !isKnown {
		s.exclusive[name] = s.releaseIfLast(name)
	}
	return s.exclusive[name] == nil
}

func (s *usageCheck) releaseIfLast(lease string) func() {
	if s.run.cfg.Leases == nil {
		return func() {}
	}
	if done, last := s.run.cfg.Leases.ReleaseLast(lease); last {
		return done
	}
	return nil
}

func (r *run) hasOtherOneOffs(ctx context.Context, project string) bool {
	if r.cfg.Engine == nil {
		return false
	}
	all, err := r.cfg.Engine.ProjectContainers(ctx, project)
	if err != nil {
		return true // not to know is no reason to remove
	}
	for _, c := range all {
		if c.Labels[composeproject.LabelOneOff] == composeproject.OneOffTrue && c.State != "exited" && c.State != "dead" && !r.ledger.hasID(c.ID) {
			return true
		}
	}
	return false
}
