package planner

import (
	"fmt"
	"maps"
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
		for _, image := range hookImages(p.project, s) {
			first.addNeed(p.images.planImage(image), "the image of its pre_start hooks", false)
		}
	}
	for _, replica := range replicas {
		p.byID[p.startID(replica)].addHookReason()
	}
}

// refusesPerReplica reports per_replica as unsupported, like Compose.
func (p *servicePlanner) refusesPerReplica(s types.ServiceConfig) bool {
	i := slices.IndexFunc(s.PreStart, func(h types.ServiceHook) bool { return h.PerReplica })
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
	policy := s.PullPolicy
	if policy == types.PullPolicyBuild {
		policy = types.PullPolicyMissing
	}
	var images []types.ServiceConfig
	for _, hook := range s.PreStart {
		if hook.Image != "" && hook.Image != p.ImageName(s) {
			images = append(images, types.ServiceConfig{
				Name: s.Name, Image: hook.Image, PullPolicy: policy, Platform: s.Platform,
			})
		}
	}
	return images
}

// preStartContainers returns the containers of the service's pre_start hooks.
func (d *decider) preStartContainers(facts Facts) []ContainerSpec {
	resolved := resolveReferences(d.service, facts)
	var all []ContainerSpec
	for i := range d.service.PreStart {
		all = append(all, d.hookContainer(i, resolved, facts))
	}
	return all
}

// hookContainer returns the container of a hook: the configuration of the service, overridden by the hook, with the
// mounts of the first service container. Compose 5.6 with compose-go 2.16 reads hooks so; the hash is the hash of
// compose-go 2.14.
func (d *decider) hookContainer(index int, resolved types.ServiceConfig, facts Facts) ContainerSpec {
	hook := d.service.PreStart[index]
	spec := commonSpec(d.project, d.service, resolved, facts)
	spec.Name = d.project.HookName(d.service.Name, index)
	spec.Labels = d.project.Labels().Hook(d.service, index)
	spec.Networks = serviceEndpoints(d.project, resolved, spec.Name)
	spec.Links = nil
	if hook.Image != "" {
		spec.Image = hook.Image
	}
	s := hookServiceConfig(spec.Service)
	s.VolumesFrom = append(slices.Clone(s.VolumesFrom), facts.Containers[d.service.Name])
	s.Environment = maps.Clone(s.Environment)
	if s.Environment == nil {
		s.Environment = types.MappingWithEquals{}
	}
	maps.Copy(s.Environment, hook.Environment)
	s.Privileged = s.Privileged || hook.Privileged
	if hook.Command != nil {
		s.Command = hook.Command
	}
	if hook.User != "" {
		s.User = hook.User
	}
	if hook.WorkingDir != "" {
		s.WorkingDir = hook.WorkingDir
	}
	spec.Service = s
	return spec
}

// hookServiceConfig removes attributes of the long-lived container, and the mounts: a hook gets the mounts by
// volumes_from.
func hookServiceConfig(s types.ServiceConfig) types.ServiceConfig {
	s.ContainerName, s.Restart, s.Scale, s.Deploy = "", "", nil, nil
	s.Ports, s.Expose, s.Links, s.ExternalLinks = nil, nil, nil, nil
	s.Volumes, s.HealthCheck = nil, nil
	s.PreStart, s.PostStart, s.PreStop = nil, nil, nil
	s.StdinOpen, s.Tty = false, false
	return s
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
