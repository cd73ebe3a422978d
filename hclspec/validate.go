package hclspec

import (
	"errors"
	"slices"

	"github.com/hashicorp/hcl/v2"

	"tasks/hclspec/internal/config"
)

// errReported is the error of a project with a wrong compose block. The mistake has been reported.
var errReported = errors.New("its compose block is wrong")

// Validate evaluates all parts that need no run: all tasks without words, the compose block, service blocks, and
// the variables and locals that need no task. The diagnostics include the diagnostics of Parse. The Spec has the
// tasks without errors; it is nil if these are unknown.
func (f *File) Validate(in Inputs) (*Spec, hcl.Diagnostics) {
	var targets []Target
	for _, t := range f.config.Tasks {
		targets = append(targets, Target{Name: t.Name, HasUnknownArgs: true})
	}
	s, ok := newErrorScope(f.config, f.config.Diags)
	if !ok {
		return nil, f.config.Diags
	}
	in, mistakes := f.checkComposeBlocks(in)
	spec, diags := evaluateTargets(f.config, in, s.unaffectedTargets(targets))
	diags = append(diags, mistakes...)
	diags = f.SortDiagnostics(slices.Concat(f.config.Diags, diags, checkUnreached(f.config, in, s)))
	if mistakes.HasErrors() {
		return nil, diags
	}
	if spec == nil {
		if s, ok = newErrorScope(f.config, diags); ok {
			spec, _ = evaluateTargets(f.config, in, s.unaffectedTargets(targets))
		}
	}
	if spec != nil {
		spec.Sequence = nil // the tasks are not targets in a sequence
	}
	return spec, diags
}

// checkComposeBlocks evaluates the compose blocks. A project with a wrong block cannot be loaded, and the second
// error is not reported.
func (f *File) checkComposeBlocks(in Inputs) (Inputs, hcl.Diagnostics) {
	var all hcl.Diagnostics
	project, included := in.Project, in.IncludedProject
	isWrong := map[string]bool{}
	for _, scope := range f.Scopes() {
		_, mistakes := f.ComposeForScope(in, scope)
		isWrong[scope] = mistakes.HasErrors()
		all = append(all, mistakes...)
	}
	in.Project = func() (Project, error) {
		if isWrong[""] {
			return nil, errReported
		}
		return project()
	}
	in.IncludedProject = func(scope string) (Project, error) {
		if isWrong[scope] {
			return nil, errReported
		}
		return included(scope)
	}
	return in, all
}

// checkUnreached evaluates the declarations that no task uses.
func checkUnreached(f *config.File, in Inputs, s *errorScope) hcl.Diagnostics {
	e := newEvaluation(f, in)
	for _, v := range f.Variables() {
		if s.isVariableUnaffected(v) && (v.DefaultValue != nil || hasExternalValue(e, v)) {
			e.variable(v, v.LabelRange)
		}
	}
	for _, l := range f.Locals() {
		if s.isExpressionUnaffected(l.Expression) && f.IsTaskIndependent(l) {
			e.scope("", nil, RunResults{}).local(l)
		}
	}
	for _, t := range f.Tasks {
		for _, p := range slices.Concat(t.Args, t.Flags) {
			if p.DefaultAttr != nil && s.isTaskUnaffected(t) {
				paramDefault(e, &taskRun{block: t, name: t.Name}, p)
			}
		}
	}
	for _, n := range f.ServiceBlocks {
		e.projects.checkService(n.Module.ComposeScope(), n.Label, n.LabelRange)
		if ready := n.SingleBlocks["ready"]; ready != nil {
			evaluateReady(e, n.Label, ready)
		}
	}
	return e.finalDiagnostics()
}
