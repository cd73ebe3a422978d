package planner

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"tasks/hclspec"
	"tasks/internal/composeproject"
)

func (b *builder) containerID(instance string) StepID { return b.id("container", instance) }

// startID is the step after which a container runs.
func (b *builder) startID(instance string) StepID {
	if b.external() {
		return b.containerID(instance)
	}
	return b.id("start", instance)
}

// instanceName is how steps and facts call one container of a service: the service's name, with a number from the second
// replica on.
func instanceName(service string, index int) string {
	if index == 0 {
		return service
	}
	return fmt.Sprintf("%s#%d", service, index+1)
}

// ServiceOf is the service of an instance: "db" of "db#2", which is the name of its second container in steps and facts.
func ServiceOf(instance string) string {
	service, _, _ := strings.Cut(instance, "#")
	return service
}

// service makes the steps that bring a dependency service up, all its replicas, and returns their instance names.
func (b *builder) service(name, reason string) []string {
	if b.external() {
		return b.look(name, reason)
	}
	s := b.model.Services[name]
	have := b.existing(name)
	next := nextNumber(have)
	known := b.has(b.containerID(name))
	var instances []string
	for i := range s.GetScale() {
		instance := instanceName(name, i)
		instances = append(instances, instance)
		if b.has(b.containerID(instance)) {
			continue
		}
		var old *ObservedContainer
		number := next
		if i < len(have) {
			old = have[i]
			number = containerNumber(old)
		} else {
			next++
		}
		b.instance(instance, s, number, old, reason)
	}
	if !known {
		b.startHooks(s, instances)
	}
	return instances
}

// instance makes the steps of one container of a dependency service: container, then start.
func (b *builder) instance(instance string, s types.ServiceConfig, number int, old *ObservedContainer, reason string) {
	step := b.add(&Step{ID: b.containerID(instance)})
	start := b.add(&Step{ID: b.startID(instance), Verb: Start, Reason: reason})
	b.surroundings(step, s) // first, so that what they change is known to the decision
	d := &decider{project: b.in.Project, service: s, number: number, mounted: b.mountedImages(s)}
	now := d.decide(old, b.knownFacts())
	step.Verb, step.Reason = now.Verb, now.Reason
	action := &Container{Service: instance, Decide: d.decide, Name: d.name(), Have: old, PreStop: s.PreStop}
	if step.Action = action; now.Verb == Reuse && action.Misnamed(old) {
		step.Reason += "; it gets the name of the one whose place it has taken"
	}
	step.stopsWithHooks(old, s.PreStop)
	running := old != nil && old.State == "running" && now.Verb == Reuse
	start.Action = &StartService{Service: instance, Running: running}
	switch {
	case running:
		start.Verb, start.Reason = Reuse, "it runs already"
	case old != nil && old.State == "paused" && now.Verb == Reuse:
		start.Verb, start.Reason = Unpause, "it is paused"
	}
	start.need(step.ID, "its container", false)
	b.awaitDependencies(start, s, "service "+s.Name)
}

// surroundings adds what must exist before a container of a service can be created.
func (b *builder) surroundings(step *Step, s types.ServiceConfig) {
	step.need(b.image(s), "its image", false)
	for _, image := range mountedUsers(b.in.Project, s, b.mountedImages(s)) {
		step.need(b.image(image), "an image that it mounts", false)
	}
	for _, key := range s.NetworksByPriority() {
		step.need(b.network(key), "its network", false)
	}
	for _, v := range s.Volumes {
		if _, declared := b.model.Volumes[v.Source]; declared && v.Type == types.VolumeTypeVolume {
			step.need(b.volume(v.Source), "its volume", false)
		}
	}
	for _, ref := range referencedServices(s) {
		for _, instance := range b.service(ref, "for service "+s.Name) {
			step.need(b.containerID(instance), "refers to its container", false)
		}
	}
}

