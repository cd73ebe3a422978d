package planner

import (
	"fmt"
	"strings"

	"tasks/hclspec"
)

// What names the thing that a step acts on: its kind in the field's words, and its name.
func (s *Step) Subject() (kind, name string) {
	switch a := s.Action.(type) {
	case *Network:
		return "network", a.Name
	case *Volume:
		return "volume", a.Name
	case *Image:
		return "image", a.Ref
	case *Container:
		return "service", ScopedName(s.Scope, a.Replica)
	case *StartService:
		return "service", ScopedName(s.Scope, a.Replica)
	case *WaitService:
		return "service", ScopedName(s.Scope, a.Replica)
	case *InspectService:
		return "service", ScopedName(s.Scope, a.Replica)
	case *InspectPorts:
		return "service", ScopedName(s.Scope, a.Service)
	case *StopService:
		return "service", ScopedName(s.Scope, a.Replica)
	case *CreateOneOff:
		return "one-off", a.Task.Name
	case *RunOneOff:
		if a.Task.IsOnce {
			return "one-off", a.Task.Name
		}
		return "task", a.Task.Name
	case *RunHost:
		return "task", a.Task.Name
	case *RunExec:
		return "task", a.Task.Name
	case *JoinGroup:
		return "task", a.Task.Name
	case *RemoveContainer:
		return "container", a.Container.Name
	case *RemoveNetwork:
		return "network", a.Network.Name
	case *RemoveVolume:
		return "volume", a.Volume.Name
	}
	panic(fmt.Sprintf("planner: no name for %T", s.Action))
}

// String is the plan as text: a line for each step, in order, with its reason and what it comes after.
func (p *Plan) String() string {
	rows := make([][3]string, len(p.Steps))
	var width [3]int
	for i, s := range p.Steps {
		kind, name := s.Subject()
		rows[i] = [3]string{string(s.Verb), kind, name}
		for c, cell := range rows[i] {
			width[c] = max(width[c], len(cell))
		}
	}
	var text strings.Builder
	text.WriteString(p.privateText())
	steps := p.stepsByID()
	for i, s := range p.Steps {
		line := fmt.Sprintf("%-*s  %-*s  %-*s  %s", width[0], rows[i][0], width[1], rows[i][1], width[2], rows[i][2], s.Reason)
		if annotations := s.annotations(steps); annotations != "" {
			line += " (" + annotations + ")"
		}
		text.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	return text.String()
}

// annotations are what a step comes after, and what of a command is not known yet.
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

// Unknown are the attributes of the command that a step runs whose values only the run will know.
func (s *Step) Unknown() []hclspec.DeferredAttribute {
	if !RunsCommand(s) {
		return nil
	}
	return TaskOf(s).DeferredAttributes
}

// predecessorNames names the tasks and waited-for services that a step comes after; what it obviously needs is left out.
func (s *Step) predecessorNames(steps map[StepID]*Step) string {
	var names []string
	for _, need := range s.Needs {
		other := steps[need.Step]
		if need.EndOnly || other == nil || other.Verb == Reuse {
			continue // of an end the reason tells
		}
		kind, name := other.Subject()
		if kind == "task" || other.Verb == Wait || kind == "service" && other.Verb == Start && strings.HasPrefix(string(s.ID), "task/") {
			names = append(names, kind+" "+name)
		}
	}
	return strings.Join(unique(names), ", ")
}

func (p *Plan) stepsByID() map[StepID]*Step {
	steps := make(map[StepID]*Step, len(p.Steps))
	for _, s := range p.Steps {
		steps[s.ID] = s
	}
	return steps
}
