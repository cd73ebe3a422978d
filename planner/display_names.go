package planner

import (
	"fmt"
	"strings"
)

// DisplayNames are the names of a plan without secrets. Different names stay different: a number follows names that
// masking makes equal.
type DisplayNames struct {
	ids, names, scopes distinctNames
}

// DisplayNames returns the names of the plan. mask replaces secrets.
func (p *Plan) DisplayNames(mask func(string) string) *DisplayNames {
	s := &DisplayNames{ids: newDistinctNames(mask), names: newDistinctNames(mask), scopes: newDistinctNames(mask)}
	for _, step := range p.Steps { // numbers follow the order of the plan
		s.scopes.nameOf(step.Scope)
		s.ID(step)
	}
	return s
}

// ID returns the id of a step, with the number of the step's subject.
func (s *DisplayNames) ID(step *Step) StepID {
	_, name := step.Subject()
	text := string(step.ID)
	if head, found := strings.CutSuffix(text, name); found {
		_, displayed := s.Subject(step)
		return StepID(s.ids.assign(text, head+displayed))
	}
	return StepID(s.ids.nameOf(text))
}

// NeedID returns the displayed id for the id of a step.
func (s *DisplayNames) NeedID(id StepID) StepID { return StepID(s.ids.nameOf(string(id))) }

// Subject is [Step.Subject] without secrets.
func (s *DisplayNames) Subject(step *Step) (kind, name string) {
	kind, name = step.Subject()
	return kind, s.names.nameOf(name)
}

// Scope returns the key of a scope.
func (s *DisplayNames) Scope(key string) string { return s.scopes.nameOf(key) }

// distinctNames masks texts and keeps different texts different.
type distinctNames struct {
	mask     func(string) string
	assigned map[string]string
	used     map[string]bool
}

func newDistinctNames(mask func(string) string) distinctNames {
	return distinctNames{mask: mask, assigned: map[string]string{}, used: map[string]bool{}}
}

func (d distinctNames) nameOf(text string) string { return d.assign(text, text) }

// assign returns the displayed name of a text. A new text takes its name from a template.
func (d distinctNames) assign(text, template string) string {
	if assigned, known := d.assigned[text]; known {
		return assigned
	}
	masked := d.mask(template)
	name := masked
	for n := 2; d.used[name]; n++ {
		name = fmt.Sprintf("%s#%d", masked, n)
	}
	d.assigned[text], d.used[name] = name, true
	return name
}
