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

// Owners says whose things are.
type Owners struct {
	// Self is the label of this process's own; empty: they get none.
	Self string
	// Leases says where this process keeps its leases, for [LabelLeases].
	Leases []string
	// Dead says whether the process of a label has died. age is how long ago what it left was made, by the engine's clock;
	// 0: that runs, or its age is not known. Nil: nobody knows.
	Dead func(owner string, age time.Duration) bool
	// Replacing says of a container's id that a run of this checkout was about to put another one in its place, and was not seen
	// to end that. Nil: nobody knows.
	Replacing func(id string) bool
	// Left says of a one-off's id that its run has left it to itself, and has not died: it is nobody's. Nil: nobody knows.
	Left func(id string) bool
}

// Disown shows containers as what they are: what a run has left to itself is nobody's, though its label cannot be taken away.
func (o Owners) Disown(containers []*ObservedContainer) []*ObservedContainer {
	shown := slices.Clone(containers)
	for i, c := range shown {
		if o.Left != nil && c.Labels[LabelOwner] != "" && oneOffLabel(c) && o.Left(c.ID) {
			free := *c
			free.Labels = maps.Clone(c.Labels)
			delete(free.Labels, LabelOwner)
			shown[i] = &free
		}
	}
	return shown
}

func (o Owners) dead(labels map[string]string, age time.Duration) bool {
	owner := labels[LabelOwner]
	return owner != "" && o.Dead != nil && o.Dead(owner, age)
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
	return ageOf(c.Created, now)
}

// probeTime is longer than a container that tries a port takes from its creation to its start.
const probeTime = time.Minute

// abandoned says that the run that made a container has died, and has left it behind. What goes with the last run that uses
// it may have others that use it.
func (o Owners) abandoned(c *ObservedContainer, now time.Time) bool {
	if c.Labels[LabelOwner] != "" {
		return (oneOffLabel(c) || c.Labels[LabelOf] != "") && o.dead(c.Labels, c.idleAge(now))
	}
	if starter := c.Labels[LabelStarter]; starter != "" && c.State == "created" && oneOffLabel(c) {
		return o.Dead != nil && o.Dead(starter, ageOf(c.Created, now))
	}
	// The engine removes a probe's container once it has ended; who died before the start has left it.
	return c.Labels[LabelProbe] != "" && c.State == "created" && now.Sub(c.Created) > probeTime
}

// Leftovers are what dead runs have left of a project, and of its private projects.
type Leftovers struct {
	Containers []*ObservedContainer
	Networks   []ObservedNetwork
	Volumes    []ObservedVolume
	// Replacements were to take the place of others, which are still there.
	Replacements []Replacement
	// Twins are networks that nobody uses, and whose name another one has.
	Twins []ObservedNetwork
}

// Leftovers finds what dead runs have left. Of what goes with the last run that uses it, what somebody uses just now, as far as
// a look can tell, is left out; so is what is on a list of leases, because a plan uses it.
func (o Owners) Leftovers(seen *Observed, used []string) Leftovers {
	all := slices.Concat(seen.Containers, seen.Owned.Containers)
	left := Leftovers{Replacements: o.replacements(seen)}
	left.Containers = Removable(all, func(c *ObservedContainer) bool {
		if slices.ContainsFunc(left.Replacements, func(r Replacement) bool { return r.ObservedContainer == c }) {
			return false
		}
		return o.abandoned(c, seen.Taken) || Transient(c.Labels) && o.dead(c.Labels, c.idleAge(seen.Taken)) && !slices.Contains(used, leaseOf(c))
	})
	staying := slices.DeleteFunc(all, func(c *ObservedContainer) bool { return slices.Contains(left.Containers, c) })
	for _, n := range slices.Concat(seen.Networks, seen.Owned.Networks) {
		ours := n.Labels[LabelOf] != "" || Transient(n.Labels) && !slices.Contains(used, NetworkLease(n.Name))
		if ours && o.dead(n.Labels, ageOf(n.Created, seen.Taken)) && !slices.ContainsFunc(staying, func(c *ObservedContainer) bool { return c.in(n) }) {
			left.Networks = append(left.Networks, n)
		}
	}
	left.Twins = slices.DeleteFunc(seen.twins(staying), func(n ObservedNetwork) bool {
		return slices.ContainsFunc(left.Networks, func(other ObservedNetwork) bool { return other.ID == n.ID })
	})
	for _, v := range slices.Concat(seen.Volumes, seen.Owned.Volumes) {
		if v.Labels[LabelOf] != "" && o.dead(v.Labels, ageOf(v.made(), seen.Taken)) && !slices.ContainsFunc(staying, func(c *ObservedContainer) bool { return c.mounts(v) }) {
			left.Volumes = append(left.Volumes, v)
		}
	}
	return left
}

func (c *ObservedContainer) in(n ObservedNetwork) bool {
	for name, id := range c.Networks {
		if id == n.ID || id == "" && name == n.Name {
			return true
		}
	}
	return false
}

func (c *ObservedContainer) mounts(v ObservedVolume) bool {
	return slices.ContainsFunc(c.Mounts, func(m ObservedMount) bool { return m.Type == "volume" && m.Name == v.Name })
}

