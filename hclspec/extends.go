package hclspec

import (
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"tasks/hclspec/internal/diag"
)

// extension is one entry of a task's extends.
type extension struct {
	base *taskBlock
	at   hcl.Range
}

// mergeExtends lays every task over those that it extends, before anything is evaluated or checked: what a task inherits counts
// as its own, and its expressions see the task that has inherited them.
func (c *checker) mergeExtends() {
	bases := map[*taskBlock][]extension{}
	for _, t := range c.file.tasks {
		bases[t] = c.readBases(t)
		for _, b := range bases[t] {
			b.base.isBase = true
		}
	}
	c.checkBaseCycles(bases)
	done := map[*taskBlock]bool{}
	var mergeTask func(t *taskBlock)
	mergeTask = func(t *taskBlock) {
		if done[t] {
			return
		}
		done[t] = true // one that extends itself has been reported
		var inherited *decodedBlock
		for _, b := range bases[t] {
			mergeTask(b.base)
			inherited = mergeTaskBlocks(inherited, b.base.inheritable())
		}
		if inherited != nil {
			t.setInherited(mergeTaskBlocks(inherited, t.decodedBlock))
		}
	}
	for _, t := range c.file.tasks {
		mergeTask(t)
	}
}

// readBases reads extends, whose entries are references to tasks and never evaluated.
func (c *checker) readBases(t *taskBlock) []extension {
	a := t.attrs["extends"]
	if a == nil || isNull(a.expr) {
		return nil
	}
	return readReferenceList(c, a, "extends = [task.base]", func(entry hclsyntax.Expression) (extension, *hcl.Diagnostic) {
		base, d := c.readBase(entry)
		t.hasUnknownNames = t.hasUnknownNames || d != nil // what it lacks may be what it should have inherited
		return extension{base: base, at: entry.Range()}, d
	})
}

func (c *checker) readBase(entry hclsyntax.Expression) (*taskBlock, *hcl.Diagnostic) {
	name, traversal, d := c.readTaskReference("extends", entry)
	if d != nil {
		return nil, d
	}
	if declaredName(name) != name || len(traversal) > 2 {
		return nil, diag.ErrorAt(entry.Range(), "superfluous part of a reference", "Write %s.", memberAccess("task", declaredName(name)))
	}
	return c.findTask(name), nil
}

func (c *checker) checkBaseCycles(bases map[*taskBlock][]extension) {
	var names []string
	needs := map[string][]edge{}
	for _, t := range c.file.tasks {
		from := memberAccess("task", t.name)
		names = append(names, from)
		for _, b := range bases[t] {
			needs[from] = append(needs[from], edge{from: from, to: memberAccess("task", b.base.name), at: b.at})
		}
	}
	c.reportCycles("tasks extend each other in a cycle", "Take one of these out of extends.", names, needs)
}

// inheritable is what a task hands on: all but what is said of it alone.
func (t *taskBlock) inheritable() *decodedBlock {
	n := *t.decodedBlock
	n.attrs = maps.Clone(n.attrs)
	for _, own := range []string{"description", "aliases", "hidden", "extends"} {
		delete(n.attrs, own)
	}
	return &n
}

// mergeTaskBlocks merges two blocks. What the upper one sets takes the place of what it excludes beneath, too.
func mergeTaskBlocks(lower, upper *decodedBlock) *decodedBlock {
	if lower == nil {
		return upper
	}
	rest := *lower
	rest.attrs = maps.Clone(lower.attrs)
	for _, pair := range [][2]string{{"service", "image"}, {"command", "script"}, {"ports", "service_ports"}} {
		one, other := upper.attrs[pair[0]] != nil, upper.attrs[pair[1]] != nil
		if one && !other {
			delete(rest.attrs, pair[1])
		}
		if other && !one {
			delete(rest.attrs, pair[0])
		}
	}
	return mergeBlocks(&rest, upper)
}

// setInherited takes a merged block for the task's own.
func (t *taskBlock) setInherited(n *decodedBlock) {
	own := t.decodedBlock
	t.decodedBlock, t.kind = n, kindOf(n)
	if a := n.attrs["group"]; a != nil {
		t.group, _ = literalString(a.expr)
	}
	if n.attrs["script"] == nil && own.attrs["shell"] == nil && t.kind != GroupTask {
		delete(n.attrs, "shell") // that of a base whose script is not taken
	}
}

// isOnlyInherited says that an attribute of a base has a meaning for those that extend it alone.
func (t *taskBlock) isOnlyInherited(a *decodedAttribute) bool {
	return t.isBase && t.kind == GroupTask && !slices.Contains(a.kinds, GroupTask)
}

// inheritedNote tells of a task that is checked with what it has inherited.
func inheritedNote(t *taskBlock, at hcl.Range) diag.Text {
	if at.Filename == t.headerRange.Filename && at.Start.Byte >= t.headerRange.Start.Byte || t.attrs["extends"] == nil {
		return diag.Text{}
	}
	return diag.Textf(" It has it from a task that it extends (%s).", diag.Place(t.attrs["extends"].nameRange))
}
