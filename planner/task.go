package planner

import (
	"fmt"

	"github.com/compose-spec/compose-go/v2/types"

	"tasks/hclspec"
)

// taskPlanner plans the tasks of one scope.
type taskPlanner struct {
	*scopeSteps
	services *servicePlanner
	ports    *portPlanner
	// planTask plans a task of any scope.
	planTask func(name, reason string) StepID
	// owner is the owner label of this process.
	owner      string
	upToDate   UpToDateOptions
	isOffline  bool
	projectDir string
}

// planOwnTask is task for one of the builder's scope.
func (p *taskPlanner) planOwnTask(t *hclspec.Task, reason string) StepID {
	id := taskID(t.Name)
	step := p.addStep(&Step{ID: id, Verb: Run, Reason: reason, Range: t.DeclRange})
	if t.DisabledReason != "" {
		step.Verb, step.Reason, step.Action = Skip, t.DisabledReason, &JoinGroup{Task: t}
		return id
	}
	switch t.Kind {
	case hclspec.GroupTask:
		step.Verb, step.Action = Group, &JoinGroup{Task: t}
	case hclspec.HostTask:
		step.Action = &RunHost{Task: t, ProjectDir: p.projectDir}
	case hclspec.ServiceTask, hclspec.ImageTask:
		if t.IsExec {
			p.planExec(step, t)
			break
		}
		create := p.planOneOff(t)
		step.Action = &RunOneOff{Task: t, Create: create}
		step.addNeed(create, "its container", false)
	}
	step.Check = p.upToDateCheck(t)
	p.addTaskDependencies(t, step)
	p.ports.addPortEnv(t, step)
	p.planFinally(t)
	return id
}

// addTaskDependencies adds what must be done before a task's command: tasks always, services unless no_deps says none.
func (p *taskPlanner) addTaskDependencies(t *hclspec.Task, step *Step) {
	for _, d := range t.DependsOn {
		if d.Task != "" {
			step.addNeed(p.planTask(d.Task, fmt.Sprintf("for task %s", t.Name)), "depends_on", false)
		} else if !t.NoDeps {
			p.services.awaitService(step, d.Service, d.Condition, false, "task "+t.Name)
		}
	}
	p.ports.needHostPorts(step, t)
	if t.Kind == hclspec.ServiceTask && !t.NoDeps && !t.IsExec {
		p.services.awaitDependencies(step, p.model.Services[t.Service], "task "+t.Name)
	}
}

// awaitDependencies makes a step wait for what a service's depends_on asks for, links and shared namespaces included
// (the loader adds those to depends_on: Compose specification, depends_on).
func (p *servicePlanner) awaitDependencies(step *Step, s types.ServiceConfig, dependent string) {
	for _, name := range sortedKeys(s.DependsOn) {
		d := s.DependsOn[name]
		if _, exists := p.model.Services[name]; !exists {
			continue // an optional dependency in an inactive profile
		}
		p.awaitService(step, name, hclspec.Condition(d.Condition), !d.Required, dependent)
	}
}

// awaitService makes a step wait until a service meets a condition.
func (p *servicePlanner) awaitService(step *Step, service string, c hclspec.Condition, optional bool, dependent string) {
	if c == hclspec.Ready && p.spec.Readiness[p.origin.FileScope+service].HasProbe() {
		c = hclspec.Healthy // the same, and so the same step
	}
	for _, replica := range p.planService(service, "for "+dependent) {
		id := p.startID(replica)
		if c != hclspec.Started && c != "" {
			id = p.planWait(replica, service, c, dependent)
		}
		step.addNeed(id, string(c), optional)
	}
}
