package executor

import (
	"tasks/hclspec"
	"tasks/planner"
	"tasks/planner/observed"
)

// newFacts returns the empty facts of each scope of a plan. All scopes share the results of tasks.
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
