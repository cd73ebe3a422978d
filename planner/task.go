package planner

import "tasks/hclspec"

// taskPlanner plans the tasks of one scope.
type taskPlanner struct {
	*scopeSteps
	services *servicePlanner
	ports    *portPlanner
	// planTask plans a task of any scope.
	planTask func(name string, reason Reasons) StepID
	// owner is the owner label of this process.
	owner      string
	upToDate   UpToDateOptions
	isOffline  bool
	projectDir string
	// sendsSources is that of [Input].
	sendsSources bool
}

// planOwnTask plans a task of the planner's scope.
func (p *taskPlanner) planOwnTask(t *hclspec.Task, reason Reasons) StepID {
	id := taskID(t.Name)
	step := p.addStep(&Step{ID: id, Verb: Run, Reason: reason, Range: t.DeclRange})
	if t.DisabledReason != "" {
		step.decide(Skip, ReasonDisabled, t.DisabledReason)
		step.Action = &NoOp{Task: t}
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
		base := baseService(p.model, t)
		step.Action = &RunOneOff{
			Task: t, Create: create, Image: p.project.ImageName(base), Platform: p.project.Platform(base),
		}
		step.addNeed(create, "its container", false)
	}
	step.Check = p.upToDateCheck(t)
	p.addTaskDependencies(t, step)
	p.ports.addPortEnv(t, step)
	p.planFinally(t)
	return id
}

// addTaskDependencies adds the needs of a task's command: tasks always, services unless no_deps is set.
func (p *taskPlanner) addTaskDependencies(t *hclspec.Task, step *Step) {
	for _, d := range t.DependsOn {
		var ids []StepID
		if d.Task != "" {
			ids = []StepID{p.planTask(d.Task, because(ReasonNeededBy, "task "+t.Name))}
			step.addNeed(ids[0], "depends_on", false)
		} else if !t.NoDeps {
			ids = p.services.await(step, d.Service, d.Condition, false, "task "+t.Name)
		}
		if group, ok := step.Action.(*JoinGroup); ok {
			group.addEntry(d, ids)
		}
	}
	p.ports.needHostPorts(step, t)
	if t.Kind == hclspec.ServiceTask && !t.NoDeps && !t.IsExec {
		p.services.awaitDependencies(step, p.model.Services[t.Service], "task "+t.Name)
	}
}

// planExec plans a task in the container of a service. The service is a dependency of the task.
func (p *taskPlanner) planExec(step *Step, t *hclspec.Task) {
	action := &RunExec{Task: t}
	step.Verb, step.Action = Exec, action
	step.addReason(ReasonInServiceContainer, t.Service)
	if !t.NoDeps {
		p.services.await(step, t.Service, hclspec.Ready, false, "task "+t.Name)
		return
	}
	if containers := p.existingContainers(t.Service); len(containers) > 0 {
		action.Existing = containers[0]
	}
}
