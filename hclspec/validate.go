package hclspec

import (
	"slices"

	"github.com/hashicorp/hcl/v2"

	"tasks/hclspec/internal/config"
)

// Validate evaluates all parts that need no run: all tasks without words, the compose block, service blocks, and the
// variables and locals that need no task. The diagnostics include the diagnostics of Parse. The Spec has the tasks
// without errors. The Spec is nil if these tasks are unknown.
func (f *File) Validate(in Inputs) (*Spec, hcl.Diagnostics) {
	s, ok := newErrorScope(f.config, f.config.Diags)
	if !ok {
		return nil, f.config.Diags
	}
	in, blockDiags := f.checkComposeBlocks(in)
	spec, diags := evaluateAllUnaffected(s, in)
	diags = slices.DeleteFunc(append(diags, checkUnreached(f.config, in, s, spec)...), isComposeBlockFailure)
	diags = f.SortDiagnostics(slices.Concat(f.config.Diags, diags, blockDiags))
	if blockDiags.HasErrors() {
		return nil, diags
	}
	if spec == nil {
		if s, ok = newErrorScope(f.config, diags); ok {
			spec, _ = evaluateAllUnaffected(s, in)
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
func checkUnreached(f *config.File, in Inputs, s *errorScope, spec *Spec) hcl.Diagnostics {
	e := newEvaluation(f, in)
	for _, v := range f.Variables() {
		if s.isVariableUnaffected(v) && (v.DefaultValue != nil || hasExternalValue(e, v)) {
			e.variable(v, v.LabelRange)
		}
	}
	outside := e.scope("", nil, RunResults{})
	for _, l := range f.TaskIndependentLocals() {
		if s.isDefinitionUnaffected(&l.Expression) {
			outside.local(l)
		}
	}
	for _, t := range f.Tasks {
		for _, p := range slices.Concat(t.Args, t.Flags) {
			if p.DefaultAttr != nil && s.isTaskUnaffected(t) {
				paramDefault(e, &taskRun{block: t, name: t.Name}, p)
			}
		}
	}
	var tasks map[string]*Task
	if spec != nil {
		tasks = spec.Tasks
	}
	for _, n := range f.EngineBlocks {
		evaluateEngine(e, n)
	}
	reached := scopesWithServices(tasks)
	for _, n := range f.ServiceBlocks {
		scope := n.Module.ComposeScope()
		e.projects.checkServiceIn(append([]string{scope}, reached[scope]...), n.Label, n.LabelRange)
		if ready := n.SingleBlocks["ready"]; ready != nil {
			evaluateReady(e, n.Label, ready)
		}
	}
	return e.finalDiagnostics()
}
