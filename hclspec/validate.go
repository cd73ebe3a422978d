package hclspec

import (
	"slices"

	"github.com/hashicorp/hcl/v2"
)

// Validate evaluates what can be evaluated without a run: every task, asked for without words, and what no task reaches,
// the compose block, service blocks, and those variables and locals whose value depends on no task. Those of Parse are among the
// diagnostics. The Spec has the tasks that no error has to do with; it is nil where that cannot be told.
func (f *File) Validate(in Inputs) (*Spec, hcl.Diagnostics) {
	var targets []Target
	for _, t := range f.tasks {
		targets = append(targets, Target{Name: t.name, HasUnknownArgs: true})
	}
	s, ok := f.errorScope(f.diags)
	if !ok {
		return nil, f.diags
	}
	in, blockDiags := f.checkComposeBlocks(in)
	spec, diags := f.evaluate(in, s.unaffectedTargets(targets))
	diags = slices.DeleteFunc(append(diags, f.checkUnreached(in, s)...), isComposeBlockFailure)
	diags = f.SortDiagnostics(slices.Concat(f.diags, diags, blockDiags))
	if blockDiags.HasErrors() {
		return nil, diags
	}
	if spec == nil {
		if s, ok = f.errorScope(diags); ok {
			spec, _ = f.evaluate(in, s.unaffectedTargets(targets))
		}
	}
	if spec != nil {
		spec.Sequence = nil // nobody asks for them one after the other
	}
	return spec, diags
}

// checkComposeBlocks evaluates the compose blocks of all scopes. In the returned inputs, the diagnostics of a wrong compose
// block are the error of the project.
func (f *File) checkComposeBlocks(in Inputs) (Inputs, hcl.Diagnostics) {
	var all hcl.Diagnostics
	project, included := in.Project, in.IncludedProject
	wrongBlocks := map[string]hcl.Diagnostics{}
	for _, scope := range f.Scopes() {
		_, diags := f.ComposeForScope(in, scope)
		if diags.HasErrors() {
			wrongBlocks[scope] = diags
		}
		all = append(all, diags...)
	}
	in.Project = func() (Project, error) {
		if diags := wrongBlocks[""]; diags != nil {
			return nil, diags
		}
		return project()
	}
	in.IncludedProject = func(scope string) (Project, error) {
		if diags := wrongBlocks[scope]; diags != nil {
			return nil, diags
		}
		return included(scope)
	}
	return in, all
}

// isComposeBlockFailure reports whether a diagnostic repeats the diagnostics of a wrong compose block.
func isComposeBlockFailure(d *hcl.Diagnostic) bool {
	failure, _ := hcl.DiagnosticExtra[ProjectError](d)
	_, isBlock := failure.Err.(hcl.Diagnostics)
	return isBlock
}

// checkUnreached evaluates what Evaluate leaves alone where no task asks for it.
func (f *File) checkUnreached(in Inputs, s *errorScope) hcl.Diagnostics {
	e := newEvaluation(f, in)
	for _, v := range f.variables() {
		if s.isVariableUnaffected(v) && (v.defaultValue != nil || e.hasExternalValue(v)) {
			e.variable(v, v.labelRange)
		}
	}
	for _, l := range f.locals() {
		if s.isExpressionUnaffected(l.expression) && f.isTaskIndependent(l) {
			e.scope("", nil, RunResults{}).local(l)
		}
	}
	for _, t := range f.tasks {
		for _, p := range slices.Concat(t.args, t.flags) {
			if p.defaultAttr != nil && s.isTaskUnaffected(t) {
				e.paramDefault(&taskRun{block: t, name: t.name}, p)
			}
		}
	}
	for _, n := range f.serviceBlocks {
		e.checkServiceExists(n.mod.composeScope(), n.label, n.labelRange)
		if ready := n.singleBlocks["ready"]; ready != nil {
			e.evaluateReady(n.label, ready)
		}
	}
	return e.finalDiagnostics()
}

// isTaskIndependent says that a local's value depends neither on a task nor on a variable that somebody has to set.
func (f *File) isTaskIndependent(l *local) bool {
	for use := range f.reachableReferences(l.refs) {
		switch use.ref.kind {
		case refLocal, refPath, refPlatform, refProject:
		case refVar:
			if use.ref.mod.variableByName[use.ref.name].defaultValue == nil {
				return false
			}
		default:
			return false
		}
	}
	return true
}
