package view

import (
	"slices"

	"tasks/hclspec"
)

// ServiceNeeds returns the dependencies of a compose service, with conditions.
type ServiceNeeds func(service string) []hclspec.Dependency

// TaskGraph is the graph of declared dependencies; nothing is evaluated. roots are the first tasks; none: all tasks.
// Dependencies of services are left out if composeNeeds is nil.
func TaskGraph(tasks []hclspec.TaskSummary, composeNeeds ServiceNeeds, roots ...string) Graph {
	b := graphBuilder{
		graph:        Graph{FormatVersion: FormatVersion, Nodes: []Node{}, Edges: []Edge{}},
		tasks:        map[string]hclspec.TaskSummary{},
		composeNeeds: composeNeeds,
		isAdded:      map[string]bool{},
	}
	for _, t := range tasks {
		b.tasks[t.Name] = t
	}
	for _, t := range tasks {
		if len(roots) == 0 || slices.Contains(roots, t.Name) {
			b.addTask(t.Name)
		}
	}
	return b.graph
}

type graphBuilder struct {
	graph        Graph
	tasks        map[string]hclspec.TaskSummary
	composeNeeds ServiceNeeds
	isAdded      map[string]bool
}

// addNode adds a node, and reports whether the node is new.
func (b *graphBuilder) addNode(n Node) bool {
	if b.isAdded[n.ID] {
		return false
	}
	b.isAdded[n.ID] = true
	b.graph.Nodes = append(b.graph.Nodes, n)
	return true
}

func (b *graphBuilder) addTask(name string) string {
	t := b.tasks[name]
	id := "task." + name
	node := Node{
		ID: id, Kind: "task", Name: name, Runs: t.Kind.String(), Service: t.Service, Description: t.Description,
	}
	if t.IsJob {
		node.Runs, node.Service, node.Job = runsJob, "", t.Service
	}
	if !b.addNode(node) {
		return id
	}
	for _, d := range t.DependsOn {
		b.addDependency(id, d, dependencyReason(d))
	}
	for _, d := range t.Finally {
		b.addEdge(Edge{From: b.addTask(d.Task), To: id, Reason: "finally"})
	}
	if b.composeNeeds != nil && t.Service != "" && !t.NoDeps {
		for _, d := range b.composeNeeds(t.Service) {
			b.addDependency(id, d, "compose")
		}
	}
	return id
}

func (b *graphBuilder) addDependency(from string, d hclspec.Dependency, reason string) {
	e := Edge{From: from, Condition: string(d.Condition), Reason: reason, Position: d.Position}
	if d.Task != "" {
		e.To = b.addTask(d.Task)
	} else {
		e.To = b.addService(d.Service, d.IsJob)
	}
	b.addEdge(e)
}

// addEdge adds an edge once.
func (b *graphBuilder) addEdge(e Edge) {
	isSame := func(other Edge) bool {
		return other.From == e.From && other.To == e.To && other.Condition == e.Condition
	}
	if !slices.ContainsFunc(b.graph.Edges, isSame) {
		b.graph.Edges = append(b.graph.Edges, e)
	}
}

// addService adds a service, or a job that another job needs.
func (b *graphBuilder) addService(name string, isJob bool) string {
	kind := "service"
	if isJob {
		kind = "job"
	}
	id := kind + "." + name
	if b.addNode(Node{ID: id, Kind: kind, Name: name}) && b.composeNeeds != nil {
		for _, d := range b.composeNeeds(name) {
			b.addDependency(id, d, "compose")
		}
	}
	return id
}
