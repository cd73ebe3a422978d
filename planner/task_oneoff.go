package planner

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/distribution/reference"

	"tasks/hclspec"
	"tasks/internal/composeproject"
)

// imageMistake returns the reason against the name of an image. The error may repeat a part of the name in brackets,
// and a mask does not find a part of a secret.
func imageMistake(err error) string {
	before, rest, found := strings.Cut(err.Error(), " (")
	if end := strings.LastIndex(rest, ")"); found && end >= 0 {
		return before + rest[end+1:]
	}
	return err.Error()
}

// planOneOff plans the creation of a task's container, with all needs.
func (p *taskPlanner) planOneOff(t *hclspec.Task) StepID {
	s := baseService(p.model, t)
	step := p.addStep(&Step{
		ID: StepID("create/" + t.Name), Verb: Create, Reason: because(ReasonFreshContainer), Range: t.DeclRange,
	})
	o := &oneOff{project: p.project, base: s, task: t, owner: p.owner, mountedImages: mountedImages(p.scopeSteps, s)}
	step.Action = &CreateOneOff{Task: t, Spec: o.spec}
	if _, err := reference.ParseNormalizedNamed(t.Image); t.Kind == hclspec.ImageTask && err != nil {
		detail := fmt.Sprintf("%q names no image: %s.", t.Image, imageMistake(err))
		p.diags = append(p.diags, taskError(t, "image", "wrong image", detail))
	}
	// Report errors now, as far as the values are known.
	configured, diags := o.configure(t)
	p.diags = append(p.diags, diags...)
	if len(t.Deferred) == 0 {
		s = configured
	} else {
		p.needDeferredValues(step, t)
	}
	if p.sendsSources {
		p.needFilesOfTasks(step, t)
	}
	if t.NoDeps {
		s = p.withoutReferences(s, o)
	}
	p.services.addContainerNeeds(step, s)
	return step.ID
}

// needFilesOfTasks adds needs of all tasks that a task depends on: their files may be sources of the container.
func (p *taskPlanner) needFilesOfTasks(step *Step, t *hclspec.Task) {
	for _, d := range t.DependsOn {
		if d.Task != "" {
			step.addNeed(p.planTask(d.Task, because(ReasonNeededBy, "task "+t.Name)), "its files are sent", false)
		}
	}
}

// needDeferredValues adds needs of the tasks and host ports in the deferred values of a task.
func (p *taskPlanner) needDeferredValues(step *Step, t *hclspec.Task) {
	for _, d := range t.DependsOn {
		if d.IsRunTime && d.Task != "" {
			step.addNeed(p.planTask(d.Task, because(ReasonNeededBy, "task "+t.Name)), "its output is used", false)
		}
	}
	p.ports.needHostPorts(step, t)
}

// BaseService returns the configuration of a task's container without the attributes of the task.
func BaseService(project *composeproject.Project, t *hclspec.Task) types.ServiceConfig {
	return baseService(project.Model(), t)
}

// baseService returns the base configuration of a task: the service, or a generated service for an image.
func baseService(model *types.Project, t *hclspec.Task) types.ServiceConfig {
	if t.Kind == hclspec.ImageTask {
		return types.ServiceConfig{
			Name: cmp.Or(t.DeclaredName, t.Name),
			ContainerSpec: types.ContainerSpec{
				Image:    t.Image,
				Networks: map[string]*types.ServiceNetworkConfig{"default": nil},
			},
		}
	}
	return model.Services[t.Service]
}

// withoutReferences removes references to other services from a no_deps task, so that the plan creates no container for
// them. The task uses existing containers, as `docker compose run --no-deps` does. A missing container is an error.
func (p *taskPlanner) withoutReferences(s types.ServiceConfig, o *oneOff) types.ServiceConfig {
	o.existing = map[string]string{}
	for _, ref := range referencedServices(s) {
		if containers := p.existingContainers(ref); len(containers) > 0 {
			o.existing[ref] = containers[0].ID
		} else if !isOnlyLinked(s, ref) && !p.isOffline {
			p.diags = append(p.diags, taskError(o.task, "no_deps", "container missing",
				"task "+o.task.Name+" shares with service "+ref+", which has no container, and no_deps keeps it from being "+
					"started. Take no_deps out, or start "+ref+" first."))
		}
	}
	s.NetworkMode, s.Ipc, s.Pid, s.VolumesFrom, s.Links = "", "", "", nil, nil
	return s
}

// isOnlyLinked reports whether only links refer to a service. A link without a container is no error.
func isOnlyLinked(s types.ServiceConfig, ref string) bool {
	s.Links = nil
	return !slices.Contains(referencedServices(s), ref)
}
