package executor

import (
	"context"

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

// sharing says of each compose project whether others use it; it asks the engine once for each.
type sharing struct {
	run   *run
	known map[string]bool
}

// withOthers says whether a one-off of another run is there, which may use what this run made.
func (s *sharing) withOthers(ctx context.Context, project string) bool {
	if shared, known := s.known[project]; known {
		return shared
	}
	s.known[project] = s.run.sharedWithOthers(ctx, project)
	return s.known[project]
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
