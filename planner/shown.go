package planner

import (
	"fmt"
	"strings"
)

// Shown are the names in a plan as everybody may see them: what is secret is masked, and what is another one stays another
// one, by a number behind it where masking makes two the same.
type Shown struct {
	ids, names, scopes distinct
}

// Shown gives the names of the plan's steps. mask replaces what nobody may see.
func (p *Plan) Shown(mask func(string) string) *Shown {
	s := &Shown{ids: newDistinct(mask), names: newDistinct(mask), scopes: newDistinct(mask)}
	for _, step := range p.Steps { // the numbers are in the order of the plan
		s.scopes.of(step.Scope)
		s.ID(step)
	}
	return s
}

// ID is that of a step. It bears the number of what the step acts on.
func (s *Shown) ID(step *Step) StepID {
	_, name := step.What()
	text := string(step.ID)
	if head, found := strings.CutSuffix(text, name); found {
		_, shown := s.What(step)
		return StepID(s.ids.as(text, head+shown))
	}
	return StepID(s.ids.of(text))
}

// Need is the ID of a step of the plan that is known by its own alone.
func (s *Shown) Need(id StepID) StepID { return StepID(s.ids.of(string(id))) }

// What is [Step.What].
func (s *Shown) What(step *Step) (kind, name string) {
	kind, name = step.What()
	return kind, s.names.of(name)
}

// Scope is the key of a scope.
func (s *Shown) Scope(key string) string { return s.scopes.of(key) }

// distinct masks texts, and gives no two of them the same.
type distinct struct {
	mask  func(string) string
	given map[string]string
	taken map[string]bool
}

func newDistinct(mask func(string) string) distinct {
	return distinct{mask: mask, given: map[string]string{}, taken: map[string]bool{}}
}

func (d distinct) of(text string) string { return d.as(text, text) }

// as shows a text like another one, unless it has been shown before.
func (d distinct) as(text, like string) string {
	if given, known := d.given[text]; known {
		return given
	}
	masked := d.mask(like)
	shown := masked
	for n := 2; d.taken[shown]; n++ {
		shown = fmt.Sprintf("%s#%d", masked, n)
	}
	d.given[text], d.taken[shown] = shown, true
	return shown
}
