package config

import (
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"tasks/hclspec/internal/diag"
)

// extension is an entry of extends.
type extension struct {
	base *Task
	at   hcl.Range
}

// mergeExtends merges each task over its bases, before all evaluation and checks. Inherited attributes then count
// as the task's own, and their expressions see the inheriting task.
func (c *checker) mergeExtends() {
	bases := map[*Task][]extension{}
	for _, t := range c.file.Tasks {
		bases[t] = c.readBases(t)
		for _, b := range bases[t] {
			b.base.isBase = true
		}
	}
	c.cycles.checkBaseCycles(bases)
	done := map[*Task]bool{}
	var mergeTask func(t *Task)
	mergeTask = func(t *Task) {
		if done[t] {
			return
		}
		done[t] = true // one that extends itself has been reported
		var inherited *Block
		for _, b := range bases[t] {
			mergeTask(b.base)
			inherited = mergeTaskBlocks(inherited, b.base.inheritable())
		}
		if inherited != nil {
			t.setInherited(mergeTaskBlocks(inherited, t.Block))
		}
	}
	for _, t := range c.file.Tasks {
		mergeTask(t)
	}
}

// readBases reads extends. Its entries are references to tasks, without evaluation.
func (r *dependencyReader) readBases(t *Task) []extension {
	a := t.Attrs["extends"]
	if a == nil || IsNull(a.Expr) {
		return nil
	}
	return readReferenceList(r, a, "extends = [task.base]", func(entry hclsyntax.Expression) (extension, *hcl.Diagnostic) {
		base, d := r.readBase(entry)
		t.hasUnknownNames = t.hasUnknownNames || d != nil // what it lacks may be what it should have inherited
		return extension{base: base, at: entry.Range()}, d
	})
}

func (r *dependencyReader) readBase(entry hclsyntax.Expression) (*Task, *hcl.Diagnostic) {
	name, traversal, d := r.readTaskReference("extends", entry)
	if d != nil {
		return nil, d
	}
	if DeclaredName(name) != name || len(traversal) > 2 {
		return nil, diag.ErrorAt(entry.Range(), "superfluous part of a reference", "Write %s.",
			MemberAccess("task", DeclaredName(name)))
	}
	return r.findTask(name), nil
}

func (c *cycleReporter) checkBaseCycles(bases map[*Task][]extension) {
	var names []string
	needs := map[string][]edge{}
	for _, t := range c.file.Tasks {
		from := MemberAccess("task", t.Name)
		names = append(names, from)
		for _, b := range bases[t] {
			needs[from] = append(needs[from], edge{from: from, to: MemberAccess("task", b.base.Name), at: b.at})
		}
	}
	c.reportCycles("tasks extend each other in a cycle", "Take one of these out of extends.", names, needs)
}

// inheritable returns the block without the attributes that describe this task alone.
func (t *Task) inheritable() *Block {
	n := *t.Block
	n.Attrs = maps.Clone(n.Attrs)
	for _, own := range []string{"description", "aliases", "hidden", "extends"} {
		delete(n.Attrs, own)
	}
	return &n
}

// mergeTaskBlocks merges two blocks. An attribute of the upper block also replaces the attributes that it
// excludes.
func mergeTaskBlocks(lower, upper *Block) *Block {
	if lower == nil {
		return upper
	}
	rest := *lower
	rest.Attrs = maps.Clone(lower.Attrs)
	pairs := [][2]string{
		{"service", "image"}, {"service", "job"}, {"job", "image"}, {"command", "script"}, {"ports", "service_ports"},
	}
	for _, other := range stepsReplace() {
		pairs = append(pairs, [2]string{"steps", other})
	}
	for _, pair := range pairs {
		one, other := upper.Attrs[pair[0]] != nil, upper.Attrs[pair[1]] != nil
		if one && !other {
			delete(rest.Attrs, pair[1])
		}
		if other && !one {
			delete(rest.Attrs, pair[0])
		}
	}
	return mergeBlocks(&rest, upper)
}

// setInherited makes a merged block the task's own.
func (t *Task) setInherited(n *Block) {
	own := t.Block
	t.Block, t.Kind = n, kindOf(n)
	if a := n.Attrs["group"]; a != nil {
		t.Group, _ = LiteralString(a.Expr)
	}
	if n.Attrs["script"] == nil && own.Attrs["shell"] == nil && t.Kind != GroupTask {
		delete(n.Attrs, "shell") // the shell of a base without its script
	}
}

// IsOnlyInherited reports whether an attribute of a base has a meaning for its extending tasks alone.
func (t *Task) IsOnlyInherited(a *Attribute) bool {
	return t.isBase && t.Kind == GroupTask && !slices.Contains(a.Kinds, GroupTask)
}

// InheritedNote says from where a task has an inherited attribute.
func InheritedNote(t *Task, at hcl.Range) diag.Text {
	if at.Filename == t.HeaderRange.Filename && at.Start.Byte >= t.HeaderRange.Start.Byte || t.Attrs["extends"] == nil {
		return diag.Text{}
	}
	return diag.Textf(" It has it from a task that it extends (%s).", diag.Place(t.Attrs["extends"].NameRange))
}
