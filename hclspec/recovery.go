package hclspec

import (
	"slices"

	"github.com/hashicorp/hcl/v2"

	"tasks/hclspec/internal/config"
	"tasks/hclspec/internal/diag"
)

// errorScope finds the parts of a file that errors do not affect. These parts are evaluated in spite of the
// errors. An affected part is not: its errors would only follow from reported errors.
type errorScope struct {
	file        *config.File
	errorRanges []hcl.Range
	// unaffectedTasks caches the answer for each task, also for a task in progress. unaffectedDefinitions does so for
	// the expressions of locals and functions.
	unaffectedTasks       map[*config.Task]bool
	unaffectedDefinitions map[*config.Expression]bool
}

// newErrorScope is not ok if an error may affect all parts: a syntax error, a cycle, or an error outside of tasks.
func newErrorScope(f *config.File, diags hcl.Diagnostics) (s *errorScope, ok bool) {
	s = &errorScope{file: f, unaffectedTasks: map[*config.Task]bool{},
		unaffectedDefinitions: map[*config.Expression]bool{}}
	for _, d := range diags {
		switch {
		case d.Severity != hcl.DiagError || diag.IsKind[diag.NonFatal](d):
		case d.Subject == nil || !f.IsTaskLocal(*d.Subject):
			return nil, false
		default:
			s.errorRanges = append(s.errorRanges, *d.Subject)
		}
	}
	return s, !f.IsUnevaluable && !slices.ContainsFunc(f.Modules,
		func(m *config.Module) bool { return m.Compose != nil && !s.areAttributesUnaffected(m.Compose) })
}

func (s *errorScope) areAttributesUnaffected(n *config.Block) bool {
	return !slices.ContainsFunc(n.SortedAttrs(),
		func(a *config.Attribute) bool { return !s.isExpressionUnaffected(a.Expression) })
}

func (s *errorScope) isUnaffected(r hcl.Range) bool {
	return !slices.ContainsFunc(s.errorRanges, func(at hcl.Range) bool { return diag.IsWithin(at, r) })
}

// isExpressionUnaffected reports whether an expression and its references have no errors.
func (s *errorScope) isExpressionUnaffected(e config.Expression) bool {
	if !s.isUnaffected(e.Expr.Range()) {
		return false
	}
	return !slices.ContainsFunc(e.Refs, func(ref config.Reference) bool { return !s.isReferenceUnaffected(ref) })
}

// isDefinitionUnaffected reports whether the expression of a local or function, and its references, have no errors.
func (s *errorScope) isDefinitionUnaffected(e *config.Expression) bool {
	if _, known := s.unaffectedDefinitions[e]; !known {
		s.unaffectedDefinitions[e] = true
		s.unaffectedDefinitions[e] = s.isExpressionUnaffected(*e)
	}
	return s.unaffectedDefinitions[e]
}

func (s *errorScope) isReferenceUnaffected(ref config.Reference) bool {
	switch ref.Kind {
	case config.RefVar:
		return s.isVariableUnaffected(ref.Module.VariableByName[ref.Name])
	case config.RefLocal:
		return s.isDefinitionUnaffected(&ref.Local().Expression)
	case config.RefFunction:
		f := ref.Module.FunctionByName[ref.Name]
		return s.isBlockUnaffected(f.Block) && s.isDefinitionUnaffected(f.Result)
	case config.RefTask:
		return s.isTaskUnaffected(s.file.TaskByName[ref.TaskName()])
	}
	return true
}

// isBlockUnaffected reports whether a block has no errors and no unknown names.
func (s *errorScope) isBlockUnaffected(n *config.Block) bool {
	return !n.HasUnknownNamesInside() && s.isUnaffected(n.BlockRange)
}

func (s *errorScope) isVariableUnaffected(v *config.Variable) bool {
	return s.isBlockUnaffected(v.Block)
}

// isTaskUnaffected reports whether a task, its inherited parts and its dependencies have no errors.
func (s *errorScope) isTaskUnaffected(t *config.Task) bool {
	if t == nil {
		return false
	}
	isUnaffected, known := s.unaffectedTasks[t]
	if !known {
		s.unaffectedTasks[t] = true
		isUnaffected = s.isUnaffected(t.BlockRange) && s.areBlocksUnaffected(t) && s.areDependenciesUnaffected(t)
		s.unaffectedTasks[t] = isUnaffected
	}
	return isUnaffected
}

func (s *errorScope) areBlocksUnaffected(t *config.Task) bool {
	for _, n := range t.SingleBlocks {
		if !s.isBlockUnaffected(n) {
			return false
		}
	}
	for _, n := range t.RepeatedBlocks {
		if !s.isBlockUnaffected(n) {
			return false
		}
	}
	for _, a := range t.Attrs {
		if !s.isUnaffected(a.Expr.Range()) {
			return false
		}
	}
	for a := range t.Expressions {
		if !s.isExpressionUnaffected(a.Expression) {
			return false
		}
	}
	return true
}

func (s *errorScope) areDependenciesUnaffected(t *config.Task) bool {
	return !slices.ContainsFunc(slices.Concat(t.Dependencies(), t.Finally), func(d Dependency) bool {
		return d.Task != "" && !s.isTaskUnaffected(s.file.TaskByName[config.DeclaredName(d.Task)])
	})
}

// unaffected returns the invocations that can be evaluated with any arguments. Their arguments are unknown.
func (s *errorScope) unaffected(invocations []targetInvocation) []targetInvocation {
	var unaffected []targetInvocation
	for _, c := range invocations {
		if s.isTaskUnaffected(s.file.FindTask(config.DeclaredName(c.name))) {
			unaffected = append(unaffected, unknownInvocation(c.name))
		}
	}
	return unaffected
}

// evaluateUnaffected returns the errors of Parse with the errors in unaffected values.
func evaluateUnaffected(e *evaluation) hcl.Diagnostics {
	s, ok := newErrorScope(e.file, e.file.Diags)
	if !ok {
		return e.file.Diags
	}
	e.invocations = s.unaffected(e.invocations)
	_, diags := evaluateInvocations(e)
	diags = slices.DeleteFunc(diags, func(d *hcl.Diagnostic) bool {
		return diag.IsKind[UnmetPrecondition](d) // the files come first
	})
	return diag.Sort(slices.Concat(e.file.Diags, diags), e.file.SourceOrder)
}

// evaluateAllUnaffected evaluates all tasks that the errors of the scope leave alone, with unknown arguments.
func evaluateAllUnaffected(s *errorScope, in Inputs) (*Spec, hcl.Diagnostics) {
	e := newEvaluation(s.file, in)
	e.invocations = s.unaffected(allInvocations(s.file))
	return evaluateInvocations(e)
}
