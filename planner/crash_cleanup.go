package planner

import (
	"maps"
	"slices"
	"time"

	"tasks/internal/composeproject"
)

// LabelOwner is our own label on what goes with the process that made it: which process that is. A one-off that is kept
// (`rm = false`) or detached is nobody's.
const LabelOwner = "tasks.owner"

// LabelStarter is on the one-offs that are nobody's: the process that was to start them. One that died before that has left
// them behind all the same.
const LabelStarter = "tasks.starter"

// Ownership says whose things are.
type Ownership struct {
	// Self is the label of this process's own; empty: they get none.
	Self string
	// LeaseLocations says where this process keeps its leases, for [LabelLeases].
	LeaseLocations []string
	// IsDead says whether the process of a label has died. age is how long ago what it left was made, by the engine's clock;
	// 0: that runs, or its age is not known. Nil: nobody knows.
	IsDead func(owner string, age time.Duration) bool
	// IsReplacing says of a container's id that a run of this checkout was about to put another one in its place, and was not seen
	// to end that. Nil: nobody knows.
	IsReplacing func(id string) bool
	// IsDetached says of a one-off's id that its run has left it to itself, and has not died: it is nobody's. Nil: nobody knows.
	IsDetached func(id string) bool
}

// ApplyNotes shows containers as what they are: what a run has left to itself is nobody's, though its label cannot be taken away.
func (o Ownership) ApplyNotes(containers []*ObservedContainer) []*ObservedContainer {
	updated := slices.Clone(containers)
	for i, c := range updated {
		if o.IsDetached != nil && c.Labels[LabelOwner] != "" && isOneOff(c) && o.IsDetached(c.ID) {
			unowned := *c
			unowned.Labels = maps.Clone(c.Labels)
			delete(unowned.Labels, LabelOwner)
			updated[i] = &unowned
		}
	}
	return updated
}

func (o Ownership) isOwnerDead(labels map[string]string, age time.Duration) bool {
	owner := labels[LabelOwner]
	return owner != "" && o.IsDead != nil && o.IsDead(owner, age)
}

// ageOf is how long ago a thing was made; 0: the age is not known.
func ageOf(made, now time.Time) time.Duration {
	if made.Unix() <= 0 || now.Unix() <= 0 {
		return 0
	}
	return max(0, now.Sub(made))
}

// idleAge is the age of a container that is down, and 0 for all others.
func (c *ObservedContainer) idleAge(now time.Time) time.Duration {
	if isUp(c) {
		return 0
	}
	return ageOf(c.CreatedAt, now)
}

// probeStartTimeout is longer than a container that tries a port takes from its creation to its start.
const probeStartTimeout = time.Minute

// isAbandoned says that the run that made a container has died, and has left it behind. What goes with the last run that uses
// it may have others that use it.
func (o Ownership) isAbandoned(c *ObservedContainer, now time.Time) bool {
	if c.Labels[LabelOwner] != "" {
		return (isOneOff(c) || c.Labels[LabelOriginal] != "") && o.isOwnerDead(c.Labels, c.idleAge(now))
	}
	if starter := c.Labels[LabelStarter]; starter != "" && c.State == "created" && isOneOff(c) {
		return o.IsDead != nil && o.IsDead(starter, ageOf(c.CreatedAt, now))
	}
	// The engine removes a probe's container once it has ended; who died before the start has left it.
	return c.Labels[LabelProbe] != "" && c.State == "created" && now.Sub(c.CreatedAt) > probeStartTimeout
}

// Garbage are what dead runs have left of a project, and of its private projects.
type Garbage struct {
	Containers []*ObservedContainer
	Networks   []ObservedNetwork
	Volumes    []ObservedVolume
	// Replacements were to take the place of others, which are still there.
	Replacements []Replacement
	// DuplicateNetworks are networks that nobody uses, and whose name another one has.
	DuplicateNetworks []ObservedNetwork
}

