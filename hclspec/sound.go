package hclspec

import (
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// leftOut is the Extra of a mistake that takes nothing away: the name that nobody knows is left out, and all else stands.
type leftOut struct{}

// soundness tells what mistakes leave alone, so that it can be looked at in the same round. What is made of something wrong is
// not: it would be told to be wrong for a reason that is told already.
type soundness struct {
	file  *File
	wrong []hcl.Range
	// tasks are those that were asked for, a task that is being looked at among them.
	tasks map[*taskBlock]bool
}

// soundness is not ok where a mistake may reach anything: one of syntax, a cycle, or one in what belongs to no task.
func (f *File) soundness(diags hcl.Diagnostics) (s *soundness, ok bool) {
	s = &soundness{file: f, tasks: map[*taskBlock]bool{}}
	for _, d := range diags {
		switch {
		case d.Severity != hcl.DiagError || d.Extra == (leftOut{}):
		case d.Subject == nil || !f.confined(*d.Subject):
			return nil, false
		default:
			s.wrong = append(s.wrong, *d.Subject)
		}
	}
	return s, !f.halted && !slices.ContainsFunc(f.modules, func(m *module) bool { return m.compose != nil && !s.attributes(m.compose) })
}

func (s *soundness) attributes(n *node) bool {
	return !slices.ContainsFunc(n.sorted(), func(a *attr) bool { return !s.expression(a.expression) })
}

// confined says that a place is in a block which matters to those alone who name it.
func (f *File) confined(at hcl.Range) bool {
	source := f.files[at.Filename]
	if source == nil {
		return false
	}
	body, ok := source.Body.(*hclsyntax.Body)
	return ok && slices.ContainsFunc(body.Blocks, func(b *hclsyntax.Block) bool {
		return slices.Contains([]string{"task", "variable", "locals", "function", "defaults", "tasks"}, b.Type) && within(at, b.Range())
	})
}

func within(inner, outer hcl.Range) bool {
	return inner.Filename == outer.Filename && inner.Start.Byte >= outer.Start.Byte && inner.End.Byte <= outer.End.Byte
}

func (s *soundness) clean(r hcl.Range) bool {
	return !slices.ContainsFunc(s.wrong, func(at hcl.Range) bool { return within(at, r) })
}

// expression says that nothing is wrong in an expression, nor in what it uses.
func (s *soundness) expression(e expression) bool {
	if !s.clean(e.expr.Range()) {
		return false
	}
	for use := range s.file.reach(e.refs) {
		if !s.reference(use.ref) {
			return false
		}
	}
	return true
}

func (s *soundness) reference(ref reference) bool {
	switch ref.kind {
	case refVar:
		return s.variable(ref.mod.variableByName[ref.name])
	case refLocal:
		return s.clean(ref.local().expr.Range())
	case refFunction:
		return s.node(ref.mod.functionByName[ref.name].node)
	case refTask:
		return s.task(s.file.taskByName[ref.task()])
	}
	return true
}

// node says that nothing is wrong in a block, nor missing because it is misspelt.
func (s *soundness) node(n *node) bool { return !n.anyMisnamed() && s.clean(n.whole) }

// anyMisnamed says that the block, or one within it, holds unknown names.
func (n *node) anyMisnamed() bool {
	if n.misnamed || slices.ContainsFunc(n.repeated, (*node).anyMisnamed) {
		return true
	}
	for _, inner := range n.blocks {
		if inner.anyMisnamed() {
			return true
		}
	}
	return false
}

func (s *soundness) variable(v *variable) bool { return s.node(v.node) }

// task says that nothing is wrong in a task, what it has taken over from others included, nor in what it needs.
func (s *soundness) task(t *taskBlock) bool {
	if t == nil {
		return false
	}
	sound, known := s.tasks[t]
	if !known {
		s.tasks[t] = true
		sound = s.clean(t.whole) && s.written(t) && s.needs(t)
		s.tasks[t] = sound
	}
	return sound
}

func (s *soundness) written(t *taskBlock) bool {
	for _, n := range t.blocks {
		if !s.node(n) {
			return false
		}
	}
	for _, n := range t.repeated {
		if !s.node(n) {
			return false
		}
	}
	for _, a := range t.attrs {
		if !s.clean(a.expr.Range()) {
			return false
		}
	}
	for a := range t.expressions {
		if !s.expression(a.expression) {
			return false
		}
	}
	return true
}

func (s *soundness) needs(t *taskBlock) bool {
	return !slices.ContainsFunc(slices.Concat(t.dependencies(), t.finally), func(d Dependency) bool {
		return d.Task != "" && !s.task(s.file.taskByName[blockName(d.Task)])
	})
}

// targets are those that can be evaluated, whatever their words are.
func (s *soundness) targets(all []Target) []Target {
	var sound []Target
	for _, target := range all {
		if s.task(s.file.taskNamed(blockName(target.Name))) {
			sound = append(sound, Target{Name: target.Name, AnyWords: true})
		}
	}
	return sound
}

// withValues adds to the mistakes of Parse those of values in what these leave alone.
func (f *File) withValues(in Inputs, targets []Target) hcl.Diagnostics {
	s, ok := f.soundness(f.diags)
	if !ok {
		return f.diags
	}
	_, diags := f.evaluate(in, s.targets(targets))
	diags = slices.DeleteFunc(diags, func(d *hcl.Diagnostic) bool {
		_, unmet := d.Extra.(Unmet) // the files come first
		return unmet
	})
	return f.Sorted(slices.Concat(f.diags, diags))
}
