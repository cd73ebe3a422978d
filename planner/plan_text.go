package planner

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"tasks/internal/plaintext"
	"tasks/planner/observed"
)

// String renders the plan: a line for each step, with reasons and predecessors. Control characters are spelled out.
func (p *Plan) String() string {
	var text strings.Builder
	text.WriteString(plaintext.EscapeLines(p.PrivateText()))
	for _, line := range p.StepTexts(0) {
		text.WriteString(line + "\n")
	}
	return text.String()
}

// StepTexts renders a line for each step, in columns, with reasons and predecessors. Names longer than maxName do not
// widen the column of names; 0: no limit.
func (p *Plan) StepTexts(maxName int) []string {
	rows, lines := make([][3]string, len(p.Steps)), make([]string, len(p.Steps))
	var width [3]int
	for i, s := range p.Steps {
		kind, name := s.Subject()
		rows[i] = [3]string{string(s.Verb), kind, plaintext.Escape(name)}
		for c, cell := range rows[i] {
			if n := utf8.RuneCountInString(cell); c < len(width)-1 || maxName == 0 || n <= maxName {
				width[c] = max(width[c], n)
			}
		}
	}
	steps := p.stepsByID()
	for i, s := range p.Steps {
		for c, cell := range rows[i] {
			lines[i] += fmt.Sprintf("%-*s  ", width[c], cell)
		}
		lines[i] += s.Reason.String()
		if annotations := s.annotations(steps); annotations != "" {
			lines[i] += " (" + annotations + ")"
		}
		lines[i] = plaintext.Escape(strings.TrimRight(lines[i], " "))
	}
	return lines
}

// annotations renders the predecessors of a step and the deferred values of its command.
func (s *Step) annotations(steps map[StepID]*Step) string {
	var annotations []string
	if predecessors := s.predecessorNames(steps); predecessors != "" {
		annotations = append(annotations, "after "+predecessors)
	}
	for _, u := range s.Unknown() {
		annotations = append(annotations, u.Name+" waits for <"+strings.Join(u.WaitsFor, ">, <")+">")
	}
	return strings.Join(annotations, "; ")
}

// predecessorNames names the tasks and services with a wait before a step. Obvious needs are left out.
func (s *Step) predecessorNames(steps map[StepID]*Step) string {
	var names []string
	for _, need := range s.Needs {
		other := steps[need.Step]
		if need.EndOnly || other == nil || other.Verb == Reuse {
			continue // the reasons name the task before a finally task
		}
		kind, name := other.Subject()
		ordersImages := kind == kindImage && isImage(s)
		if kind == kindTask || other.Verb == Wait || kind == kindService && other.Verb == Start && IsTask(s) || ordersImages {
			names = append(names, kind+" "+name)
		}
	}
	return strings.Join(observed.Unique(names), ", ")
}

func isImage(s *Step) bool {
	_, ok := s.Action.(*Image)
	return ok
}

func (p *Plan) stepsByID() map[StepID]*Step {
	steps := make(map[StepID]*Step, len(p.Steps))
	for _, s := range p.Steps {
		steps[s.ID] = s
	}
	return steps
}
