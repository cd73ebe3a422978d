package planner

import (
	"fmt"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"tasks/hclspec"
	"tasks/planner/observed"
)

func (p *scopeSteps) containerID(replica string) StepID { return p.stepID("container", replica) }

// startID is the step after which a container runs.
func (p *scopeSteps) startID(replica string) StepID {
	if p.isExternal() {
		return p.containerID(replica)
	}
	return p.stepID("start", replica)
}

// replicaName is how steps and facts call one container of a service: the service's name, with a number from the second
// replica on.
func replicaName(service string, index int) string {
	if index == 0 {
		return service
	}
	return fmt.Sprintf("%s#%d", service, index+1)
}

// ServiceOf is the service of an instance: "db" of "db#2", which is the name of its second container in steps and facts.
func ServiceOf(replica string) string {
	service, _, _ := strings.Cut(replica, "#")
	return service
}

// servicePlanner plans services with all that their containers need.
type servicePlanner struct {
	*scopeSteps
	images    *imagePlanner
	resources *resourcePlanner
}

// service makes the steps that bring a dependency service up, all its replicas, and returns their instance names.
func (p *servicePlanner) planService(name, reason string) []string {
	if p.isExternal() {
		return p.planInspection(name, reason)
	}
	s := p.model.Services[name]
	containers := p.existingContainers(name)
	next := nextNumber(containers)
	isPlanned := p.hasStep(p.containerID(name))
	var replicas []string
	for i := range s.GetScale() {
		replica := replicaName(name, i)
		replicas = append(replicas, replica)
		if p.hasStep(p.containerID(replica)) {
			continue
		}
		var existing *observed.Container
		number := next
		if i < len(containers) {
			existing = containers[i]
			number = existing.Number()
		} else {
			next++
		}
		p.planReplica(replica, s, number, existing, reason)
	}
	if !isPlanned {
		p.planStartHooks(s, replicas)
	}
	return replicas
}

// planReplica makes the steps of one container of a dependency service: container, then start.
func (p *servicePlanner) planReplica(replica string, s types.ServiceConfig, number int, existing *observed.Container, reason string) {
	step := p.addStep(&Step{ID: p.containerID(replica)})
	start := p.addStep(&Step{ID: p.startID(replica), Verb: Start, Reason: reason})
	p.addContainerNeeds(step, s) // first, so that what they change is known to the decision
	d := &decider{project: p.project, service: s, number: number, mountedImages: p.mountedImages(s)}
	decision := d.decide(existing, p.knownFacts())
	step.Verb, step.Reason = decision.Verb, decision.Reason
	action := &Container{Replica: replica, Decide: d.decide, Name: d.containerName(), Existing: existing, PreStop: s.PreStop}
	if step.Action = action; decision.Verb == Reuse && action.HasTemporaryName(existing) {
		step.Reason += "; it gets the name of the one whose place it has taken"
	}
	step.addPreStopReason(existing, s.PreStop)
	running := existing != nil && existing.State.IsRunning() && decision.Verb == Reuse
	start.Action = &StartService{Replica: replica, IsRunning: running}
	switch {
	case running:
		start.Verb, start.Reason = Reuse, "it runs already"
	case existing != nil && existing.State.IsPaused() && decision.Verb == Reuse:
		start.Verb, start.Reason = Unpause, "it is paused"
	}
	start.addNeed(step.ID, "its container", false)
	p.awaitDependencies(start, s, "service "+s.Name)
}

// addContainerNeeds adds what must exist before a container of a service can be created.
func (p *servicePlanner) addContainerNeeds(step *Step, s types.ServiceConfig) {
	step.addNeed(p.images.planImage(s), "its image", false)
	for _, image := range mountedImageUsers(p.project, s, p.mountedImages(s)) {
		step.addNeed(p.images.planImage(image), "an image that it mounts", false)
	}
	for _, key := range s.NetworksByPriority() {
		step.addNeed(p.resources.planNetwork(key), "its network", false)
	}
	for _, v := range s.Volumes {
		if _, declared := p.model.Volumes[v.Source]; declared && v.Type == types.VolumeTypeVolume {
			step.addNeed(p.resources.planVolume(v.Source), "its volume", false)
		}
	}
	for _, ref := range referencedServices(s) {
		for _, replica := range p.planService(ref, "for service "+s.Name) {
			step.addNeed(p.containerID(replica), "refers to its container", false)
		}
	}
}

