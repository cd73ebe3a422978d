package hclspec

import (
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// extension is one entry of a task's extends.
type extension struct {
	base *taskBlock
	at   hcl.Range
}

// extend lays every task over those that it extends, before anything is evaluated or checked: what a task inherits counts
// as its own, and its expressions see the task that has inherited them.
func (c *checker) extend() {
	bases := map[*taskBlock][]extension{}
	for _, t := range c.file.tasks {
		bases[t] = c.bases(t)
		for _, b := range bases[t] {
			b.base.isBase = true
		}
	}
	c.checkBaseCycles(bases)
	done := map[*taskBlock]bool{}
	var extended func(t *taskBlock)
	extended = func(t *taskBlock) {
		if done[t] {
			return
		}
		done[t] = true // one that extends itself has been reported
		var beneath *node
		for _, b := range bases[t] {
			extended(b.base)
			beneath = laidOver(beneath, b.base.heritage())
		}
		if beneath != nil {
			t.inherit(laidOver(beneath, t.node))
		}
	}
	for _, t := range c.file.tasks {
		extended(t)
	}
}

// bases reads extends, whose entries are references to tasks and never evaluated.
func (c *checker) bases(t *taskBlock) []extension {
	a := t.attrs["extends"]
	if a == nil || isNull(a.expr) {
		return nil
	}
	return writtenList(c, a, "extends = [task.base]", func(entry hclsyntax.Expression) (extension, *hcl.Diagnostic) {
		base, d := c.base(entry)
		t.misnamed = t.misnamed || d != nil // what it lacks may be what it should have inherited
		return extension{base: base, at: entry.Range()}, d
	})
}

func (c *checker) base(entry hclsyntax.Expression) (*taskBlock, *hcl.Diagnostic) {
	name, traversal, d := c.taskEntry("extends", entry)
	if d != nil {
		return nil, d
	}
	if blockName(name) != name || len(traversal) > 2 {
		return nil, problem(entry.Range(), "superfluous part of a reference", "Write %s.", member("task", blockName(name)))
	}
	return c.task(name), nil
}

func (c *checker) checkBaseCycles(bases map[*taskBlock][]extension) {
	var names []string
	needs := map[string][]edge{}
	for _, t := range c.file.tasks {
		from := member("task", t.name)
		names = append(names, from)
		for _, b := range bases[t] {
			needs[from] = append(needs[from], edge{from: from, to: member("task", b.base.name), at: b.at})
		}
	}
	c.reportCycles("tasks extend each other in a cycle", "Take one of these out of extends.", names, needs)
}

// heritage is what a task hands on: all but what is said of it alone.
func (t *taskBlock) heritage() *node {
	n := *t.node
	n.attrs = maps.Clone(n.attrs)
	for _, own := range []string{"description", "aliases", "hidden", "extends"} {
		delete(n.attrs, own)
	}
	return &n
}

// laidOver merges two blocks. What the upper one sets takes the place of what it excludes beneath, too.
func laidOver(beneath, over *node) *node {
	if beneath == nil {
		return over
	}
	rest := *beneath
	rest.attrs = maps.Clone(beneath.attrs)
	for _, pair := range [][2]string{{"service", "image"}, {"command", "script"}, {"ports", "service_ports"}} {
		one, other := over.attrs[pair[0]] != nil, over.attrs[pair[1]] != nil
		if one && !other {
			delete(rest.attrs, pair[1])
		}
		if other && !one {
			delete(rest.attrs, pair[0])
		}
	}
	return merged(&rest, over)
}

// inherit takes a merged block for the task's own.
func (t *taskBlock) inherit(n *node) {
	own := t.node
	t.node, t.kind = n, kindOf(n)
	if a := n.attrs["group"]; a != nil {
		t.group, _ = literalString(a.expr)
	}
	if n.attrs["script"] == nil && own.attrs["shell"] == nil && t.kind != Group {
		delete(n.attrs, "shell") // that of a base whose script is not taken
	}
}

// onlyInherited says that an attribute of a base has a meaning for those that extend it alone.
func (t *taskBlock) onlyInherited(a *attr) bool {
	return t.isBase && t.kind == Group && !slices.Contains(a.kinds, Group)
}

// extensionNote tells of a task that is checked with what it has inherited.
func extensionNote(t *taskBlock, at hcl.Range) string {
	if at.Filename == t.header.Filename && at.Start.Byte >= t.header.Start.Byte || t.attrs["extends"] == nil {
		return ""
	}
	return fmt.Sprintf(" It has it from a task that it extends (%s).", place(t.attrs["extends"].nameRange))
}
