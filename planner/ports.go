package planner

import (
	"slices"
	"strings"

	"tasks/hclspec"
	"tasks/planner/observed"
)

// InspectPorts reads the host ports of a service container. The engine chooses the ports that the compose file leaves
// open.
type InspectPorts struct {
	Service string
	// Ports are the container ports in the values of tasks, sorted: "5432/tcp". Empty: only variables need the ports.
	Ports []string
	// Existing is the container of the snapshot, for tasks with no_deps. Nil: no container.
	Existing *observed.Container
}

// portPlanner plans the inspection of host ports in one scope.
type portPlanner struct {
	*scopeSteps
	services *servicePlanner
}

// needHostPorts adds needs of the host ports in the values of a task.
func (p *portPlanner) needHostPorts(step *Step, t *hclspec.Task) {
	for _, port := range t.HostPorts {
		step.addNeed(p.planHostPort(port, t), "its host port is used", false)
	}
}

// planHostPort plans the inspection of a host port. Of several replicas the first replica counts.
func (p *portPlanner) planHostPort(port hclspec.HostPort, t *hclspec.Task) StepID {
	id := p.planPortInspection(port.Service)
	step := p.byID[id]
	action := step.Action.(*InspectPorts)
	if at, known := slices.BinarySearch(action.Ports, port.Port); !known {
		action.Ports = slices.Insert(action.Ports, at, port.Port)
	}
	step.Reason = because(ReasonHostPort, strings.Join(action.Ports, ", "))
	if !t.NoDeps {
		p.services.planService(port.Service, because(ReasonNeededBy, "task "+t.Name))
	}
	return id
}

// planPortInspection plans the inspection without a requested port.
func (p *portPlanner) planPortInspection(service string) StepID {
	id := p.stepID("ports", service)
	if !p.hasStep(id) {
		action := &InspectPorts{Service: service}
		if containers := p.existingContainers(service); len(containers) > 0 {
			action.Existing = containers[0]
		}
		p.addStep(&Step{ID: id, Verb: Inspect, Action: action, Reason: because(ReasonHostPorts)})
	}
	return id
}

// inspectPortsAfterStart delays the inspection of ports until after the start of the service in the plan.
func inspectPortsAfterStart(p *scopeSteps) {
	for _, s := range p.order {
		if inspection, ok := s.Action.(*InspectPorts); ok && p.hasStep(p.startID(inspection.Service)) {
			s.addNeed(p.startID(inspection.Service), "started first", false)
		}
	}
}
