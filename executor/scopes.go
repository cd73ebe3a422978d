package executor

import (
	"context"
	"slices"

	"tasks/hclspec"
	"tasks/internal/composeproject"
	"tasks/planner"
)

// newFacts are the facts of each scope of a plan, which are empty yet. What is known of tasks is known to all of them.
func newFacts(plan *planner.Plan) map[string]*planner.Facts {
	results := map[string]hclspec.Result{}
	all := map[string]*planner.Facts{}
	for _, s := range plan.Steps {
		if all[s.Scope] != nil {
			continue
		}
		all[s.Scope] = &planner.Facts{
			Images: map[string]string{}, Local: map[string]planner.ObservedImage{}, ImageVolumes: map[string][]string{}, Containers: map[string]string{},
			Recreated: map[string]bool{}, Restarted: map[string]bool{}, Networks: map[string]string{}, Volumes: map[string]string{}, Tasks: results,
			Ports: map[string]map[string]string{},
		}
	}
	return all
}

// sharing says of what this run made whether others use it: those that have a lease on it, which they take before they look at
// the engine, and one-offs of other runs. It asks the engine once for each compose project.
type sharing struct {
	run   *run
	known map[string]bool
	// mine are the leases that nobody else has, with what lets others have them again; nil: somebody else has it.
	mine map[string]func()
}

func newSharing(r *run) *sharing {
	return &sharing{run: r, known: map[string]bool{}, mine: map[string]func(){}}
}

// done lets others use again what is left.
func (s *sharing) done() {
	for _, done := range s.mine {
		if done != nil {
			done()
		}
	}
}

// withOthers says whether somebody else uses a thing. There is no lease on a volume: it stays where one on anything of the plan is.
func (s *sharing) withOthers(ctx context.Context, e entry) bool {
	if _, known := s.known[e.project]; !known {
		s.known[e.project] = s.run.sharedWithOthers(ctx, e.project)
	}
	switch {
	case s.known[e.project]:
		return true
	case e.lease != "":
		return s.leased(e.lease)
	}
	return slices.ContainsFunc(s.run.plan.LeasesIn(e.project), s.leased)
}

// leased says that somebody else has a lease.
func (s *sharing) leased(name string) bool {
	if _, asked := s.mine[name]; !asked {
		s.mine[name] = s.take(name)
	}
	return s.mine[name] == nil
}

func (s *sharing) take(lease string) func() {
	if s.run.cfg.Leases == nil {
		return func() {}
	}
	if done, last := s.run.cfg.Leases.Last(lease); last {
		return done
	}
	return nil
}

func (r *run) sharedWithOthers(ctx context.Context, project string) bool {
	if r.cfg.Engine == nil {
		return false
	}
	all, err := r.cfg.Engine.ProjectContainers(ctx, project)
	if err != nil {
		return true // not to know is no reason to remove
	}
	for _, c := range all {
		if c.Labels[composeproject.LabelOneOff] == composeproject.OneOffTrue && c.State != "exited" && c.State != "dead" && !r.ledger.owns(c.ID) {
			return true
		}
	}
	return false
}
