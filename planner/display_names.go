package planner

import (
	"fmt"
	"strings"
)

// DisplayNames are the names in a plan as everybody may see them: what is secret is masked, and what is another one stays another
// one, by a number behind it where masking makes two the same.
type DisplayNames struct {
	ids, names, scopes distinctNames
}

// DisplayNames gives the names of the plan's steps. mask replaces what nobody may see.
func (p *Plan) DisplayNames(mask func(string) string) *DisplayNames {
	s := &DisplayNames{ids: newDistinctNames(mask), names: newDistinctNames(mask), scopes: newDistinctNames(mask)}
	for _, step := range p.Steps { // the numbers are in the order of the plan
		s.scopes.nameOf(step.Scope)
		s.ID(step)
	}
	return s
}

// ID is that of a step. It bears the number of what the step acts on.
func (s *DisplayNames) ID(step *Step) StepID {
	_, name := step.Subject()
	text := string(step.ID)
	if head, found := strings.CutSuffix(text, name); found {
		_, displayed := s.Subject(step)
		return StepID(s.ids.assign(text, head+displayed))
	}
	return StepID(s.ids.nameOf(text))
}

// NeedID is the ID of a step of the plan that is known by its own alone.
func (s *DisplayNames) NeedID(id StepID) StepID { return StepID(s.ids.nameOf(string(id))) }

// What is [Step.What].
func (s *DisplayNames) Subject(step *Step) (kind, name string) {
	kind, name = step.Subject()
	return kind, s.names.nameOf(name)
}

// Scope is the key of a scope.
func (s *DisplayNames) Scope(key string) string { return s.scopes.nameOf(key) }

// distinctNames masks texts, and gives no two of them the same.
type distinctNames struct {
	mask     func(string) string
	assigned map[string]string
	used     map[string]bool
}

func newDistinctNames(mask func(string) string) distinctNames {
	return distinctNames{mask: mask, assigned: map[string]string{}, used: map[string]bool{}}
}

func (d distinctNames) nameOf(text string) string { return d.assign(text, text) }

// assign shows a text like another one, unless it has been shown before.
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
