package planner

import (
	"fmt"
	"slices"

	"github.com/compose-spec/compose-go/v2/types"

	"tasks/planner/observed"
)

// StopService stops a service's container that is to be started again, before the service that it depends on with
// restart: true is replaced or started again (Compose specification, depends_on).
type StopService struct {
	Replica  string
	Existing *observed.Container
	// StopReason says what the stop is for, with what is known when the step runs; empty: nothing changes. Pure.
	StopReason func(facts Facts) string
	// PreStop are run in it before.
	PreStop []types.ServiceHook
}

func (*StopService) action() {}

func (p *scopeSteps) stopID(replica string) StepID { return p.stepID("stop", replica) }

// restartTrigger is a change of a service's container that its dependents are restarted for.
type restartTrigger struct {
	// step is the service's container step.
	step *Step
	// isStartOnly says that the container is only started again.
	isStartOnly bool
}

func (c restartTrigger) replica() string { return c.step.Action.(*Container).Replica }

// isKnown says that the change is known now. Another one hangs on an image that is still to be made.
func (c restartTrigger) isKnown() bool { return c.isStartOnly || c.step.Verb == Recreate }

func (c restartTrigger) text() string {
	if c.isStartOnly {
		return fmt.Sprintf("service %s is started again", c.replica())
	}
	return fmt.Sprintf("service %s is recreated", c.replica())
}

// occurs decides anew with what earlier steps have found.
func (c restartTrigger) occurs(facts Facts) bool {
	action := c.step.Action.(*Container)
	return c.isStartOnly || action.Decide(action.Existing, facts).Verb == Recreate
}

// restartPlanner plans the restarts of dependents.
type restartPlanner struct{ *scopeSteps }

// planRestarts stops running services, before one that they depend on with restart: true is replaced or started again, and
// has them started after it. What is itself restarted so counts as well.
func planRestarts(steps *scopeSteps) {
	p := &restartPlanner{steps}
	triggers := map[string][]restartTrigger{}
	for changed := true; changed; {
		changed = false
		for _, s := range p.order {
			start, ok := s.Action.(*StartService)
			if !ok || !start.IsRunning || p.byID[p.containerID(start.Replica)].Verb != Reuse {
				continue
			}
			found := p.triggersOf(start.Replica, triggers)
			changed = changed || len(found) != len(triggers[start.Replica])
			triggers[start.Replica] = found
		}
	}
	for _, replica := range sortedKeys(triggers) {
		if len(triggers[replica]) > 0 {
			p.planRestart(replica, triggers[replica])
		}
	}
	for _, replica := range sortedKeys(triggers) {
		p.stopDependentsFirst(replica)
	}
}

// stopDependentsFirst orders the stops: what is needed goes after those that need it.
func (p *restartPlanner) stopDependentsFirst(replica string) {
	for _, dependency := range p.restartingDependencies(replica) {
		if stop := p.byID[p.stopID(dependency)]; stop != nil && p.hasStep(p.stopID(replica)) {
			stop.addNeed(p.stopID(replica), "stopped first, as it depends on it", true)
		}
	}
}

// restartingDependencies are the instances that a service depends on with restart: true.
func (p *restartPlanner) restartingDependencies(replica string) []string {
	depends := p.model.Services[ServiceOf(replica)].DependsOn
	var all []string
	for _, name := range sortedKeys(depends) {
		for i := 0; depends[name].Restart && p.hasStep(p.containerID(replicaName(name, i))); i++ {
			all = append(all, replicaName(name, i))
		}
	}
	return all
}

// triggersOf are the changes that a service is to be restarted for, by what is known so far.
func (p *restartPlanner) triggersOf(replica string, known map[string][]restartTrigger) []restartTrigger {
	all := slices.Clone(known[replica])
	add := func(more ...restartTrigger) {
		for _, c := range more {
			if !slices.ContainsFunc(all, func(other restartTrigger) bool { return other.step == c.step }) {
				all = append(all, c)
			}
		}
	}
	for _, dependency := range p.restartingDependencies(replica) {
		add(p.triggersFrom(dependency)...)
		add(known[dependency]...)
	}
	return all
}

// triggersFrom is what this plan does, or may do, to a container that is there.
func (p *restartPlanner) triggersFrom(replica string) []restartTrigger {
	step := p.byID[p.containerID(replica)]
	existing := step.Action.(*Container).Existing
	isStarted := p.byID[p.startID(replica)].Verb == Start && existing != nil && existing.State.HasExited()
	switch {
	case step.Verb == Recreate, step.Verb == Reuse && p.mayRecreate(step):
		return []restartTrigger{{step: step}}
	case step.Verb == Reuse && isStarted:
		return []restartTrigger{{step: step, isStartOnly: true}}
	}
	return nil
}

// mayRecreate says that only the run can tell whether a container is replaced: its image is pulled or built, or a container
// that it refers to is replaced.
func (p *restartPlanner) mayRecreate(step *Step) bool {
	return slices.ContainsFunc(step.Needs, func(n Need) bool {
		need := p.byID[n.Step]
		switch need.Action.(type) {
		case *Image:
			return need.Verb != Reuse
		case *Container:
			return need.Verb != Reuse || p.mayRecreate(need)
		}
		return false
	})
}

// planRestart adds the stop of a service's container, and says so at its start and at those who wait for it.
func (p *restartPlanner) planRestart(replica string, triggers []restartTrigger) {
	container := p.byID[p.containerID(replica)].Action.(*Container)
	stop := p.addStep(&Step{ID: p.stopID(replica), Verb: Stop, Action: &StopService{
		Replica: replica, Existing: container.Existing, PreStop: container.PreStop,
		StopReason: func(facts Facts) string { return occurringTrigger(triggers, facts) },
	}})
	start := p.byID[p.startID(replica)]
	if i := slices.IndexFunc(triggers, restartTrigger.isKnown); i >= 0 {
		stop.Reason = triggers[i].text() + ", which it depends on with restart: true"
		start.Verb, start.Reason = Start, "it was stopped because "+triggers[i].text()
		start.addHookReason()
		p.markWaitAgain(replica)
	} else {
		stop.Reason = "only if " + triggers[0].text() + ", which it depends on with restart: true"
		start.Reason += "; started again if " + triggers[0].text()
	}
	stop.addPreStopReason(container.Existing, container.PreStop)
	for _, c := range triggers {
		for _, n := range c.step.Needs {
			if _, stops := p.byID[n.Step].Action.(*StopService); !stops {
				stop.addNeed(n.Step, "tells whether "+c.text(), n.Optional)
			}
		}
	}
	for _, c := range triggers {
		c.step.addNeed(stop.ID, "stopped first, as it depends on it with restart: true", true)
	}
	start.addNeed(stop.ID, "stopped first", true)
}

func occurringTrigger(triggers []restartTrigger, facts Facts) string {
	for _, c := range triggers {
		if c.occurs(facts) {
			return c.text()
		}
	}
	return ""
}

// markWaitAgain shows that a condition that is met now has to be met again.
func (p *scopeSteps) markWaitAgain(replica string) {
	for _, s := range p.order {
		if action, ok := s.Action.(*WaitService); ok && action.Replica == replica && s.Verb == Reuse {
			s.Verb, s.Reason = Wait, conditionText(action.Condition)+" again"
		}
	}
}
