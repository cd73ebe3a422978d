package enginetest

import (
	"slices"
	"strings"

	"tasks/internal/composeproject"
	"tasks/planner/observed"
)

func (m *Memory) snapshotContainers(snapshot *observed.Snapshot, q observed.Query) {
	for _, c := range m.containers {
		o := c.observed()
		isCompose := observed.IsComposeContainer(o.Labels)
		if q.WithRunResources && q.IsRunResource(o.Labels) && isCompose {
			snapshot.RunResources.Containers = append(snapshot.RunResources.Containers, o)
		}
		if !inProject(o.Labels, q.Project) || !isCompose {
			if slices.Contains(q.Names, o.Name) {
				snapshot.Namesakes = append(snapshot.Namesakes, o)
			}
			continue
		}
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
		} else if q.IsRunNetwork(*n) {
			snapshot.RunResources.Networks = append(snapshot.RunResources.Networks, *n)
		}
	}
	for _, v := range m.volumes {
		if inProject(v.Labels, q.Project) || slices.Contains(q.Volumes, v.Name) || q.AnonymousVolumes && observed.IsGeneratedName(v.Name) {
			snapshot.Volumes = append(snapshot.Volumes, *v)
		} else if q.WithRunResources && q.IsRunVolume(*v) {
			snapshot.RunResources.Volumes = append(snapshot.RunResources.Volumes, *v)
		}
	}
	slices.SortFunc(snapshot.Networks, func(a, b observed.Network) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(snapshot.Volumes, func(a, b observed.Volume) int { return strings.Compare(a.Name, b.Name) })
}
