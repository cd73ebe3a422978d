package planner

import (
	"slices"
	"strings"

	"tasks/hclspec"
)

// LookPorts learns which host ports the container of a service was given: the engine chooses those that the compose file
// leaves open.
type LookPorts struct {
	Service string
	// Ports are those of the container that tasks ask for, sorted: "5432/tcp". Empty: they are only told of what there is.
	Ports []string
	// Have is the container that the snapshot showed, which tasks with no_deps look at; nil: there was none.
	Have *ObservedContainer
}

func (*LookPorts) action() {}

// hostPorts lets a step wait for the host ports that its task uses as values.
func (b *builder) hostPorts(step *Step, t *hclspec.Task) {
	for _, p := range t.HostPorts {
		step.need(b.lookPorts(p, t), "its host port is used", false)
	}
}

// lookPorts makes the step that learns the host ports of a service. With several containers they are those of the first.
func (b *builder) lookPorts(p hclspec.HostPort, t *hclspec.Task) StepID {
	id := b.lookAtPorts(p.Service)
	step := b.steps[id]
	action := step.Action.(*LookPorts)
	if at, known := slices.BinarySearch(action.Ports, p.Port); !known {
		action.Ports = slices.Insert(action.Ports, at, p.Port)
	}
	step.Reason = "which host port was given for " + strings.Join(action.Ports, ", ")
	if !t.NoDeps {
		b.service(p.Service, "for task "+t.Name)
	}
	return id
}

// lookAtPorts is that step, which asks for none yet.
func (b *builder) lookAtPorts(service string) StepID {
	id := b.id("ports", service)
	if !b.has(id) {
		action := &LookPorts{Service: service}
		if have := b.existing(service); len(have) > 0 {
			action.Have = have[0]
		}
		b.add(&Step{ID: id, Verb: Look, Action: action, Reason: "which host ports were given"})
	}
	return id
}

// lookAfterStart keeps a look at a service until the run has started it, where it does.
func (b *builder) lookAfterStart() {
	for _, s := range b.order {
		if look, ok := s.Action.(*LookPorts); ok && b.has(b.startID(look.Service)) {
			s.need(b.startID(look.Service), "started first", false)
		}
	}
}
