package planner

import (
	"fmt"

	"tasks/planner/observed"
)

// InspectService inspects a service under dependency_policy = "external": the service must already run.
type InspectService struct {
	Replica string
	// Name is the container name, for the executor's look.
	Name string
	// MayHaveEnded reports whether all dependents wait for completion.
	MayHaveEnded bool
	// PolicyText is the policy as written, with its place.
	PolicyText string
	// Existing is the container of the snapshot, or nil.
	Existing *observed.Container
}

// planInspection plans the inspection of a service: of all running containers, or of one other container.
func planInspection(p *scopeSteps, name string, reason Reasons) []string {
	containers := p.existingContainers(name)
	var replicas []string
	for _, c := range containers {
		if c.State.IsRunning() {
			replicas = append(replicas, planReplicaInspection(p, replicaName(name, len(replicas)), c, reason))
		}
	}
	switch {
	case len(replicas) > 0:
		return replicas
	case len(containers) > 0:
		return []string{planReplicaInspection(p, name, containers[0], reason)}
	}
	return []string{planReplicaInspection(p, name, nil, reason)}
}

func planReplicaInspection(p *scopeSteps, replica string, existing *observed.Container, reason Reasons) string {
	id := p.containerID(replica)
	if p.hasStep(id) {
		return replica
	}
	name := p.project.ContainerName(p.model.Services[ServiceOf(replica)], 1)
	if existing != nil {
		name = existing.Name
	}
	action := &InspectService{Replica: replica, Existing: existing, PolicyText: p.origin.policyText(), Name: name}
	p.addStep(&Step{ID: id, Verb: Inspect, Action: action, Reason: reason.and(ReasonMustRun, action.PolicyText)})
	return replica
}

// annotateMissing adds to inspections that will fail. A service for completion alone need not run.
func annotateMissing(p *scopeSteps) {
	for _, s := range p.order {
		a, ok := s.Action.(*InspectService)
		if !ok {
			continue
		}
		switch a.MayHaveEnded = p.needsOnlyCompletion(a.Replica); {
		case foreignHolder(p, s) != nil: // the reasons already name the conflict
		case a.Existing == nil:
			s.addReason(ReasonMissingService)
		case !a.Existing.State.IsRunning() && !a.MayHaveEnded:
			s.addReason(ReasonStoppedService)
		}
		inspectBeforeResources(p, s.ID)
	}
}

// inspectBeforeResources orders the inspection of a service before missing networks and volumes: the missing service
// is the more useful error, because its start creates them.
func inspectBeforeResources(p *scopeSteps, inspection StepID) {
	for _, s := range p.order {
		if s.isMissing() {
			s.addNeed(inspection, "started, it would bring it along", false)
		}
	}
}

// isMissing reports whether the step fails for lack of a network or volume.
func (s *Step) isMissing() bool {
	switch a := s.Action.(type) {
	case *Network:
		return a.MissingError != ""
	case *Volume:
		return a.MissingError != ""
	}
	return false
}

// useExistingNetwork prevents changes of a network in an external scope.
func (p *resourcePlanner) useExistingNetwork(step *Step, a *Network) {
	switch {
	case !p.isExternal() || a.External:
	case a.ExistingID == "":
		a.MissingError = p.missingError(step, "network "+a.Name, "let Compose make it, with `docker compose up -d`")
	case a.IsChanged:
		a.IsChanged, step.Verb = false, Reuse
		step.addReason(ReasonKeptByPolicy, p.origin.policyText())
	}
}

// useExistingVolume prevents the creation of a volume in an external scope.
func (p *resourcePlanner) useExistingVolume(step *Step, a *Volume) {
	if p.isExternal() && !a.External && !a.Exists {
		a.MissingError = p.missingError(step, "volume "+a.Name, fmt.Sprintf("make it with `docker volume create %s`", a.Name))
	}
}

// missingError returns the error text for a missing resource that the policy never creates.
func (p *resourcePlanner) missingError(step *Step, resource, remedy string) string {
	step.decide(Inspect, ReasonNeverCreated, p.origin.policyText())
	return fmt.Sprintf("%s does not exist, and %s never creates it: %s, or choose another policy",
		resource, p.origin.policyText(), remedy)
}