// Garbage finds what dead runs have left. Of what goes with the last run that uses it, what somebody uses just now, as far as
// a look can tell, is left out; so is what is on a list of leases, because a plan uses it.
func (o Ownership) FindGarbage(snapshot *Snapshot, used []string) Garbage {
	all := slices.Concat(snapshot.Containers, snapshot.RunResources.Containers)
	garbage := Garbage{Replacements: o.interruptedReplacements(snapshot)}
	garbage.Containers = Removable(all, func(c *ObservedContainer) bool {
		if slices.ContainsFunc(garbage.Replacements, func(r Replacement) bool { return r.ObservedContainer == c }) {
			return false
		}
		return o.isAbandoned(c, snapshot.TakenAt) || IsTransient(c.Labels) && o.isOwnerDead(c.Labels, c.idleAge(snapshot.TakenAt)) && !slices.Contains(used, serviceLease(c))
	})
	remaining := slices.DeleteFunc(all, func(c *ObservedContainer) bool { return slices.Contains(garbage.Containers, c) })
	for _, n := range slices.Concat(snapshot.Networks, snapshot.RunResources.Networks) {
		isRunResource := n.Labels[LabelOriginal] != "" || IsTransient(n.Labels) && !slices.Contains(used, NetworkLease(n.Name))
		if isRunResource && o.isOwnerDead(n.Labels, ageOf(n.CreatedAt, snapshot.TakenAt)) && !slices.ContainsFunc(remaining, func(c *ObservedContainer) bool { return c.isInNetwork(n) }) {
			garbage.Networks = append(garbage.Networks, n)
		}
	}
	garbage.DuplicateNetworks = slices.DeleteFunc(snapshot.duplicateNetworks(remaining), func(n ObservedNetwork) bool {
		return slices.ContainsFunc(garbage.Networks, func(other ObservedNetwork) bool { return other.ID == n.ID })
	})
	for _, v := range slices.Concat(snapshot.Volumes, snapshot.RunResources.Volumes) {
		if v.Labels[LabelOriginal] != "" && o.isOwnerDead(v.Labels, ageOf(v.made(), snapshot.TakenAt)) && !slices.ContainsFunc(remaining, func(c *ObservedContainer) bool { return c.mountsVolume(v) }) {
			garbage.Volumes = append(garbage.Volumes, v)
		}
	}
	return garbage
}

func (c *ObservedContainer) isInNetwork(n ObservedNetwork) bool {
	for name, id := range c.Networks {
		if id == n.ID || id == "" && name == n.Name {
			return true
		}
	}
	return false
}

func (c *ObservedContainer) mountsVolume(v ObservedVolume) bool {
	return slices.ContainsFunc(c.Mounts, func(m ObservedMount) bool { return m.Type == "volume" && m.Name == v.Name })
}

// serviceLease names the lease on the service of a container.
func serviceLease(c *ObservedContainer) string {
	return Scope{Project: c.Labels[composeproject.LabelProject]}.Lease(c.Labels[composeproject.LabelService])
}

// removeAbandoned makes a step for each thing that dead runs have left. A one-off that is to have the name of one waits.
func (b *builder) removeAbandoned() {
	if b.input.Snapshot == nil {
		return
	}
	garbage := b.input.Ownership.FindGarbage(b.input.Snapshot, stepLeases(b.allSteps, b.graph.scopes()))
	garbage.Containers = slices.DeleteFunc(garbage.Containers, func(c *ObservedContainer) bool { return b.hasStep(abandonedID(c.Name)) })
	for _, s := range garbage.removalSteps() {
		if b.hasStep(s.ID) {
			continue // it was seen from another scope, too
		}
		b.addStep(s)
	}
	for _, c := range garbage.Containers {
		for _, s := range b.allSteps {
			if create, ok := s.Action.(*CreateOneOff); ok && create.Task.ContainerName == c.Name {
				s.addNeed(abandonedID(c.Name), "it has the name", false)
			}
		}
	}
	for _, r := range garbage.Replacements {
		if s := b.steps[b.containerID(r.Replica)]; s != nil {
			s.addNeed(abandonedID(r.Name), "another replacement would have its name", true)
		}
	}
}

