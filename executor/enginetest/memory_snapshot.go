package enginetest

import (
	"slices"
	"strings"

	"tasks/internal/composeproject"
	"tasks/planner/observed"
)

func (m *Memory) snapshotContainers(snapshot *observed.Snapshot, q observed.Query) {
	for _, c := range m.containers {
		if q.WithRunResources && q.IsRunResource(c.spec.Labels) {
			snapshot.RunResources.Containers = append(snapshot.RunResources.Containers, c.observed())
		}
		if !inProject(c.spec.Labels, q.Project) {
			if slices.Contains(q.Names, c.spec.Name) {
				snapshot.Namesakes = append(snapshot.Namesakes, c.observed())
			}
			continue
		}
		o := c.observed()
		if slices.Contains(q.Services, o.Labels[composeproject.LabelService]) {
			o.Health, o.ExitCode, o.HasHealthcheck = c.health, c.exitCode, c.probe() != nil
		}
		snapshot.Containers = append(snapshot.Containers, o)
	}
	slices.SortFunc(snapshot.Containers, func(a, b *observed.Container) int { return strings.Compare(a.Name, b.Name) })
}

func (m *Memory) snapshotResources(snapshot *observed.Snapshot, q observed.Query) {
	for _, n := range m.networks {
		if inProject(n.Labels, q.Project) || slices.Contains(q.Networks, n.Name) {
			snapshot.Networks = append(snapshot.Networks, *n)
		} else if q.IsRunResource(n.Labels) {
			snapshot.RunResources.Networks = append(snapshot.RunResources.Networks, *n)
		}
	}
	for _, v := range m.volumes {
		if inProject(v.Labels, q.Project) || slices.Contains(q.Volumes, v.Name) || q.AnonymousVolumes && observed.IsGeneratedName(v.Name) {
			snapshot.Volumes = append(snapshot.Volumes, *v)
		} else if q.WithRunResources && q.IsRunResource(v.Labels) {
			snapshot.RunResources.Volumes = append(snapshot.RunResources.Volumes, *v)
		}
	}
	slices.SortFunc(snapshot.Networks, func(a, b observed.Network) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(snapshot.Volumes, func(a, b observed.Volume) int { return strings.Compare(a.Name, b.Name) })
}
