package view

import (
	"slices"

	"tasks/hclspec"
)

// ServiceNeeds are the services that a compose service depends on, with what it waits for.
type ServiceNeeds func(service string) []hclspec.Dependency

// TaskGraph is what the tasks depend on, as the files say it; nothing is evaluated. From names the tasks that it begins at;
// none: all. Services are followed where compose is not nil.
func TaskGraph(tasks []hclspec.Outline, compose ServiceNeeds, from ...string) Graph {
	b := graphBuilder{
		graph:   Graph{FormatVersion: FormatVersion, Nodes: []Node{}, Edges: []Edge{}},
		tasks:   map[string]hclspec.Outline{},
		compose: compose,
		seen:    map[string]bool{},
	}
	for _, t := range tasks {
		b.tasks[t.Name] = t
	}
	for _, t := range tasks {
		if len(from) == 0 || slices.Contains(from, t.Name) {
			b.task(t.Name)
		}
	}
	return b.graph
}

type graphBuilder struct {
	graph   Graph
	tasks   map[string]hclspec.Outline
	compose ServiceNeeds
	seen    map[string]bool
}

// add adds a node and says whether it is new.
func (b *graphBuilder) add(n Node) bool {
	if b.seen[n.ID] {
		return false
	}
	b.seen[n.ID] = true
	b.graph.Nodes = append(b.graph.Nodes, n)
	return true
}

func (b *graphBuilder) task(name string) string {
	t := b.tasks[name]
	id := "task." + name
	if !b.add(Node{ID: id, Kind: "task", Name: name, Runs: t.Kind.String(), Service: t.Service, Description: t.Description}) {
		return id
	}
	for _, d := range t.DependsOn {
		reason := "depends_on"
		if d.RunTime {
			reason = "output"
		}
		b.dependency(id, d, reason)
	}
	for _, d := range t.Finally {
		b.edge(Edge{From: b.task(d.Task), To: id, Reason: "finally"})
	}
	if b.compose != nil && t.Service != "" && !t.NoDeps {
		for _, d := range b.compose(t.Service) {
			b.dependency(id, d, "compose")
		}
	}
	return id
}

func (b *graphBuilder) dependency(from string, d hclspec.Dependency, reason string) {
	e := Edge{From: from, Condition: string(d.Condition), Reason: reason}
	if d.Task != "" {
		e.To = b.task(d.Task)
	} else {
		e.To = b.service(d.Service)
	}
	b.edge(e)
}

// edge adds an edge that is not there already.
func (b *graphBuilder) edge(e Edge) {
	same := func(other Edge) bool {
		return other.From == e.From && other.To == e.To && other.Condition == e.Condition
	}
	if !slices.ContainsFunc(b.graph.Edges, same) {
		b.graph.Edges = append(b.graph.Edges, e)
	}
}

func (b *graphBuilder) service(name string) string {
	id := "service." + name
	if b.add(Node{ID: id, Kind: "service", Name: name}) && b.compose != nil {
		for _, d := range b.compose(name) {
			b.dependency(id, d, "compose")
		}
	}
	return id
}
