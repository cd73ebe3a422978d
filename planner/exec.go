package planner

import (
	"github.com/compose-spec/compose-go/v2/types"

	"tasks/hclspec"
	"tasks/planner/observed"
)

// planExec makes a task's step one that runs in the container of its service, which is a dependency like any other.
func (p *taskPlanner) planExec(step *Step, t *hclspec.Task) {
	action := &RunExec{Task: t}
	step.Verb, step.Action = Exec, action
	step.Reason += ", in the container of service " + t.Service
	if !t.NoDeps {
		p.services.awaitService(step, t.Service, hclspec.Ready, false, "task "+t.Name)
		return
	}
	if containers := p.existingContainers(t.Service); len(containers) > 0 {
		action.Existing = containers[0]
	}
}

// SignalContainer is the container that runs a program among the processes of a service's container, as the root of all users
// there: it may see the environment of each, and signal it. What confines programs of the engine's own keeps them from
// touching those that are confined otherwise, and so it is not confined by that.
func SignalContainer(project, service, slug string, target *observed.Container, program Program) ContainerSpec {
	spec := ProbeContainer(project, service, slug, target, program)
	spec.Name = project + "-" + service + "-signal-" + slug[:12]
	spec.Service.NetworkMode, spec.Service.Pid = "none", types.ContainerPrefix+target.ID
	spec.Service.CapAdd = []string{"SYS_PTRACE", "DAC_READ_SEARCH", "KILL"}
	spec.Service.SecurityOpt = []string{"apparmor=unconfined"}
	return spec
}
