package fleet

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"tasks/internal/composeproject"
	"tasks/planner/observed"
)

// placement is the node of a compose project.
type placement struct {
	node *node
	// isPrivate reports whether the project is of one run, so that its loss with a node does not matter. objects
	// counts its known objects.
	isPrivate bool
	objects   int
}

// objectKey identifies an object of the engines: a container or network by its id, a volume by its name.
type objectKey struct{ kind, id string }

const (
	containerKind = "container"
	networkKind   = "network"
	volumeKind    = "volume"
)

// object is a known object of a node.
type object struct {
	node          *node
	name, project string
}

// pins are the nodes that have the external volumes and networks of a project, by the name of the object.
type pins map[string][]*node

// place returns the node of the project with the labels of an object. A new project gets a node.
func (r *router) place(ctx context.Context, labels map[string]string) (*node, error) {
	project := labels[composeproject.LabelProject]
	if project == "" {
		return r.first(ctx)
	}
	if err := r.open(ctx); err != nil {
		return nil, err
	}
	isPrivate := labels[observed.LabelOriginal] != ""
	if !isPrivate && !r.isPlaced(project) {
		query := observed.Query{Project: project, Original: project}
		snapshots, err := r.snapshots(ctx, query)
		if err == nil {
			err = r.settleProject(query, snapshots)
		}
		if err != nil {
			return nil, err
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	known := r.projects[project]
	switch {
	case known != nil && known.node.isUsable():
		return known.node, nil
	case known != nil:
		return nil, fmt.Errorf("project %s is on a lost node: %w", project, known.node.lost())
	}
	chosen, err := r.choose(project)
	if err != nil {
		return nil, err
	}
	r.projects[project] = &placement{node: chosen, isPrivate: isPrivate}
	return chosen, nil
}

func (r *router) isPlaced(project string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.projects[project] != nil
}

// choose returns the node for a new project: of the nodes with its external volumes and networks, the node with the
// most free slots. The caller holds mu.
func (r *router) choose(project string) (*node, error) {
	candidates := slices.DeleteFunc(r.answering(), func(n *node) bool { return n.IsClosed })
	if len(candidates) == 0 {
		return nil, fmt.Errorf("no node of the engine %s takes a new project: all are lost or drained", r.cfg.Name)
	}
	pinned := r.pins[project]
	for _, name := range slices.Sorted(maps.Keys(pinned)) {
		left := slices.DeleteFunc(slices.Clone(candidates), func(n *node) bool { return !slices.Contains(pinned[name], n) })
		if len(left) == 0 {
			return nil, fmt.Errorf("%s is on %s, which project %s cannot use: everything that uses a volume or a network "+
				"runs where it is; remove it there, or make that node available", name, nodeNames(pinned[name]), project)
		}
		candidates = left
	}
	used := map[*node]int{}
	for _, p := range r.projects {
		if p.isPrivate {
			used[p.node]++
		}
	}
	return slices.MinFunc(candidates, func(a, b *node) int { return used[a] - used[b] }), nil
}

func nodeNames(nodes []*node) string {
	var names []string
	for _, n := range nodes {
		names = append(names, n.Name)
	}
	return strings.Join(names, ", ")
}

// settleProject keeps the node of a project, as the snapshots of the nodes show. A volume decides, then a container in
// operation, then any object.
func (r *router) settleProject(q observed.Query, snapshots map[*node]*observed.Snapshot) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if known := r.projects[q.Project]; known != nil && known.node.isUsable() {
		return nil
	}
	r.pins[q.Project] = r.pinsOf(q, snapshots)
	var best *node
	bestRank := 0
	for _, n := range r.nodes {
		rank := projectRank(q, snapshots[n])
		if rank == volumeRank && bestRank == volumeRank {
			return fmt.Errorf("project %s has volumes on %s and on %s: data would be missing on either node; remove one part "+
				"with `docker volume rm` there, or all with `tasks down --volumes`", q.Project, best.Name, n.Name)
		}
		if rank > bestRank {
			best, bestRank = n, rank
		}
	}
	if best != nil {
		r.projects[q.Project] = &placement{node: best, isPrivate: q.Original != "" && q.Original != q.Project}
	}
	return nil
}

// volumeRank is the rank of a node with a volume of the project.
const volumeRank = 4

// projectRank tells how strong the tie of a project to a node is; 0: none.
func projectRank(q observed.Query, s *observed.Snapshot) int {
	if s == nil {
		return 0
	}
	isUp := func(c *observed.Container) bool { return c.State.IsUp() && !c.IsOneOff() }
	isOwn := func(n observed.Network) bool { return n.Labels[composeproject.LabelProject] == q.Project }
	switch {
	case slices.ContainsFunc(s.Volumes, func(v observed.Volume) bool {
		return v.Labels[composeproject.LabelProject] == q.Project
	}):
		return volumeRank
	case slices.ContainsFunc(s.Containers, isUp):
		return 3
	case len(s.Containers) > 0:
		return 2
	case slices.ContainsFunc(s.Networks, isOwn):
		return 1
	}
	return 0
}

// pinsOf returns the nodes with the external volumes and networks of a query. An object of the engine's own, as the
// network "bridge", is on each node.
func (r *router) pinsOf(q observed.Query, snapshots map[*node]*observed.Snapshot) pins {
	found := pins{}
	for _, n := range r.nodes {
		s := snapshots[n]
		if s == nil {
			continue
		}
		for _, v := range s.Volumes {
			if slices.Contains(q.Volumes, v.Name) && v.Labels[composeproject.LabelProject] != q.Project {
				found["volume "+v.Name] = append(found["volume "+v.Name], n)
			}
		}
		for _, network := range s.Networks {
			if slices.Contains(q.Networks, network.Name) && network.Labels[composeproject.LabelProject] != q.Project {
				found["network "+network.Name] = append(found["network "+network.Name], n)
			}
		}
	}
	return found
}

// record remembers the node of an object.
func (r *router) record(key objectKey, o object) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.objects[key] == nil {
		if p := r.projects[o.project]; p != nil && p.node == o.node {
			p.objects++
		}
	}
	r.objects[key] = &o
}

