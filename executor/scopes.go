package executor

import (
	"maps"

	"tasks/hclspec"
	"tasks/planner"
	"tasks/planner/observed"
)

// newScopeFacts returns the empty facts of a scope, with the results of all tasks.
func newScopeFacts(results map[string]hclspec.TaskResult) *planner.Facts {
	return &planner.Facts{
		Images: map[string]string{}, LocalImages: map[string]observed.Image{}, ImageVolumes: map[string][]string{},
		Containers: map[string]string{}, Recreated: map[string]bool{}, Restarted: map[string]bool{},
		Networks: map[string]string{}, Volumes: map[string]string{}, Ports: map[string]map[string]string{},
		Tasks: results,
	}
}

// newFacts returns the empty facts of each scope of a plan. All scopes share the results of tasks.
func newFacts(plan *planner.Plan) map[string]*planner.Facts {
	results := map[string]hclspec.TaskResult{}
	all := map[string]*planner.Facts{}
	for _, s := range plan.Steps {
		if all[s.Scope] != nil {
			continue
		}
		all[s.Scope] = newScopeFacts(results)
	}
	return all
}

func cloneFacts(f planner.Facts) planner.Facts {
	return planner.Facts{
		Images: maps.Clone(f.Images), LocalImages: maps.Clone(f.LocalImages), ImageVolumes: maps.Clone(f.ImageVolumes),
		Containers: maps.Clone(f.Containers), Recreated: maps.Clone(f.Recreated), Restarted: maps.Clone(f.Restarted),
		Networks: maps.Clone(f.Networks), Volumes: maps.Clone(f.Volumes),
		Tasks: maps.Clone(f.Tasks), Ports: maps.Clone(f.Ports),
	}
}
