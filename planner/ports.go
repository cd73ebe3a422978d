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

// portPlanner plans the inspection of host ports.
type portPlanner struct {
	*scopeSteps
	services *servicePlanner
}

// needHostPorts lets a step wait for the host ports that its task uses as values.
func (p *portPlanner) needHostPorts(step *Step, t *hclspec.Task) {
	for _, port := range t.HostPorts {
		step.addNeed(p.planHostPort(port, t), "its host port is used", false)
	}
}

// planHostPort makes the step that learns the host ports of a service. With several containers they are those of the first.
func (p *portPlanner) planHostPort(port hclspec.HostPort, t *hclspec.Task) StepID {
	id := p.planPortInspection(port.Service)
	step := p.byID[id]
	action := step.Action.(*InspectPorts)
	if at, known := slices.BinarySearch(action.Ports, port.Port); !known {
		action.Ports = slices.Insert(action.Ports, at, port.Port)
	}
	step.Reason = "which host port was given for " + strings.Join(action.Ports, ", ")
	if !t.NoDeps {
		p.services.planService(port.Service, "for task "+t.Name)
	}
	return id
}

// planPortInspection is that step, which asks for none yet.
func (p *portPlanner) planPortInspection(service string) StepID {
	id := p.stepID("ports", service)
	if !p.hasStep(id) {
		action := &InspectPorts{Service: service}
		if containers := p.existingContainers(service); len(containers) > 0 {
			action.Existing = containers[0]
		}
		p.addStep(&Step{ID: id, Verb: Inspect, Action: action, Reason: "which host ports were given"})
	}
	return id
}

// inspectPortsAfterStart keeps a look at a service until the run has started it, where it does.
func inspectPortsAfterStart(p *scopeSteps) {
	for _, s := range p.order {
		if inspection, ok := s.Action.(*InspectPorts); ok && p.hasStep(p.startID(inspection.Service)) {
			s.addNeed(p.startID(inspection.Service), "started first", false)
		}
	}
}
