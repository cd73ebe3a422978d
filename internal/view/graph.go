package view

import (
	"fmt"
	"strings"

	"tasks/internal/plaintext"
)

// Graph is the document of `tasks graph --json`, and the drawing of a plan.
type Graph struct {
	FormatVersion int `json:"format_version"`
	// Nodes have a stable order for unchanged files. Neither list is nil.
	Nodes []Node `json:"nodes"`
	Edges []Edge `json:"edges"`
}

// Node is a task, a compose service, or a step of a plan.
type Node struct {
	// ID is unique within the graph: "task.lint", "service.db".
	ID string `json:"id"`
	// Kind is "task", "service" or "job".
	Kind string `json:"kind"`
	Name string `json:"name"`
	// Runs is the kind of a task: "host", "service", "job", "image" or "group".
	Runs string `json:"runs,omitempty"`
	// Service is the compose service of the task, Job the job.
	Service     string `json:"service,omitempty"`
	Job         string `json:"job,omitempty"`
	Description string `json:"description,omitempty"`
	// label is the text in a drawing; empty: kind and name.
	label string
}

// Edge is a dependency of a node on another node.
type Edge struct {
	From string `json:"from"`
	To   string `json:"to"`
	// Condition is the awaited condition of a service: "ready", "service_healthy".
	Condition string `json:"condition,omitempty"`
	// Reason is the cause of the edge: "depends_on", "steps", "output", "compose" or "finally". With "finally", From
	// follows To after success and failure.
	Reason string `json:"reason,omitempty"`
	// Position is the place in `steps`, counted from 1.
	Position int `json:"position,omitempty"`
}

func (n Node) text() string {
	switch {
	case n.label != "":
		return n.label
	case n.Kind != "task" && n.Kind != "":
		return n.Kind + " " + n.Name
	case n.Job != "":
		return n.Name + " (job " + n.Job + ")"
	case n.Service != "":
		return n.Name + " (" + n.Service + ")"
	}
	return n.Name
}

// text is the label of an edge.
func (e Edge) text() string {
	text := e.conditionText()
	switch {
	case e.Position > 0 && text != "":
		return fmt.Sprintf("step %d, %s", e.Position, text)
	case e.Position > 0:
		return fmt.Sprintf("step %d", e.Position)
	}
	return text
}

// conditionText names the condition or the reason of an edge.
func (e Edge) conditionText() string {
	switch {
	case e.Condition == "service_completed_successfully":
		return "completed"
	case e.Condition != "" && e.Condition != "ready":
		return strings.TrimPrefix(e.Condition, "service_")
	case e.Reason == "output", e.Reason == "finally":
		return e.Reason
	}
	return ""
}

// PrintDrawing writes a graph to stdout, in the language "dot" (Graphviz) or "mermaid".
func PrintDrawing(p *Printer, g Graph, language string) error {
	if language == "dot" {
		return p.PrintText(g.dot())
	}
	return p.PrintText(g.Mermaid())
}

// PrintTaskTree writes a graph to stdout as a tree from the given tasks, or from all tasks without dependents.
func PrintTaskTree(p *Printer, g Graph, tasks []string) error {
	var roots []string
	for _, name := range tasks {
		roots = append(roots, "task."+name)
	}
	return p.PrintText(g.tree(roots))
}

// dot draws a graph in the language of Graphviz.
func (g Graph) dot() string {
	var b strings.Builder
	b.WriteString("digraph tasks {\n  rankdir = LR\n  node [shape = box]\n")
	for _, n := range g.Nodes {
		shape := ""
		if n.Kind == "service" || n.Kind == "job" {
			shape = ", style = rounded"
		}
		fmt.Fprintf(&b, "  %s [label = %s%s]\n", dotText(n.ID), dotText(n.text()), shape)
	}
	for _, e := range g.Edges {
		label := ""
		if text := e.text(); text != "" {
			label = " [label = " + dotText(text) + "]"
		}
		fmt.Fprintf(&b, "  %s -> %s%s\n", dotText(e.From), dotText(e.To), label)
	}
	b.WriteString("}\n")
	return b.String()
}

// dotText quotes text for Graphviz. A backslash begins an escape there.
func dotText(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(plaintext.Escape(text)) + `"`
}

// Mermaid draws a graph in the language of Mermaid. Nodes have numbers as names: names of Mermaid allow few characters.
func (g Graph) Mermaid() string {
	var b strings.Builder
	b.WriteString("flowchart LR\n")
	number := map[string]int{}
	for i, n := range g.Nodes {
		number[n.ID] = i
		shape := "[%s]"
		if n.Kind == "service" || n.Kind == "job" {
			shape = "([%s])"
		}
		fmt.Fprintf(&b, "  n%d"+shape+"\n", i, mermaidText(n.text()))
	}
	for _, e := range g.Edges {
		label := ""
		if text := e.text(); text != "" {
			label = "|" + mermaidText(text) + "|"
		}
		fmt.Fprintf(&b, "  n%d -->%s n%d\n", number[e.From], label, number[e.To])
	}
	return b.String()
}

// mermaidText quotes text for Mermaid, with entities for special characters.
func mermaidText(text string) string {
	entities := strings.NewReplacer("#", "#35;", `"`, "#quot;", "<", "#lt;", ">", "#gt;")
	return `"` + entities.Replace(plaintext.Escape(text)) + `"`
}

// tree draws a graph as text, from the given nodes, or from all nodes without dependents. The dependencies of a node
// appear once; "…" stands for a repetition.
func (g Graph) tree(roots []string) string {
	t := treeDrawing{graph: g, needs: map[string][]Edge{}, nodes: map[string]Node{}, isDrawn: map[string]bool{}}
	isNeeded := map[string]bool{}
	for _, n := range g.Nodes {
		t.nodes[n.ID] = n
	}
	for _, e := range g.Edges {
		if e.Reason == "finally" {
			e.From, e.To = e.To, e.From // draw a following task below
		}
		t.needs[e.From] = append(t.needs[e.From], e)
		isNeeded[e.To] = true
	}
	for _, n := range g.Nodes {
		if len(roots) == 0 && !isNeeded[n.ID] {
			t.writeNode(n.ID, "", "", "")
		}
	}
	for _, id := range roots {
		t.writeNode(id, "", "", "")
	}
	return t.text.String()
}

// treeDrawing is a drawing of a graph as text.
type treeDrawing struct {
	graph   Graph
	needs   map[string][]Edge
	nodes   map[string]Node
	isDrawn map[string]bool
	text    strings.Builder
}

// writeNode draws a node and the dependencies. head stands before the node, indent before the lines below.
func (t *treeDrawing) writeNode(id, head, indent, note string) {
	line := head + plaintext.Escape(t.nodes[id].text())
	if note != "" {
		line += ", " + plaintext.Escape(note)
	}
	children := t.needs[id]
	if t.isDrawn[id] && len(children) > 0 {
		t.text.WriteString(line + " …\n")
		return
	}
	t.isDrawn[id] = true
	t.text.WriteString(line + "\n")
	for i, e := range children {
		branch, childIndent := "├── ", "│   "
		if i == len(children)-1 {
			branch, childIndent = "└── ", "    "
		}
		t.writeNode(e.To, indent+branch, indent+childIndent, e.text())
	}
}