// PlanCrashCleanup is the plan that removes what dead runs have left, and does nothing else.
func PlanCrashCleanup(snapshot *Snapshot, project string, owners Ownership) *Plan {
	return &Plan{Project: project, Scopes: map[string]Scope{"": {Project: project}}, Steps: owners.FindGarbage(snapshot, nil).removalSteps()}
}

// removalSteps remove all: containers, those that depend on others first, then what these were in.
func (l Garbage) removalSteps() []*Step {
	var steps []*Step
	for _, wave := range Waves(l.Containers) {
		before := slices.Clone(steps)
		for _, c := range wave {
			s := &Step{ID: abandonedID(c.Name), Verb: Remove, Action: &RemoveContainer{Container: c, Kill: true}, Reason: abandonedReason(c.Labels)}
			if IsTransient(c.Labels) && !isOneOff(c) {
				s.Action = &RemoveContainer{Container: c, Lease: serviceLease(c)}
			}
			for _, other := range before {
				if other.Action.(*RemoveContainer).Container.DependsOn(c.Labels[composeproject.LabelService]) {
					s.addNeed(other.ID, "it depends on it", true)
				}
			}
			steps = append(steps, s)
		}
	}
	for _, r := range l.Replacements {
		steps = append(steps, &Step{
			ID: abandonedID(r.Name), Verb: Remove, Action: &RemoveContainer{Container: r.ObservedContainer, Replaced: r.Replaced, Replica: r.Replica},
			Reason: "it was to take the place of " + r.Replaced.Name + ", which was cut short",
		})
	}
	containers := slices.Clone(steps)
	for _, n := range l.Networks {
		a := &RemoveNetwork{Network: n}
		if IsTransient(n.Labels) {
			a.Lease = NetworkLease(n.Name)
		}
		s := &Step{ID: StepID("abandoned/network/" + n.ID), Verb: Remove, Action: a, Reason: abandonedReason(n.Labels)}
		s.needRemovals(containers, func(c *ObservedContainer) bool { return c.isInNetwork(n) })
		steps = append(steps, s)
	}
	for _, n := range l.DuplicateNetworks {
		steps = append(steps, &Step{
			ID: StepID("abandoned/network/" + n.ID), Verb: Remove, Action: &RemoveNetwork{Network: n}, Reason: "another one has its name, and nobody uses this one",
		})
	}
	for _, v := range l.Volumes {
		s := &Step{ID: StepID("abandoned/volume/" + v.Name), Verb: Remove, Action: &RemoveVolume{Volume: v}, Reason: abandonedReason(v.Labels)}
		s.needRemovals(containers, func(c *ObservedContainer) bool { return c.mountsVolume(v) })
		steps = append(steps, s)
	}
	return steps
}

// needRemovals lets a step wait for the removal of containers.
func (s *Step) needRemovals(removals []*Step, usesResource func(*ObservedContainer) bool) {
	for _, r := range removals {
		if usesResource(r.Action.(*RemoveContainer).Container) {
			s.addNeed(r.ID, "a container uses it", true)
		}
	}
}

func abandonedReason(labels map[string]string) string {
	switch {
	case labels[LabelOriginal] != "":
		return "the run that its private project belonged to was killed"
	case IsTransient(labels):
		return "the run that made it was killed, and nobody uses it"
	}
	return "the run that it belonged to was killed"
}

func abandonedID(name string) StepID { return StepID("abandoned/" + name) }

// ExcludeAbandoned leaves out of the living what the dead have left: nobody needs to be asked.
func (t *Teardown) ExcludeAbandoned(owners Ownership, now time.Time) {
	t.InUse = slices.DeleteFunc(t.InUse, func(c *ObservedContainer) bool {
		return owners.isAbandoned(c, now) || IsTransient(c.Labels) && owners.isOwnerDead(c.Labels, 0)
	})
	t.PrivateProjects = slices.DeleteFunc(t.PrivateProjects, func(p PrivateProject) bool {
		return owners.isOwnerDead(map[string]string{LabelOwner: p.Owner}, ageOf(p.made, now))
	})
}
