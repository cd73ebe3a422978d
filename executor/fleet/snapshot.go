package fleet

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"tasks/executor/engine"
	"tasks/planner/observed"
)

// Snapshot reads the state of a project from all nodes. Nodes that were lost and answer again are part of the fleet
// from now on: a run begins with a snapshot.
func (f *Fleet) Snapshot(ctx context.Context, q observed.Query) (*observed.Snapshot, error) {
	f.reviveNodes()
	snapshots, err := f.snapshots(ctx, q)
	if err != nil {
		return nil, err
	}
	if err := f.settleProject(q, snapshots); err != nil && len(q.Services) > 0 { // the removal of the project goes on
		return nil, err
	}
	all := &observed.Snapshot{Images: map[string]observed.Image{}}
	for _, n := range f.nodes {
		if s := snapshots[n]; s != nil {
			f.merge(all, n, s)
		}
	}
	sortContainers(all.Containers)
	sortContainers(all.Namesakes)
	sortContainers(all.RunResources.Containers)
	all.Volumes, all.RunResources.Volumes = uniqueVolumes(all.Volumes), uniqueVolumes(all.RunResources.Volumes)
	return all, f.inspectImages(ctx, q.Images, all.Images)
}

// reviveNodes takes lost nodes back that answer again. Their projects are found again.
func (r *router) reviveNodes() {
	for _, n := range r.nodes {
		if !n.revive() {
			continue
		}
		r.mu.Lock()
		for project, p := range r.projects {
			if p.node == n {
				delete(r.projects, project)
			}
		}
		for key, o := range r.objects {
			if o.node == n {
				delete(r.objects, key)
			}
		}
		r.mu.Unlock()
	}
}

// snapshots reads the state of a project from each usable node, without images.
func (r *router) snapshots(ctx context.Context, q observed.Query) (map[*node]*observed.Snapshot, error) {
	q.Images = nil
	return eachUsable(ctx, r, func(ctx context.Context, n *node) (*observed.Snapshot, error) {
		return n.Engine.Snapshot(ctx, q)
	})
}

// merge adds the state of a node. The earliest time counts: an object is never taken for older than it is.
func (r *router) merge(all *observed.Snapshot, n *node, s *observed.Snapshot) {
	if all.APIVersion == "" || isLower(s.APIVersion, all.APIVersion) {
		all.APIVersion = s.APIVersion
	}
	if all.TakenAt.IsZero() || s.TakenAt.Before(all.TakenAt) {
		all.TakenAt = s.TakenAt
	}
	for _, part := range [][]*observed.Container{s.Containers, s.Namesakes, s.RunResources.Containers} {
		r.recordContainers(n, part)
	}
	r.recordNetworks(n, slices.Concat(s.Networks, s.RunResources.Networks))
	r.recordVolumes(n, slices.Concat(s.Volumes, s.RunResources.Volumes))
	all.Containers = append(all.Containers, s.Containers...)
	all.Namesakes = append(all.Namesakes, s.Namesakes...)
	all.Networks = append(all.Networks, s.Networks...)
	all.Volumes = append(all.Volumes, s.Volumes...)
	run := &all.RunResources
	run.Containers = append(run.Containers, s.RunResources.Containers...)
	run.Networks = append(run.Networks, s.RunResources.Networks...)
	run.Volumes = append(run.Volumes, s.RunResources.Volumes...)
}

// uniqueVolumes sorts volumes by name. A name of several nodes is one volume.
func uniqueVolumes(volumes []observed.Volume) []observed.Volume {
	slices.SortStableFunc(volumes, func(a, b observed.Volume) int { return cmp.Compare(a.Name, b.Name) })
	return slices.CompactFunc(volumes, func(a, b observed.Volume) bool { return a.Name == b.Name })
}

// inspectImages looks up the images of a query.
func (f *Fleet) inspectImages(
	ctx context.Context, queries []observed.ImageQuery, found map[string]observed.Image,
) error {
	errs := make([]error, len(queries))
	var mu sync.Mutex
	var all sync.WaitGroup
	for i, q := range queries {
		all.Go(func() {
			image, err := f.InspectImage(ctx, q.Ref, q.Platform)
			if err == nil {
				mu.Lock()
				defer mu.Unlock()
				found[q.Ref] = image
			} else if !engine.IsNotFound(err) {
				errs[i] = err
			}
		})
	}
	all.Wait()
	return cmp.Or(errs...)
}
