package planner

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/compose-spec/compose-go/v2/types"

	"tasks/internal/composeproject"
	"tasks/planner/observed"
)

// StartHooks are the hooks around the start of a container (Compose specification, pre_start and post_start).
type StartHooks struct {
	// PreStart returns the hook containers. They run to their end, in sequence, before the start of the first
	// replica. Pure. Nil: no hooks, or the start of another replica runs the hooks.
	PreStart func(facts Facts) []ContainerSpec
	// Replicas are all replicas of the service. A running replica prevents the pre_start hooks.
	Replicas []string
	// PostStart run in the container after the start.
	PostStart []types.ServiceHook
}

// HasAny reports whether a start has hooks.
func (h StartHooks) HasAny() bool { return h.PreStart != nil || len(h.PostStart) > 0 }

// planStartHooks adds the hooks of a service to the starts of the replicas. All containers must exist before the first
// pre_start hook, so that a running container is never about to be replaced.
func (p *servicePlanner) planStartHooks(s types.ServiceConfig, replicas []string) {
	if len(replicas) == 0 || p.refusesPerReplica(s) {
		return
	}
	first := p.byID[p.startID(replicas[0])]
	for _, replica := range replicas {
		start := p.byID[p.startID(replica)]
		hooks := &start.Action.(*StartService).Hooks
		hooks.PostStart, hooks.Replicas = s.PostStart, replicas
		if len(s.PreStart) > 0 && start != first {
			start.addNeed(first.ID, "its pre_start hooks come first", false)
			first.addNeed(p.containerID(replica), "made before the pre_start hooks", false)
		}
	}
	if len(s.PreStart) > 0 {
		d := &decider{project: p.project, service: s}
		first.Action.(*StartService).Hooks.PreStart = d.preStartContainers
		p.addHookNeeds(first, s)
	}
	for _, replica := range replicas {
		p.byID[p.startID(replica)].addHookReason()
	}
}

// addHookNeeds adds the needs of the pre_start hooks.
func (p *servicePlanner) addHookNeeds(start *Step, s types.ServiceConfig) {
	for _, image := range hookImages(p.project, s) {
		start.addNeed(p.images.planImage(image), "the image of its pre_start hooks", false)
	}
	for _, hook := range s.PreStart {
		for _, key := range hook.NetworksByPriority() {
			start.addNeed(p.resources.planNetwork(key), "the network of its pre_start hooks", false)
		}
		for _, v := range hook.Volumes {
			if _, declared := p.model.Volumes[v.Source]; declared && v.Type == types.VolumeTypeVolume {
				start.addNeed(p.resources.planVolume(v.Source), "the volume of its pre_start hooks", false)
			}
		}
	}
}

// refusesPerReplica reports per_replica as unsupported, like Compose.
func (p *servicePlanner) refusesPerReplica(s types.ServiceConfig) bool {
	i := slices.IndexFunc(s.PreStart, func(h types.PreStartHook) bool { return h.PerReplica })
	if i < 0 {
		return false
	}
	p.reportUnsupported(s, fmt.Sprintf(
		"service %s: pre_start[%d] says per_replica: true, which Compose does not support yet. "+
			"Take it out: the hook then runs once, before the first container of the service.", s.Name, i),
		"pre_start", strconv.Itoa(i), "per_replica")
	return true
}

// addHookReason adds the hooks of a start to the reasons.
func (s *Step) addHookReason() {
	hooks := s.Action.(*StartService).Hooks
	if s.Verb == Start && hooks.PreStart != nil {
		s.addReason(ReasonPreStartHooks)
	}
	if s.Verb == Start && len(hooks.PostStart) > 0 {
		s.addReason(ReasonPostStartHooks)
	}
}

// addPreStopReason adds the pre_stop hooks before a stop to the reasons.
func (s *Step) addPreStopReason(existing *observed.Container, hooks []types.ServiceHook) {
	if len(hooks) > 0 && existing != nil && existing.State.IsRunning() && (s.Verb == Recreate || s.Verb == Stop) {
		s.addReason(ReasonPreStopHooks)
	}
}

// hookImages returns services for the images of pre_start hooks with another image than the service. A hook image is
// never built.
func hookImages(p *composeproject.Project, s types.ServiceConfig) []types.ServiceConfig {
	var images []types.ServiceConfig
	for _, hook := range s.PreStart {
		policy := hook.PullPolicy
		if policy == types.PullPolicyBuild {
			policy = types.PullPolicyMissing
		}
		if hook.Image != "" && hook.Image != p.ImageName(s) {
			images = append(images, types.ServiceConfig{
				Name:          s.Name,
				ContainerSpec: types.ContainerSpec{Image: hook.Image, PullPolicy: policy, Platform: hook.Platform},
			})
		}
	}
	return images
}

// preStartContainers returns the containers of the service's pre_start hooks.
func (d *decider) preStartContainers(facts Facts) []ContainerSpec {
	var all []ContainerSpec
	for i, hook := range d.project.PreStartHooks(d.service.Name) {
		all = append(all, d.hookContainer(i, hook, facts))
	}
	return all
}

// hookContainer returns the container of a hook. A hook is a whole container, with its own mounts and the mounts of the
// first service container.
func (d *decider) hookContainer(index int, hook types.PreStartHook, facts Facts) ContainerSpec {
	declared := types.ServiceConfig{Name: d.service.Name, ContainerSpec: hook.ContainerSpec}
	resolved := resolveReferences(declared, facts)
	spec := commonSpec(d.project, declared, resolved, facts)
	spec.Name = d.project.HookName(d.service.Name, index)
	spec.Labels = d.project.Labels().Hook(declared, index)
	spec.Networks = serviceEndpoints(d.project, resolved, spec.Name)
	spec.Service.VolumesFrom = append(slices.Clone(spec.Service.VolumesFrom), facts.Containers[d.service.Name])
	return spec
}

// PreStopHooks returns the hooks before the stop of a container, from the current configuration of the service.
// One-offs and hook containers have no hooks.
func PreStopHooks(p *composeproject.Project, c *observed.Container) []types.ServiceHook {
	if c.IsOneOff() || c.Labels[composeproject.LabelHook] != "" || !c.State.IsRunning() {
		return nil
	}
	s, _ := p.Service(c.Service())
	return s.PreStop
}
