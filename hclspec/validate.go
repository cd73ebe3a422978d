package hclspec

import (
	"errors"
	"slices"

	"github.com/hashicorp/hcl/v2"
)

// Validate evaluates what can be evaluated without a run: every task, asked for without words, and what no task reaches,
// the compose block, service blocks, and those variables and locals whose value depends on no task. Those of Parse are among the
// diagnostics. The Spec has the tasks that no error has to do with; it is nil where that cannot be told.
func (f *File) Validate(in Inputs) (*Spec, hcl.Diagnostics) {
	var targets []Target
	for _, t := range f.tasks {
		targets = append(targets, Target{Name: t.name, AnyWords: true})
	}
	s, ok := f.soundness(f.diags)
	if !ok {
		return nil, f.diags
	}
	in, mistakes := f.composeBlocks(in)
	spec, diags := f.evaluate(in, s.targets(targets))
	diags = append(diags, mistakes...)
	diags = f.Sorted(slices.Concat(f.diags, diags, f.unreached(in, s)))
	if mistakes.HasErrors() {
		return nil, diags
	}
	if spec == nil {
		if s, ok = f.soundness(diags); ok {
			spec, _ = f.evaluate(in, s.targets(targets))
		}
	}
	if spec != nil {
		spec.Turns = nil // nobody asks for them one after the other
	}
	return spec, diags
}

// composeBlocks evaluates the compose blocks. The projects of those that are wrong cannot be loaded, which is not told again.
func (f *File) composeBlocks(in Inputs) (Inputs, hcl.Diagnostics) {
	var all hcl.Diagnostics
	project, included := in.Project, in.Included
	wrong := map[string]bool{}
	for _, scope := range f.Scopes() {
		_, mistakes := f.ComposeOf(in, scope)
		wrong[scope] = mistakes.HasErrors()
		all = append(all, mistakes...)
	}
	in.Project = func() (Project, error) {
		if wrong[""] {
			return nil, errTold
		}
		return project()
	}
	in.Included = func(scope string) (Project, error) {
		if wrong[scope] {
			return nil, errTold
		}
		return included(scope)
	}
	return in, all
}

// errTold is of a project whose compose block is wrong, which is told already.
var errTold = errors.New("its compose block is wrong")

// unreached evaluates what Evaluate leaves alone where no task asks for it.
func (f *File) unreached(in Inputs, s *soundness) hcl.Diagnostics {
	e := newEvaluation(f, in)
	for _, v := range f.variables() {
		if s.variable(v) && (v.defaultValue != nil || e.isGiven(v)) {
			e.variable(v, v.labelRange)
		}
	}
	for _, l := range f.locals() {
		if s.expression(l.expression) && f.standsAlone(l) {
			e.scope("", nil, Results{}).local(l)
		}
	}
	for _, t := range f.tasks {
		for _, p := range slices.Concat(t.args, t.flags) {
			if p.def != nil && s.task(t) {
				e.paramDefault(&instance{block: t, name: t.name}, p)
			}
		}
	}
	for _, n := range f.services {
		e.checkService(n.mod.home(), n.label, n.labelRange)
		if ready := n.blocks["ready"]; ready != nil {
			e.ready(n.label, ready)
		}
	}
	return e.finish()
}

// standsAlone says that a local's value depends neither on a task nor on a variable that somebody has to set.
func (f *File) standsAlone(l *local) bool {
	for use := range f.reach(l.refs) {
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
