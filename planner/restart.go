package planner

import (
	"fmt"
	"slices"

	"github.com/compose-spec/compose-go/v2/types"
)

// StopService stops a service's container that is to be started again, before the service that it depends on with
// restart: true is replaced or started again (Compose specification, depends_on).
type StopService struct {
	Service string
	Have    *ObservedContainer
	// Because says what the stop is for, with what is known when the step runs; empty: nothing changes. Pure.
	Because func(facts Facts) string
	// PreStop are run in it before.
	PreStop []types.ServiceHook
}

func (*StopService) action() {}

func (b *builder) stopID(instance string) StepID { return b.id("stop", instance) }

// cause is a change of a service's container that its dependents are restarted for.
type cause struct {
	// step is the service's container step.
	step *Step
	// again says that the container is only started again.
	again bool
}

func (c cause) service() string { return c.step.Action.(*Container).Service }

// sure says that the change is known now. Another one hangs on an image that is still to be made.
func (c cause) sure() bool { return c.again || c.step.Verb == Recreate }

func (c cause) text() string {
	if c.again {
		return fmt.Sprintf("service %s is started again", c.service())
	}
	return fmt.Sprintf("service %s is recreated", c.service())
}

// happens decides anew with what earlier steps have found.
func (c cause) happens(facts Facts) bool {
	action := c.step.Action.(*Container)
	return c.again || action.Decide(action.Have, facts).Verb == Recreate
}

// restarts stops running services, before one that they depend on with restart: true is replaced or started again, and
// has them started after it. What is itself restarted so counts as well.
func (b *builder) restarts() {
	causes := map[string][]cause{}
	for changed := true; changed; {
		changed = false
		for _, s := range b.order {
			start, ok := s.Action.(*StartService)
			if !ok || !start.Running || b.steps[b.containerID(start.Service)].Verb != Reuse {
				continue
			}
			found := b.causesOf(start.Service, causes)
			changed = changed || len(found) != len(causes[start.Service])
			causes[start.Service] = found
		}
	}
	for _, instance := range sortedKeys(causes) {
		if len(causes[instance]) > 0 {
			b.restart(instance, causes[instance])
		}
	}
	for _, instance := range sortedKeys(causes) {
		b.stopDependentsFirst(instance)
	}
}

// stopDependentsFirst orders the stops: what is needed goes after those that need it.
func (b *builder) stopDependentsFirst(instance string) {
	for _, dependency := range b.restartingDependencies(instance) {
		if stop := b.steps[b.stopID(dependency)]; stop != nil && b.has(b.stopID(instance)) {
			stop.need(b.stopID(instance), "stopped first, as it depends on it", true)
		}
	}
}

// restartingDependencies are the instances that a service depends on with restart: true.
func (b *builder) restartingDependencies(instance string) []string {
	depends := b.model.Services[ServiceOf(instance)].DependsOn
	var all []string
	for _, name := range sortedKeys(depends) {
		for i := 0; depends[name].Restart && b.has(b.containerID(instanceName(name, i))); i++ {
			all = append(all, instanceName(name, i))
		}
	}
	return all
}

// causesOf are the changes that a service is to be restarted for, by what is known so far.
func (b *builder) causesOf(instance string, known map[string][]cause) []cause {
	all := slices.Clone(known[instance])
	add := func(more ...cause) {
		for _, c := range more {
			if !slices.ContainsFunc(all, func(other cause) bool { return other.step == c.step }) {
				all = append(all, c)
			}
		}
	}
	for _, dependency := range b.restartingDependencies(instance) {
		add(b.change(dependency)...)
		add(known[dependency]...)
	}
	return all
}

// change is what this plan does, or may do, to a container that is there.
func (b *builder) change(instance string) []cause {
	step := b.steps[b.containerID(instance)]
	have := step.Action.(*Container).Have
	started := b.steps[b.startID(instance)].Verb == Start && have != nil && have.State == "exited"
	switch {
	case step.Verb == Recreate, step.Verb == Reuse && b.mayChange(step):
		return []cause{{step: step}}
	case step.Verb == Reuse && started:
		return []cause{{step: step, again: true}}
	}
	return nil
}

// mayChange says that only the run can tell whether a container is replaced: its image is pulled or built, or a container
// that it refers to is replaced.
func (b *builder) mayChange(step *Step) bool {
	return slices.ContainsFunc(step.Needs, func(n Need) bool {
		need := b.steps[n.Step]
		switch need.Action.(type) {
		case *Image:
			return need.Verb != Reuse
		case *Container:
			return need.Verb != Reuse || b.mayChange(need)
		}
		return false
	})
}

// restart adds the stop of a service's container, and says so at its start and at those who wait for it.
func (b *builder) restart(instance string, causes []cause) {
	container := b.steps[b.containerID(instance)].Action.(*Container)
	stop := b.add(&Step{ID: b.stopID(instance), Verb: Stop, Action: &StopService{
		Service: instance, Have: container.Have, PreStop: container.PreStop,
		Because: func(facts Facts) string { return happening(causes, facts) },
	}})
	start := b.steps[b.startID(instance)]
	if i := slices.IndexFunc(causes, cause.sure); i >= 0 {
		stop.Reason = causes[i].text() + ", which it depends on with restart: true"
		start.Verb, start.Reason = Start, "it was stopped because "+causes[i].text()
		start.mentionHooks()
		b.waitAgain(instance)
	} else {
		stop.Reason = "only if " + causes[0].text() + ", which it depends on with restart: true"
		start.Reason += "; started again if " + causes[0].text()
	}
	stop.stopsWithHooks(container.Have, container.PreStop)
	for _, c := range causes {
		for _, n := range c.step.Needs {
			if _, stops := b.steps[n.Step].Action.(*StopService); !stops {
				stop.need(n.Step, "tells whether "+c.text(), n.Optional)
			}
		}
	}
	for _, c := range causes {
		c.step.need(stop.ID, "stopped first, as it depends on it with restart: true", true)
	}
	start.need(stop.ID, "stopped first", true)
}

func happening(causes []cause, facts Facts) string {
	for _, c := range causes {
		if c.happens(facts) {
			return c.text()
		}
	}
	return ""
}

// waitAgain shows that a condition that is met now has to be met again.
func (b *builder) waitAgain(instance string) {
	for _, s := range b.order {
		if action, ok := s.Action.(*WaitService); ok && action.Service == instance && s.Verb == Reuse {
			s.Verb, s.Reason = Wait, conditionText(action.Condition)+" again"
		}
	}
}