// forget drops an object that is gone. A private project without objects gives its slot back.
func (r *router) forget(key objectKey) {
	r.mu.Lock()
	defer r.mu.Unlock()
	o := r.objects[key]
	if o == nil {
		return
	}
	delete(r.objects, key)
	if p := r.projects[o.project]; p != nil && p.node == o.node {
		if p.objects--; p.isPrivate && p.objects <= 0 {
			delete(r.projects, o.project)
		}
	}
}

// nodeOf returns the node of a known object, or nil. A container is also known by its name, on a
// node that is not lost.
func (r *router) nodeOf(key objectKey) *node {
	r.mu.Lock()
	defer r.mu.Unlock()
	if o := r.objects[key]; o != nil {
		return o.node
	}
	if key.kind == containerKind {
		for k, o := range r.objects {
			if k.kind == containerKind && o.name == key.id && o.node.isUsable() {
				return o.node
			}
		}
	}
	return nil
}

// projectNodes returns the nodes with objects of a project: all usable nodes, unless the project is private and
// placed.
func (r *router) projectNodes(project string) []*node {
	r.mu.Lock()
	defer r.mu.Unlock()
	if p := r.projects[project]; p != nil && p.isPrivate {
		return []*node{p.node}
	}
	return r.usable()
}

// Relocate implements [engine.Relocator]. A node that answers is as good as another: its part of the project is
// removed.
func (r *router) Relocate(project string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if p := r.projects[project]; p != nil && p.isPrivate {
		maps.DeleteFunc(r.objects, func(_ objectKey, o *object) bool { return o.project == project })
		delete(r.projects, project)
	}
}

// Project is a compose project in a forecast.
type Project struct {
	Name      string
	IsPrivate bool
}

// Forecast returns the names of the nodes that projects are on, or would get now. All private projects of a long list
// do not fit at once; then the real node follows from the end of the projects before. Call Snapshot first.
func (r *router) Forecast(projects []Project) ([]string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	real := r.projects
	r.projects = maps.Clone(real)
	defer func() { r.projects = real }()
	var names []string
	for _, p := range projects {
		known := r.projects[p.Name]
		if known == nil {
			chosen, err := r.choose(p.Name)
			if err != nil {
				return nil, err
			}
			known = &placement{node: chosen, isPrivate: p.IsPrivate}
			r.projects[p.Name] = known
		}
		names = append(names, known.node.Name)
	}
	return names, nil
}
