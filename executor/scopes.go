package executor

import (
	"tasks/hclspec"
	"tasks/planner"
	"tasks/planner/observed"
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
			Images: map[string]string{}, LocalImages: map[string]observed.Image{}, ImageVolumes: map[string][]string{}, Containers: map[string]string{},
			Recreated: map[string]bool{}, Restarted: map[string]bool{}, Networks: map[string]string{}, Volumes: map[string]string{}, Tasks: results,
			Ports: map[string]map[string]string{},
		}
	}
	return all
}
