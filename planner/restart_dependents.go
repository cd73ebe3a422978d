package planner

import (
	"fmt"
	"slices"

	"github.com/compose-spec/compose-go/v2/types"

	"tasks/planner/observed"
)

// StopService stops the container of a replica for a restart, before the recreate or start of a dependency with
// restart: true (Compose specification, depends_on).
type StopService struct {
	Replica  string
	Existing *observed.Container
	// StopReason returns the reason for the stop with the facts of the run. Empty: no stop. Pure.
	StopReason func(facts Facts) string
	// PreStop are the hooks before the stop.
	PreStop []types.ServiceHook
}

// restartTrigger is a change of a container that restarts the dependents.
type restartTrigger struct {
	// step is the container step of the changed service.
	step *Step
	// isStartOnly reports whether the container is started again, and not recreated.
	isStartOnly bool
}

func (t restartTrigger) replica() string { return t.step.Action.(*Container).Replica }

// isKnown reports whether the change is certain. An uncertain change depends on a new image.
func (t restartTrigger) isKnown() bool { return t.isStartOnly || t.step.Verb == Recreate }

func (t restartTrigger) text() string {
	if t.isStartOnly {
		return fmt.Sprintf("service %s is started again", t.replica())
	}
	return fmt.Sprintf("service %s is recreated", t.replica())
}

// occurs decides with the facts of the run.
func (t restartTrigger) occurs(facts Facts) bool {
	action := t.step.Action.(*Container)
	return t.isStartOnly || action.Decide(action.Existing, facts).Verb == Recreate
}

// occurringTrigger returns the text of the first trigger that occurs, or "".
func occurringTrigger(triggers []restartTrigger, facts Facts) string {
	for _, t := range triggers {
		if t.occurs(facts) {
			return t.text()
		}
	}
	return ""
}

// restartPlanner plans the restarts of dependents in one scope.
type restartPlanner struct {
	*scopeSteps
	// triggers are the known triggers by the replica to restart.
	triggers map[string][]restartTrigger
}

// planRestarts stops running services before the recreate or start of a dependency with restart: true, and starts the
// services afterwards. A restart is also a trigger for further dependents.
func planRestarts(steps *scopeSteps) {
	p := &restartPlanner{steps, map[string][]restartTrigger{}}
	for changed := true; changed; {
		changed = false
		for _, s := range p.order {
			start, ok := s.Action.(*StartService)
			if !ok || !start.IsRunning || p.byID[p.containerID(start.Replica)].Verb != Reuse {
				continue
			}
			found := p.triggersOf(start.Replica)
			changed = changed || len(found) != len(p.triggers[start.Replica])
			p.triggers[start.Replica] = found
		}
	}
	replicas := sortedKeys(p.triggers)
	for _, replica := range replicas {
		if len(p.triggers[replica]) > 0 {
			p.planRestart(replica, p.triggers[replica])
		}
	}
	for _, replica := range replicas {
		p.stopDependentsFirst(replica)
	}
}

// stopDependentsFirst orders the stops: dependents before dependencies.
func (p *restartPlanner) stopDependentsFirst(replica string) {
	for _, dependency := range p.restartingDependencies(replica) {
		if stop := p.byID[p.stopID(dependency)]; stop != nil && p.hasStep(p.stopID(replica)) {
			stop.addNeed(p.stopID(replica), "stopped first, as it depends on it", true)
		}
	}
}

// restartingDependencies returns the replicas of the dependencies with restart: true.
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

// triggersOf returns the triggers for a replica, from the triggers known so far.
func (p *restartPlanner) triggersOf(replica string) []restartTrigger {
	all := slices.Clone(p.triggers[replica])
	add := func(more ...restartTrigger) {
		for _, t := range more {
			if !slices.ContainsFunc(all, func(other restartTrigger) bool { return other.step == t.step }) {
				all = append(all, t)
			}
		}
	}
	for _, dependency := range p.restartingDependencies(replica) {
		add(p.triggersFrom(dependency)...)
		add(p.triggers[dependency]...)
	}
	return all
}

// triggersFrom returns the certain or possible change of an existing container by this plan.
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

// mayRecreate reports whether the run decides about a recreate: for a new image, or for a changed container in a
// reference.
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

// planRestart adds the stop of a replica, and annotates the start and the waits.
func (p *restartPlanner) planRestart(replica string, triggers []restartTrigger) {
	container := p.byID[p.containerID(replica)].Action.(*Container)
	stop := p.addStep(&Step{ID: p.stopID(replica), Verb: Stop, Action: &StopService{
		Replica: replica, Existing: container.Existing, PreStop: container.PreStop,
		StopReason: func(facts Facts) string { return occurringTrigger(triggers, facts) },
	}})
	start := p.byID[p.startID(replica)]
	if i := slices.IndexFunc(triggers, restartTrigger.isKnown); i >= 0 {
		stop.Reason = because(ReasonRestartedWith, triggers[i].text())
		start.decide(Start, ReasonStoppedBecause, triggers[i].text())
		start.addHookReason()
		p.markWaitAgain(replica)
	} else {
		stop.Reason = because(ReasonRestartedIf, triggers[0].text())
		start.addReason(ReasonStartedAgainIf, triggers[0].text())
	}
	stop.addPreStopReason(container.Existing, container.PreStop)
	p.stopBetween(stop, triggers)
	start.addNeed(stop.ID, "stopped first", true)
}

// stopBetween orders a stop after the needs of the triggers, for the decision, and before the triggers.
func (p *restartPlanner) stopBetween(stop *Step, triggers []restartTrigger) {
	for _, t := range triggers {
		for _, n := range t.step.Needs {
			if _, stops := p.byID[n.Step].Action.(*StopService); !stops {
				stop.addNeed(n.Step, "tells whether "+t.text(), n.Optional)
			}
		}
	}
	for _, t := range triggers {
		t.step.addNeed(stop.ID, "stopped first, as it depends on it with restart: true", true)
	}
}