// leaseOf names the lease on the service of a container.
func leaseOf(c *ObservedContainer) string {
	return Scope{Project: c.Labels[composeproject.LabelProject]}.Lease(c.Labels[composeproject.LabelService])
}

// removeAbandoned makes a step for each thing that dead runs have left. A one-off that is to have the name of one waits.
func (b *builder) removeAbandoned() {
	if b.in.Observed == nil {
		return
	}
	left := b.in.Owners.Leftovers(b.in.Observed, leasesOf(b.all, b.graph.scopes()))
	left.Containers = slices.DeleteFunc(left.Containers, func(c *ObservedContainer) bool { return b.has(abandonedID(c.Name)) })
	for _, s := range left.steps() {
		if b.has(s.ID) {
			continue // it was seen from another scope, too
		}
		b.add(s)
	}
	for _, c := range left.Containers {
		for _, s := range b.all {
			if create, ok := s.Action.(*CreateOneOff); ok && create.Task.ContainerName == c.Name {
				s.need(abandonedID(c.Name), "it has the name", false)
			}
		}
	}
	for _, r := range left.Replacements {
		if s := b.steps[b.containerID(r.Instance)]; s != nil {
			s.need(abandonedID(r.Name), "another replacement would have its name", true)
		}
	}
}

// Reap is the plan that removes what dead runs have left, and does nothing else.
func Reap(seen *Observed, project string, owners Owners) *Plan {
	return &Plan{Project: project, Scopes: map[string]Scope{"": {Project: project}}, Steps: owners.Leftovers(seen, nil).steps()}
}

// steps remove all: containers, those that depend on others first, then what these were in.
func (l Leftovers) steps() []*Step {
	var steps []*Step
	for _, wave := range Waves(l.Containers) {
		before := slices.Clone(steps)
		for _, c := range wave {
			s := &Step{ID: abandonedID(c.Name), Verb: Remove, Action: &RemoveOrphan{Have: c, Kill: true}, Reason: abandonedReason(c.Labels)}
			if Transient(c.Labels) && !oneOffLabel(c) {
				s.Action = &RemoveOrphan{Have: c, Lease: leaseOf(c)}
			}
			for _, other := range before {
				if other.Action.(*RemoveOrphan).Have.DependsOn(c.Labels[composeproject.LabelService]) {
					s.need(other.ID, "it depends on it", true)
				}
			}
			steps = append(steps, s)
		}
	}
	for _, r := range l.Replacements {
		steps = append(steps, &Step{
			ID: abandonedID(r.Name), Verb: Remove, Action: &RemoveOrphan{Have: r.ObservedContainer, Of: r.Of, Instance: r.Instance},
			Reason: "it was to take the place of " + r.Of.Name + ", which was cut short",
		})
	}
	containers := slices.Clone(steps)
	for _, n := range l.Networks {
		a := &RemoveNetwork{Have: n}
		if Transient(n.Labels) {
			a.Lease = NetworkLease(n.Name)
		}
		s := &Step{ID: StepID("abandoned/network/" + n.ID), Verb: Remove, Action: a, Reason: abandonedReason(n.Labels)}
		s.comesAfter(containers, func(c *ObservedContainer) bool { return c.in(n) })
		steps = append(steps, s)
	}
	for _, n := range l.Twins {
		steps = append(steps, &Step{
			ID: StepID("abandoned/network/" + n.ID), Verb: Remove, Action: &RemoveNetwork{Have: n}, Reason: "another one has its name, and nobody uses this one",
		})
	}
	for _, v := range l.Volumes {
		s := &Step{ID: StepID("abandoned/volume/" + v.Name), Verb: Remove, Action: &RemoveVolume{Have: v}, Reason: abandonedReason(v.Labels)}
		s.comesAfter(containers, func(c *ObservedContainer) bool { return c.mounts(v) })
		steps = append(steps, s)
	}
	return steps
}

// comesAfter lets a step wait for the removal of containers.
func (s *Step) comesAfter(removals []*Step, which func(*ObservedContainer) bool) {
	for _, r := range removals {
		if which(r.Action.(*RemoveOrphan).Have) {
			s.need(r.ID, "a container uses it", true)
		}
	}
}

func abandonedReason(labels map[string]string) string {
	switch {
	case labels[LabelOf] != "":
		return "the run that its private project belonged to was killed"
	case Transient(labels):
		return "the run that made it was killed, and nobody uses it"
	}
	return "the run that it belonged to was killed"
}

func abandonedID(name string) StepID { return StepID("abandoned/" + name) }

// Spare leaves out of the living what the dead have left: nobody needs to be asked.
func (t *Teardown) Spare(owners Owners, now time.Time) {
	t.Living = slices.DeleteFunc(t.Living, func(c *ObservedContainer) bool {
		return owners.abandoned(c, now) || Transient(c.Labels) && owners.dead(c.Labels, 0)
	})
	t.Private = slices.DeleteFunc(t.Private, func(p PrivateProject) bool {
		return owners.dead(map[string]string{LabelOwner: p.Owner}, ageOf(p.made, now))
	})
}
