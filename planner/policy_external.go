package planner

import (
	"fmt"

	"tasks/planner/observed"
)

// InspectService looks at a service that has to run already: under dependency_policy = "external" nothing is started.
type InspectService struct {
	Replica string
	// Name is the container's name, by which it is looked at anew.
	Name string
	// MayHaveEnded says that it may have ended: it only has to complete.
	MayHaveEnded bool
	// Said is how a message tells of the policy: as it is written, and where.
	PolicyText string
	// Have is the container that the snapshot showed, or nil.
	Existing *observed.Container
}

func (*InspectService) action() {}

// planInspection makes the steps that look at a service: at its containers that run, and at one of them where none does.
func (p *servicePlanner) planInspection(name, reason string) []string {
	containers := p.existingContainers(name)
	var replicas []string
	for _, c := range containers {
		if c.State.IsRunning() {
			replicas = append(replicas, p.planReplicaInspection(replicaName(name, len(replicas)), c, reason))
		}
	}
	switch {
	case len(replicas) > 0:
		return replicas
	case len(containers) > 0:
		return []string{p.planReplicaInspection(name, containers[0], reason)}
	}
	return []string{p.planReplicaInspection(name, nil, reason)}
}

func (p *servicePlanner) planReplicaInspection(replica string, existing *observed.Container, reason string) string {
	id := p.containerID(replica)
	if p.hasStep(id) {
		return replica
	}
	name := p.project.ContainerName(p.model.Services[ServiceOf(replica)], 1)
	if existing != nil {
		name = existing.Name
	}
	action := &InspectService{Replica: replica, Existing: existing, PolicyText: p.origin.policyText(), Name: name}
	p.addStep(&Step{ID: id, Verb: Inspect, Action: action, Reason: reason + "; it has to run already: " + action.PolicyText})
	return replica
}

// annotateMissing tells of the services that are looked at what is known by now: one that only has to complete need not run, and of
// another one that does not the plan says what will come of it.
func annotateMissing(p *scopeSteps) {
	for _, s := range p.order {
		a, ok := s.Action.(*InspectService)
		if !ok {
			continue
		}
		switch a.MayHaveEnded = p.needsOnlyCompletion(a.Replica); {
		case foreignHolder(p, s) != nil: // the conflict of names is told already
		case a.Existing == nil:
			s.Reason += ", but it does not exist: the run will fail"
		case !a.Existing.State.IsRunning() && !a.MayHaveEnded:
			s.Reason += ", but it does not: the run will fail"
		}
		inspectBeforeResources(p, s.ID)
	}
}

// inspectBeforeResources has a service asked for before a network or volume that does not exist: where it is started, they are made.
func inspectBeforeResources(p *scopeSteps, inspection StepID) {
	for _, s := range p.order {
		if s.isMissing() {
			s.addNeed(inspection, "started, it would bring it along", false)
		}
	}
}

func (s *Step) isMissing() bool {
	switch a := s.Action.(type) {
	case *Network:
		return a.MissingError != ""
	case *Volume:
		return a.MissingError != ""
	}
	return false
}

// useExistingNetwork has a network used as it is, where its project is only looked at.
func (p *resourcePlanner) useExistingNetwork(step *Step, a *Network) {
	switch {
	case !p.isExternal() || a.External:
	case a.ExistingID == "":
		a.MissingError = p.missingError(step, fmt.Sprintf("network %s", a.Name), "let Compose make it, with `docker compose up -d`")
	case a.IsChanged:
		a.IsChanged, step.Verb = false, Reuse
		step.Reason += ", but it stays as it is: " + p.origin.policyText()
	}
}

// useExistingVolume is useExistingNetwork for a volume.
func (p *resourcePlanner) useExistingVolume(step *Step, a *Volume) {
	if p.isExternal() && !a.External && !a.Exists {
		a.MissingError = p.missingError(step, fmt.Sprintf("volume %s", a.Name), fmt.Sprintf("make it with `docker volume create %s`", a.Name))
	}
}

// missingError is how a run fails for lack of something that it may not make.
func (p *resourcePlanner) missingError(step *Step, resource, remedy string) string {
	step.Verb, step.Reason = Inspect, "it has to exist already, but it does not: the run will fail ("+p.origin.policyText()+")"
	return fmt.Sprintf("%s does not exist, and %s has nothing made: %s, or choose another policy", resource, p.origin.policyText(), remedy)
}

// existingOf is the container that the snapshot showed for an instance, where it is used as it is.
func (p *scopeSteps) existingOf(replica string) *observed.Container {
	step := p.byID[p.containerID(replica)]
	switch a := step.Action.(type) {
	case *InspectService:
		return a.Existing
	case *Container:
		if step.Verb == Reuse {
			return a.Existing
		}
	}
	return nil
}
