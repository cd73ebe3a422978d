package hclspec

import (
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"tasks/hclspec/internal/diag"
)

// errorScope tells what mistakes leave alone, so that it can be looked at in the same round. What is made of something wrong is
// not: it would be told to be wrong for a reason that is told already.
type errorScope struct {
	file        *File
	errorRanges []hcl.Range
	// unaffectedTasks are those that were asked for, a task that is being looked at among them.
	unaffectedTasks map[*taskBlock]bool
}

// errorScope is not ok where a mistake may reach anything: one of syntax, a cycle, or one in what belongs to no task.
func (f *File) errorScope(diags hcl.Diagnostics) (s *errorScope, ok bool) {
	s = &errorScope{file: f, unaffectedTasks: map[*taskBlock]bool{}}
	for _, d := range diags {
		switch {
		case d.Severity != hcl.DiagError || diag.IsKind[diag.NonFatal](d):
		case d.Subject == nil || !f.isTaskLocal(*d.Subject):
			return nil, false
		default:
			s.errorRanges = append(s.errorRanges, *d.Subject)
		}
	}
	return s, !f.isUnevaluable && !slices.ContainsFunc(f.modules, func(m *module) bool { return m.compose != nil && !s.areAttributesUnaffected(m.compose) })
}

func (s *errorScope) areAttributesUnaffected(n *decodedBlock) bool {
	return !slices.ContainsFunc(n.sortedAttrs(), func(a *decodedAttribute) bool { return !s.isExpressionUnaffected(a.expression) })
}

// isTaskLocal says that a place is in a block which matters to those alone who name it.
func (f *File) isTaskLocal(at hcl.Range) bool {
	source := f.files[at.Filename]
	if source == nil {
		return false
	}
	body, ok := source.Body.(*hclsyntax.Body)
	return ok && slices.ContainsFunc(body.Blocks, func(b *hclsyntax.Block) bool {
		return slices.Contains([]string{"task", "variable", "locals", "function", "defaults", "tasks"}, b.Type) && diag.IsWithin(at, b.Range())
	})
}

func (s *errorScope) isUnaffected(r hcl.Range) bool {
	return !slices.ContainsFunc(s.errorRanges, func(at hcl.Range) bool { return diag.IsWithin(at, r) })
}

// isExpressionUnaffected says that nothing is wrong in an expression, nor in what it uses.
func (s *errorScope) isExpressionUnaffected(e expression) bool {
	if !s.isUnaffected(e.expr.Range()) {
		return false
	}
	for use := range s.file.reachableReferences(e.refs) {
		if !s.isReferenceUnaffected(use.ref) {
			return false
		}
	}
	return true
}

func (s *errorScope) isReferenceUnaffected(ref reference) bool {
	switch ref.kind {
	case refVar:
		return s.isVariableUnaffected(ref.mod.variableByName[ref.name])
	case refLocal:
		return s.isUnaffected(ref.local().expr.Range())
	case refFunction:
		return s.isBlockUnaffected(ref.mod.functionByName[ref.name].decodedBlock)
	case refTask:
		return s.isTaskUnaffected(s.file.taskByName[ref.taskName()])
	}
	return true
}

// isBlockUnaffected says that nothing is wrong in a block, nor missing because it is misspelt.
func (s *errorScope) isBlockUnaffected(n *decodedBlock) bool {
	return !n.hasUnknownNamesInside() && s.isUnaffected(n.blockRange)
}

// hasUnknownNamesInside says that the block, or one within it, holds unknown names.
func (n *decodedBlock) hasUnknownNamesInside() bool {
	if n.hasUnknownNames || slices.ContainsFunc(n.repeatedBlocks, (*decodedBlock).hasUnknownNamesInside) {
		return true
	}
	for _, inner := range n.singleBlocks {
		if inner.hasUnknownNamesInside() {
			return true
		}
	}
	return false
}

func (s *errorScope) isVariableUnaffected(v *variable) bool {
	return s.isBlockUnaffected(v.decodedBlock)
}

// isTaskUnaffected says that nothing is wrong in a task, what it has taken over from others included, nor in what it needs.
func (s *errorScope) isTaskUnaffected(t *taskBlock) bool {
	if t == nil {
		return false
	}
	isUnaffected, known := s.unaffectedTasks[t]
	if !known {
		s.unaffectedTasks[t] = true
		isUnaffected = s.isUnaffected(t.blockRange) && s.areBlocksUnaffected(t) && s.areDependenciesUnaffected(t)
		s.unaffectedTasks[t] = isUnaffected
	}
	return isUnaffected
}

func (s *errorScope) areBlocksUnaffected(t *taskBlock) bool {
	for _, n := range t.singleBlocks {
		if !s.isBlockUnaffected(n) {
			return false
		}
	}
	for _, n := range t.repeatedBlocks {
		if !s.isBlockUnaffected(n) {
			return false
		}
	}
	for _, a := range t.attrs {
		if !s.isUnaffected(a.expr.Range()) {
			return false
		}
	}
	for a := range t.expressions {
		if !s.isExpressionUnaffected(a.expression) {
			return false
		}
	}
	return true
}

func (s *errorScope) areDependenciesUnaffected(t *taskBlock) bool {
	return !slices.ContainsFunc(slices.Concat(t.dependencies(), t.finally), func(d Dependency) bool {
		return d.Task != "" && !s.isTaskUnaffected(s.file.taskByName[declaredName(d.Task)])
	})
}

// unaffectedTargets are those that can be evaluated, whatever their words are.
func (s *errorScope) unaffectedTargets(all []Target) []Target {
	var unaffected []Target
	for _, target := range all {
		if s.isTaskUnaffected(s.file.findTask(declaredName(target.Name))) {
			unaffected = append(unaffected, Target{Name: target.Name, HasUnknownArgs: true})
		}
	}
	return unaffected
}

// evaluateUnaffected adds to the mistakes of Parse those of values in what these leave alone.
func (f *File) evaluateUnaffected(in Inputs, targets []Target) hcl.Diagnostics {
	s, ok := f.errorScope(f.diags)
	if !ok {
		return f.diags
	}
	_, diags := f.evaluate(in, s.unaffectedTargets(targets))
	diags = slices.DeleteFunc(diags, func(d *hcl.Diagnostic) bool {
		return diag.IsKind[UnmetPrecondition](d) // the files come first
	})
	return f.SortDiagnostics(slices.Concat(f.diags, diags))
}