// wait makes the step that waits for one container of a service to meet a condition.
func (b *builder) wait(instance, service string, c hclspec.Condition, who string) StepID {
	id := b.id("wait", instance+"/"+string(c))
	if b.has(id) {
		return id
	}
	ready := b.readiness(service, c)
	// What a probe of the tasks file would say the snapshot cannot know.
	met := b.met(b.observed(instance), c) && !ready.HasProbe()
	step := b.add(&Step{ID: id, Verb: Wait, Action: &WaitService{Service: instance, Condition: c, Ready: ready, Met: met}})
	step.Reason = fmt.Sprintf("%s, for %s", b.until(service, c, ready), who)
	if met {
		step.Verb, step.Reason = Reuse, metText(c)
	}
	step.need(b.startID(instance), "started first", false)
	return id
}

// readiness is what the tasks file says of a service, where the condition asks for it.
func (b *builder) readiness(service string, c hclspec.Condition) *hclspec.Readiness {
	if c == hclspec.Healthy || c == hclspec.Ready {
		return b.in.Spec.Readiness[b.origin.Files+service]
	}
	return nil
}

// until says what is waited for.
func (b *builder) until(service string, c hclspec.Condition, ready *hclspec.Readiness) string {
	switch {
	case !ready.HasProbe():
		return conditionText(c)
	case b.hasHealthcheck(b.model.Services[service]):
		return "until it is healthy and " + ready.Until()
	default:
		return "until " + ready.Until()
	}
}

// hasHealthcheck says whether a service has one, of its own or by its image, as far as that is here.
func (b *builder) hasHealthcheck(s types.ServiceConfig) bool {
	if h := s.HealthCheck; h != nil && (h.Disable || len(h.Test) > 0) {
		return !h.Disable && h.Test[0] != "NONE"
	}
	return b.in.Observed.Images[b.in.Project.ImageName(s)].HasHealthcheck
}

func (b *builder) met(have *ObservedContainer, c hclspec.Condition) bool {
	if have == nil {
		return false
	}
	switch c {
	case hclspec.Completed:
		return have.State == "exited" && have.ExitCode == 0
	case hclspec.Healthy:
		return have.State == "running" && have.Health == "healthy"
	default:
		return have.State == "running" && (have.Health == "healthy" || !have.HasHealthcheck)
	}
}

// skipFinished leaves a service alone that only had to complete, and has.
func (b *builder) skipFinished() {
	for _, s := range b.order {
		start, ok := s.Action.(*StartService)
		if !ok {
			continue
		}
		action := b.steps[b.containerID(start.Service)].Action.(*Container)
		if b.met(action.Have, hclspec.Completed) && b.steps[b.containerID(start.Service)].Verb == Reuse && b.onlyCompletion(start.Service) {
			start.Finished = true
			s.Verb, s.Reason = Reuse, "it has completed successfully"
		}
	}
}

// onlyCompletion says that nobody waits for anything but the completion of an instance.
func (b *builder) onlyCompletion(instance string) bool {
	completed := b.id("wait", instance+"/"+string(hclspec.Completed))
	if !b.has(completed) {
		return false
	}
	return !slices.ContainsFunc(b.order, func(s *Step) bool {
		return s.ID != completed && slices.ContainsFunc(s.Needs, func(n Need) bool { return n.Step == b.startID(instance) })
	})
}

// existing are the containers of a service in the order of their numbers.
func (b *builder) existing(service string) []*ObservedContainer {
	serving, _ := b.in.Observed.serviceContainers(service)
	return serving
}

func containerNumber(c *ObservedContainer) int {
	n, err := strconv.Atoi(c.Labels[composeproject.LabelContainerNumber])
	if err != nil {
		return 0
	}
	return n
}

func nextNumber(have []*ObservedContainer) int {
	if len(have) == 0 {
		return 1
	}
	return containerNumber(have[len(have)-1]) + 1
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