// planWait makes the step that waits for one container of a service to meet a condition.
func (p *servicePlanner) planWait(replica, service string, c hclspec.Condition, dependent string) StepID {
	id := p.stepID("wait", replica+"/"+string(c))
	if p.hasStep(id) {
		return id
	}
	ready := p.readiness(service, c)
	// What a probe of the tasks file would say the snapshot cannot know.
	met := isMet(p.existingOf(replica), c) && !ready.HasProbe()
	step := p.addStep(&Step{ID: id, Verb: Wait, Action: &WaitService{Replica: replica, Condition: c, Readiness: ready, IsMet: met}})
	step.Reason = fmt.Sprintf("%s, for %s", p.waitReason(service, c, ready), dependent)
	if met {
		step.Verb, step.Reason = Reuse, metText(c)
	}
	step.addNeed(p.startID(replica), "started first", false)
	return id
}

// readiness is what the tasks file says of a service, where the condition asks for it.
func (p *servicePlanner) readiness(service string, c hclspec.Condition) *hclspec.Readiness {
	if c == hclspec.Healthy || c == hclspec.Ready {
		return p.spec.Readiness[p.origin.FileScope+service]
	}
	return nil
}

// waitReason says what is waited for.
func (p *servicePlanner) waitReason(service string, c hclspec.Condition, ready *hclspec.Readiness) string {
	switch {
	case !ready.HasProbe():
		return conditionText(c)
	case p.hasHealthcheck(p.model.Services[service]):
		return "until it is healthy and " + ready.ConditionText()
	default:
		return "until " + ready.ConditionText()
	}
}

// hasHealthcheck says whether a service has one, of its own or by its image, as far as that is here.
func (p *servicePlanner) hasHealthcheck(s types.ServiceConfig) bool {
	if h := s.HealthCheck; h != nil && (h.Disable || len(h.Test) > 0) {
		return !h.Disable && h.Test[0] != "NONE"
	}
	return p.snapshot.Images[p.project.ImageName(s)].HasHealthcheck
}

func isMet(existing *observed.Container, c hclspec.Condition) bool {
	if existing == nil {
		return false
	}
	switch c {
	case hclspec.Completed:
		return existing.State.HasExited() && existing.ExitCode == 0
	case hclspec.Healthy:
		return existing.State.IsRunning() && existing.Health == "healthy"
	default:
		return existing.State.IsRunning() && (existing.Health == "healthy" || !existing.HasHealthcheck)
	}
}

// skipCompleted leaves a service alone that only had to complete, and has.
func skipCompleted(p *scopeSteps) {
	for _, s := range p.order {
		start, ok := s.Action.(*StartService)
		if !ok {
			continue
		}
		action := p.byID[p.containerID(start.Replica)].Action.(*Container)
		if isMet(action.Existing, hclspec.Completed) && p.byID[p.containerID(start.Replica)].Verb == Reuse && p.needsOnlyCompletion(start.Replica) {
			start.HasCompleted = true
			s.Verb, s.Reason = Reuse, "it has completed successfully"
		}
	}
}

// needsOnlyCompletion says that nobody waits for anything but the completion of an instance.
func (p *scopeSteps) needsOnlyCompletion(replica string) bool {
	completed := p.stepID("wait", replica+"/"+string(hclspec.Completed))
	if !p.hasStep(completed) {
		return false
	}
	return !slices.ContainsFunc(p.order, func(s *Step) bool {
		return s.ID != completed && slices.ContainsFunc(s.Needs, func(n Need) bool { return n.Step == p.startID(replica) })
	})
}

// existingContainers are the containers of a service in the order of their numbers.
func (p *scopeSteps) existingContainers(service string) []*observed.Container {
	return p.snapshot.ServiceContainers(service)
}

// HasTemporaryName reports whether the container has replaced another container and still has the temporary name.
func (a *Container) HasTemporaryName(existing *observed.Container) bool {
	if existing == nil {
		return false
	}
	final, isTemporary := existing.FinalName()
	return isTemporary && final == a.Name
}

func nextNumber(containers []*observed.Container) int {
	if len(containers) == 0 {
		return 1
	}
	return containers[len(containers)-1].Number() + 1
}

func conditionText(c hclspec.Condition) string {
	switch c {
	case hclspec.Completed:
		return "until it has completed successfully"
	case hclspec.Healthy:
		return "until it is healthy"
	default:
		return "until it is ready"
	}
}

func metText(c hclspec.Condition) string {
	switch c {
	case hclspec.Completed:
		return "it has completed successfully"
	case hclspec.Healthy:
		return "it is healthy already"
	default:
		return "it is ready already"
	}
}
