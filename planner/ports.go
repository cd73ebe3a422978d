package planner

import (
	"slices"
	"strings"

	"tasks/hclspec"
	"tasks/planner/observed"
)

// InspectPorts learns which host ports the container of a service was given: the engine chooses those that the compose file
// leaves open.
type InspectPorts struct {
	Service string
	// Ports are those of the container that tasks ask for, sorted: "5432/tcp". Empty: they are only told of what there is.
	Ports []string
	// Have is the container that the snapshot showed, which tasks with no_deps look at; nil: there was none.
	Existing *observed.Container
}

func (*InspectPorts) action() {}

// needHostPorts lets a step wait for the host ports that its task uses as values.
func (b *builder) needHostPorts(step *Step, t *hclspec.Task) {
	for _, p := range t.HostPorts {
		step.addNeed(b.planHostPort(p, t), "its host port is used", false)
	}
}

// planHostPort makes the step that learns the host ports of a service. With several containers they are those of the first.
func (b *builder) planHostPort(p hclspec.HostPort, t *hclspec.Task) StepID {
	id := b.planPortInspection(p.Service)
	step := b.steps[id]
	action := step.Action.(*InspectPorts)
	if at, known := slices.BinarySearch(action.Ports, p.Port); !known {
		action.Ports = slices.Insert(action.Ports, at, p.Port)
	}
	step.Reason = "which host port was given for " + strings.Join(action.Ports, ", ")
	if !t.NoDeps {
		b.planService(p.Service, "for task "+t.Name)
	}
	return id
}

// planPortInspection is that step, which asks for none yet.
func (b *builder) planPortInspection(service string) StepID {
	id := b.stepID("ports", service)
	if !b.hasStep(id) {
		action := &InspectPorts{Service: service}
		if containers := b.existingContainers(service); len(containers) > 0 {
			action.Existing = containers[0]
		}
		b.addStep(&Step{ID: id, Verb: Inspect, Action: action, Reason: "which host ports were given"})
	}
	return id
}

// inspectPortsAfterStart keeps a look at a service until the run has started it, where it does.
func (b *builder) inspectPortsAfterStart() {
	for _, s := range b.order {
		if inspection, ok := s.Action.(*InspectPorts); ok && b.hasStep(b.startID(inspection.Service)) {
			s.addNeed(b.startID(inspection.Service), "started first", false)
		}
	}
}
