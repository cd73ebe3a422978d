package planner

import (
	"github.com/compose-spec/compose-go/v2/types"

	"tasks/hclspec"
	"tasks/planner/observed"
)

// servicePlanner plans services, with all resources for their containers.
type servicePlanner struct {
	*scopeSteps
	images    *imagePlanner
	resources *resourcePlanner
	// planTask plans a task of any scope.
	planTask func(name string, reason Reasons) StepID
}

// planService plans all replicas of a service, and returns their names.
func (p *servicePlanner) planService(name string, reason Reasons) []string {
	if p.isExternal() {
		return planInspection(p.scopeSteps, name, reason)
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

func nextNumber(containers []*observed.Container) int {
	if len(containers) == 0 {
		return 1
	}
	return containers[len(containers)-1].Number() + 1
}

// planReplica plans the container of a replica, then the start.
func (p *servicePlanner) planReplica(
	replica string, s types.ServiceConfig, number int, existing *observed.Container, reason Reasons,
) {
	step := p.addStep(&Step{ID: p.containerID(replica)})
	start := p.addStep(&Step{ID: p.startID(replica), Verb: Start, Reason: reason})
	p.addContainerNeeds(step, s) // before the decision, which depends on the changes of the needs
	d := &decider{project: p.project, service: s, number: number, mountedImages: mountedImages(p.scopeSteps, s)}
	decision := d.decide(existing, p.knownFacts())
	step.Verb, step.Reason = decision.Verb, decision.Reason
	action := &Container{
		Replica: replica, Decide: d.decide, Name: d.containerName(), Existing: existing, PreStop: s.PreStop,
	}
	if step.Action = action; decision.Verb == Reuse && action.HasTemporaryName(existing) {
		step.addReason(ReasonTemporaryName)
	}
	step.addPreStopReason(existing, s.PreStop)
	isReused := existing != nil && decision.Verb == Reuse
	start.Action = &StartService{
		Replica: replica, IsRunning: isReused && existing.State.IsRunning(), Ports: s.Ports,
		Locate: func(path ...string) string {
			place, _ := p.project.Locations().AttributeText(s.Name, path...)
			return place
		},
	}
	switch {
	case isReused && existing.State.IsRunning():
		start.decide(Reuse, ReasonRuns)
	case isReused && existing.State.IsPaused():
		start.decide(Unpause, ReasonPaused)
	}
	start.addNeed(step.ID, "its container", false)
	p.awaitDependencies(start, s, "service "+s.Name)
}

// HasTemporaryName reports whether the container has replaced another container and still has the temporary name.
func (a *Container) HasTemporaryName(existing *observed.Container) bool {
	if existing == nil {
		return false
	}
	final, isTemporary := existing.FinalName()
	return isTemporary && final == a.Name
}

// addContainerNeeds adds the needs of the creation of a container.
func (p *servicePlanner) addContainerNeeds(step *Step, s types.ServiceConfig) {
	step.addNeed(p.images.planImage(s), "its image", false)
	for _, image := range mountedImageUsers(p.project, s, mountedImages(p.scopeSteps, s)) {
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
		for _, replica := range p.planService(ref, because(ReasonNeededBy, "service "+s.Name)) {
			step.addNeed(p.containerID(replica), "refers to its container", false)
		}
	}
}

// awaitDependencies adds waits for the depends_on of a service. The loader adds links and shared namespaces to
// depends_on (Compose specification, depends_on).
func (p *servicePlanner) awaitDependencies(step *Step, s types.ServiceConfig, dependent string) {
	for _, name := range sortedKeys(s.DependsOn) {
		d := s.DependsOn[name]
		if _, exists := p.model.Services[name]; !exists {
			continue // an optional dependency in an inactive profile
		}
		p.await(step, name, hclspec.Condition(d.Condition), !d.Required, dependent)
	}
}

// await adds the needs for a condition of a service, and returns the needed steps.
func (p *servicePlanner) await(
	step *Step, service string, c hclspec.Condition, optional bool, dependent string,
) []StepID {
	if run := p.jobRun(service); run != "" {
		id := p.planTask(run, because(ReasonNeededBy, dependent))
		step.addNeed(id, "the job runs once", optional)
		return []StepID{id}
	}
	ids := p.planCondition(service, c, because(ReasonNeededBy, dependent), dependent)
	for _, id := range ids {
		if wait, ok := p.byID[id].Action.(*WaitService); ok && !optional {
			p.requireHealthcheck(wait, service)
		}
		step.addNeed(id, string(c), optional)
	}
	return ids
}

// planCondition plans a service, and returns the last step of each replica for a condition.
func (p *servicePlanner) planCondition(service string, c hclspec.Condition, reason Reasons, dependent string) []StepID {
	if c == hclspec.Ready && p.spec.Readiness[hclspec.FileScope(p.origin.FileScope)+service].HasProbe() {
		c = hclspec.Healthy // both conditions are equal here, and share a step
	}
	var ids []StepID
	for _, replica := range p.planService(service, reason) {
		id := p.startID(replica)
		if c != hclspec.Started && c != "" {
			id = p.planWait(replica, service, c, dependent)
		}
		ids = append(ids, id)
	}
	return ids
}

// planUp plans the services of `tasks up`, and returns the last steps. A service has to complete if another service
// waits for its completion, and else to be ready.
func (p *servicePlanner) planUp(t *hclspec.Task) []StepID {
	var ids []StepID
	for _, d := range t.DependsOn {
		c := d.Condition
		if p.hasHealthcheck(p.model.Services[d.Service]) {
			c = hclspec.Healthy // both conditions are equal here, and share a step
		}
		for _, s := range p.model.Services {
			if s.DependsOn[d.Service].Condition == string(hclspec.Completed) {
				c = hclspec.Completed
			}
		}
		for _, id := range p.planCondition(d.Service, c, because(ReasonRequested), t.Name) {
			if wait, ok := p.byID[id].Action.(*WaitService); ok {
				wait.IsUp = true
			}
			ids = append(ids, id)
		}
	}
	return ids
}

// jobRun returns the task that runs a job for `job.NAME`, or an empty text. The job then runs once, as this task: other
// jobs that need the job wait for the task.
func (p *servicePlanner) jobRun(job string) string {
	if !p.project.IsJob(job) {
		return ""
	}
	for _, name := range sortedKeys(p.spec.Tasks) {
		t := p.spec.Tasks[name]
		if t.IsJobRun && t.Service == job && t.Command == nil && ScopeOf(t) == p.key {
			return name
		}
	}
	return ""
}

// skipCompleted reuses a completed service if all dependents wait for completion. A job runs in each run, as by
// Compose.
func skipCompleted(p *scopeSteps) {
	for _, s := range p.order {
		start, ok := s.Action.(*StartService)
		if !ok {
			continue
		}
		container := p.byID[p.containerID(start.Replica)]
		hasCompleted := isMet(container.Action.(*Container).Existing, hclspec.Completed)
		isJob := p.project.IsJob(ServiceOf(start.Replica))
		if hasCompleted && !isJob && container.Verb == Reuse && p.needsOnlyCompletion(start.Replica) {
			start.HasCompleted = true
			s.decide(Reuse, ReasonHasCompleted)
		}
	}
}
