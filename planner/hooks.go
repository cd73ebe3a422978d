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

// StartHooks are what surrounds the start of a service's container (Compose specification, pre_start and post_start).
type StartHooks struct {
	// PreStart makes the containers that run one after the other, each to its end, before the first container of the service
	// starts. Pure. Nil: there are none, or another replica's start sees to them.
	PreStart func(facts Facts) []ContainerSpec
	// Replicas are all instances of the service: where one of them runs, nothing comes before the start.
	Replicas []string
	// PostStart are run in the container once it has started.
	PostStart []types.ServiceHook
}

// HasAny says whether there is something to do at a start.
func (h StartHooks) HasAny() bool { return h.PreStart != nil || len(h.PostStart) > 0 }

// planStartHooks lays a service's hooks around the starts of its instances. All its containers must have been made before
// pre_start begins, so that none of those that still run is one that is about to be replaced.
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

// refusesPerReplica refuses what Compose does not support either.
func (p *servicePlanner) refusesPerReplica(s types.ServiceConfig) bool {
	i := slices.IndexFunc(s.PreStart, func(h types.ServiceHook) bool { return h.PerReplica })
	if i < 0 {
		return false
	}
	p.reportUnsupported(s, fmt.Sprintf(
		"service %s: pre_start[%d] says per_replica: true, which Compose does not support yet. Take it out: the hook then runs once, before the first container of the service.", s.Name, i), "pre_start", strconv.Itoa(i), "per_replica")
	return true
}

// addHookReason says in a start's reason what else it runs.
func (s *Step) addHookReason() {
	hooks := s.Action.(*StartService).Hooks
	if s.Verb == Start && hooks.PreStart != nil {
		s.Reason += "; its pre_start hooks run first, unless another replica runs"
	}
	if s.Verb == Start && len(hooks.PostStart) > 0 {
		s.Reason += "; its post_start hooks run after it"
	}
}

// addPreStopReason says in a step's reason that pre_stop hooks come before a stop.
func (s *Step) addPreStopReason(existing *observed.Container, hooks []types.ServiceHook) {
	if len(hooks) > 0 && existing != nil && existing.State.IsRunning() && (s.Verb == Recreate || s.Verb == Stop) {
		s.Reason += "; its pre_stop hooks run first"
	}
}

// hookImages are the images that pre_start hooks have beside their service's, as services that ask for them. Only the
// service's own can be built.
func hookImages(p *composeproject.Project, s types.ServiceConfig) []types.ServiceConfig {
	policy := s.PullPolicy
	if policy == types.PullPolicyBuild {
		policy = types.PullPolicyMissing
	}
	var images []types.ServiceConfig
	for _, hook := range s.PreStart {
		if hook.Image != "" && hook.Image != p.ImageName(s) {
			images = append(images, types.ServiceConfig{Name: s.Name, Image: hook.Image, PullPolicy: policy, Platform: s.Platform})
		}
	}
	return images
}

// preStartContainers makes the containers of the service's pre_start hooks.
func (d *decider) preStartContainers(facts Facts) []ContainerSpec {
	resolved := composeproject.ResolveReferences(d.service, func(service string) (string, bool) {
		id, ok := facts.Containers[service]
		return id, ok
	})
	var all []ContainerSpec
	for i := range d.service.PreStart {
		all = append(all, d.hookContainer(i, resolved, facts))
	}
	return all
}

// hookContainer is the container of one hook: configured as the service's, with the hook's own laid over it, and with the mounts of
// the service's first container. That is how Compose 5.6 reads a hook, with compose-go 2.16; the hash is still that of 2.14.
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

// hookServiceConfig leaves out what is about a service's long-lived container, and its mounts, which the hook has from that one.
func hookServiceConfig(s types.ServiceConfig) types.ServiceConfig {
	s.ContainerName, s.Restart, s.Scale, s.Deploy = "", "", nil, nil
	s.Ports, s.Expose, s.Links, s.ExternalLinks = nil, nil, nil, nil
	s.Volumes, s.HealthCheck = nil, nil
	s.PreStart, s.PostStart, s.PreStop = nil, nil, nil
	s.StdinOpen, s.Tty = false, false
	return s
}

// PreStopHooks tells which hooks come before the stop of a container, in its service's configuration as it is now. What is
// no container of a service has none, one-offs among them.
func PreStopHooks(p *composeproject.Project, c *observed.Container) []types.ServiceHook {
	if c.IsOneOff() || c.Labels[composeproject.LabelHook] != "" || !c.State.IsRunning() {
		return nil
	}
	s, _ := p.Service(c.Service())
	return s.PreStop
}
