package planner

import (
	"slices"
	"time"

	"tasks/planner/observed"
)

// removeAbandoned adds a step for each resource of a dead run. A one-off with the name of such a container waits.
func removeAbandoned(p *scopeSteps, owners observed.Ownership, leases []string) {
	if p.snapshot == nil {
		return
	}
	claim := Claim{Project: p.project.Name(), Original: p.project.OriginalName()}
	garbage := claim.own(owners.FindGarbage(p.snapshot, leases))
	garbage.Containers = slices.DeleteFunc(garbage.Containers, func(c *observed.Container) bool {
		return p.hasStep(abandonedID(c.Name))
	})
	for _, s := range removalSteps(garbage) {
		if !p.hasStep(s.ID) { // another scope may have seen the same resource
			p.addStep(s)
		}
	}
	for _, c := range garbage.Containers {
		for _, s := range p.all {
			if create, ok := s.Action.(*CreateOneOff); ok && create.Task.ContainerName == c.Name {
				s.addNeed(abandonedID(c.Name), "it has the name", false)
			}
		}
	}
	for _, r := range garbage.Replacements {
		if s := p.byID[p.containerID(replicaOf(r))]; s != nil {
			s.addNeed(abandonedID(r.Name), "another replacement would have its name", true)
		}
	}
}

// PlanCrashCleanup plans the removal of the resources of dead runs, and nothing else.
func PlanCrashCleanup(snapshot *observed.Snapshot, project string, owners observed.Ownership) *Plan {
	return &Plan{
		Project: project, Scopes: map[string]Scope{"": {Project: project}},
		Steps: removalSteps(Claim{Project: project, Original: project}.own(owners.FindGarbage(snapshot, nil))),
	}
}

// own returns the garbage of the claim. A snapshot also has networks and volumes of others with names of the project.
func (c Claim) own(garbage observed.Garbage) observed.Garbage {
	isForeign := func(n observed.Network) bool { return c.CheckNetwork(n) != nil }
	garbage.Networks = slices.DeleteFunc(garbage.Networks, isForeign)
	garbage.DuplicateNetworks = slices.DeleteFunc(garbage.DuplicateNetworks, isForeign)
	garbage.Volumes = slices.DeleteFunc(garbage.Volumes, func(v observed.Volume) bool {
		return c.CheckVolume(v, false) != nil
	})
	return garbage
}

// removalSteps removes garbage: containers, dependents first, then networks and volumes.
func removalSteps(garbage observed.Garbage) []*Step {
	containers := containerRemovals(garbage.Containers)
	for _, r := range garbage.Replacements {
		containers = append(containers, &Step{
			ID: abandonedID(r.Name), Verb: Remove,
			Action: &RemoveContainer{Container: r.Container, Replaced: r.Replaced, Replica: replicaOf(r)},
			Reason: because(ReasonInterruptedRecreate, r.Replaced.Name),
		})
	}
	steps := slices.Clone(containers)
	for _, n := range garbage.Networks {
		steps = append(steps, networkRemoval(n, containers))
	}
	for _, n := range garbage.DuplicateNetworks {
		steps = append(steps, &Step{
			ID: StepID("abandoned/network/" + n.ID), Verb: Remove, Action: &RemoveNetwork{Network: n},
			Reason: because(ReasonDuplicateNetwork),
		})
	}
	for _, v := range garbage.Volumes {
		id := StepID("abandoned/volume/" + v.Name)
		s := &Step{ID: id, Verb: Remove, Action: &RemoveVolume{Volume: v}, Reason: abandonedReason(v.Labels)}
		s.needRemovals(containers, func(c *observed.Container) bool { return c.MountsVolume(v.Name) })
		steps = append(steps, s)
	}
	return steps
}

// containerRemovals removes containers, dependents first.
func containerRemovals(containers []*observed.Container) []*Step {
	var steps []*Step
	for _, wave := range observed.Waves(containers) {
		before := slices.Clone(steps)
		for _, c := range wave {
			action := &RemoveContainer{Container: c, Kill: true}
			if c.IsTransient() && !c.IsOneOff() {
				action = &RemoveContainer{Container: c, Lease: c.Lease()}
			}
			s := &Step{ID: abandonedID(c.Name), Verb: Remove, Action: action, Reason: abandonedReason(c.Labels)}
			for _, other := range before {
				if other.Action.(*RemoveContainer).Container.DependsOn(c.Service()) {
					s.addNeed(other.ID, "it depends on it", true)
				}
			}
			steps = append(steps, s)
		}
	}
	return steps
}

// networkRemoval removes a network after the removal of containers in the network.
func networkRemoval(n observed.Network, containers []*Step) *Step {
	action := &RemoveNetwork{Network: n}
	if observed.IsTransient(n.Labels) {
		action.Lease = observed.NetworkLease(n.Name)
	}
	s := &Step{ID: StepID("abandoned/network/" + n.ID), Verb: Remove, Action: action, Reason: abandonedReason(n.Labels)}
	s.needRemovals(containers, func(c *observed.Container) bool { return c.IsInNetwork(n.ID, n.Name) })
	return s
}

// needRemovals adds needs of the removals of containers that use a resource.
func (s *Step) needRemovals(removals []*Step, usesResource func(*observed.Container) bool) {
	for _, r := range removals {
		if usesResource(r.Action.(*RemoveContainer).Container) {
			s.addNeed(r.ID, "a container uses it", true)
		}
	}
}

func abandonedReason(labels map[string]string) Reasons {
	switch {
	case labels[observed.LabelOriginal] != "":
		return because(ReasonPrivateRunKilled)
	case observed.IsTransient(labels):
		return because(ReasonCreatorKilled)
	}
	return because(ReasonRunKilled)
}

func abandonedID(name string) StepID { return StepID("abandoned/" + name) }

// replicaOf names the replica of an interrupted recreate.
func replicaOf(r observed.Replacement) string { return replicaName(r.Service(), r.Index) }

// ExcludeAbandoned removes the containers and private projects of dead runs from the question before a teardown.
func (t *Teardown) ExcludeAbandoned(owners observed.Ownership, now time.Time) {
	t.InUse = slices.DeleteFunc(t.InUse, func(c *observed.Container) bool {
		isFree := c.IsTransient() && owners.AreLeasesVisible(c.Labels) && owners.IsOwnerDead(c.Labels, 0)
		return isFree || owners.IsAbandoned(c, now)
	})
	t.PrivateProjects = slices.DeleteFunc(t.PrivateProjects, func(p PrivateProject) bool {
		return owners.IsOwnerDead(map[string]string{observed.LabelOwner: p.Owner}, observed.AgeOf(p.youngest, now))
	})
}
