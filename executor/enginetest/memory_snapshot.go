package enginetest

import (
	"slices"
	"strings"

	"tasks/internal/composeproject"
	"tasks/planner"
)

func (m *Memory) snapshotContainers(seen *planner.Observed, q planner.Query) {
	for _, c := range m.containers {
		if q.Owned && q.Owns(c.spec.Labels) {
			seen.Owned.Containers = append(seen.Owned.Containers, c.observed())
		}
		if !inProject(c.spec.Labels, q.Project) {
			if slices.Contains(q.Names, c.spec.Name) {
				seen.Namesakes = append(seen.Namesakes, c.observed())
			}
			continue
		}
		o := c.observed()
		if slices.Contains(q.Services, o.Labels[composeproject.LabelService]) {
			o.Health, o.ExitCode, o.HasHealthcheck = c.health, c.exitCode, c.probe() != nil
		}
		seen.Containers = append(seen.Containers, o)
	}
	slices.SortFunc(seen.Containers, func(a, b *planner.ObservedContainer) int { return strings.Compare(a.Name, b.Name) })
}

func (m *Memory) snapshotResources(seen *planner.Observed, q planner.Query) {
	for _, n := range m.networks {
		if inProject(n.Labels, q.Project) || slices.Contains(q.Networks, n.Name) {
			seen.Networks = append(seen.Networks, *n)
		} else if q.Owns(n.Labels) {
			seen.Owned.Networks = append(seen.Owned.Networks, *n)
		}
	}
	for _, v := range m.volumes {
		if inProject(v.Labels, q.Project) || slices.Contains(q.Volumes, v.Name) || q.Nameless && planner.MadeUpName(v.Name) {
			seen.Volumes = append(seen.Volumes, *v)
		} else if q.Owned && q.Owns(v.Labels) {
			seen.Owned.Volumes = append(seen.Owned.Volumes, *v)
		}
	}
	slices.SortFunc(seen.Networks, func(a, b planner.ObservedNetwork) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(seen.Volumes, func(a, b planner.ObservedVolume) int { return strings.Compare(a.Name, b.Name) })
}
