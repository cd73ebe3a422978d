package planner

import (
	"fmt"

	"github.com/compose-spec/compose-go/v2/types"

	"tasks/planner/observed"
)

// Plan returns the steps of the teardown: containers wave by wave, then networks, then volumes. A failed step stops no
// other step. preStop returns the hooks before the stop of a container; nil: no hooks.
func (t Teardown) Plan(preStop func(*observed.Container) []types.ServiceHook) *Plan {
	b := teardownPlanner{plan: &Plan{
		Project: t.Claim.Project, Scopes: map[string]Scope{"": {Project: t.Claim.Project, Original: t.Claim.Original}},
	}}
	for _, wave := range t.Waves {
		for _, c := range wave {
			action := &RemoveContainer{Container: c}
			if preStop != nil {
				action.PreStop = preStop(c)
			}
			b.add("container", c.ID, action)
		}
		b.endWave()
	}
	for _, n := range t.Networks {
		b.add("network", n.ID, &RemoveNetwork{Network: n, IsRequired: !t.IsPartial})
		b.endWave()
	}
	for _, name := range t.AnonymousVolumes {
		b.add("anonymous volume", name, &RemoveVolume{Volume: observed.Volume{Name: name}, IsAnonymous: true})
		b.endWave()
	}
	for _, v := range t.Volumes {
		b.add("volume", v.Name, &RemoveVolume{Volume: v, IsRequired: !t.IsPartial})
		b.endWave()
	}
	return b.plan
}

// teardownPlanner adds the steps of a teardown. Each step waits for the end of all steps of the wave before.
type teardownPlanner struct {
	plan            *Plan
	previous, added []StepID
}

func (b *teardownPlanner) add(kind, id string, action Action) {
	s := &Step{ID: StepID(fmt.Sprintf("remove %s/%s", kind, id)), Verb: Remove, Action: action}
	for _, earlier := range b.previous {
		s.addNeed(earlier, "wave", true)
	}
	b.plan.Steps, b.plan.Targets = append(b.plan.Steps, s), append(b.plan.Targets, s.ID)
	b.added = append(b.added, s.ID)
}

func (b *teardownPlanner) endWave() {
	if len(b.added) > 0 {
		b.previous, b.added = b.added, nil
	}
}
