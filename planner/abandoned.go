package planner

import (
	"slices"
	"time"
)

// LabelOwner is our own label on the one-offs that go with the process that runs them: which process that is. One that is
// kept (`rm = false`) or detached is nobody's.
const LabelOwner = "tasks.owner"

// Owners says whose the one-offs are.
type Owners struct {
	// Self is the label of this process's own; empty: they get none.
	Self string
	// Dead says whether the process of a label has died; running is the state of what it left. Nil: nobody knows.
	Dead func(owner string, running bool) bool
}

// probeTime is longer than a container that tries a port takes from its creation to its start.
const probeTime = time.Minute

// abandoned says that the run that made a container has died, and has left it behind.
func (o Owners) abandoned(c *ObservedContainer, now time.Time) bool {
	if owner := c.Labels[LabelOwner]; owner != "" {
		return oneOffLabel(c) && o.Dead != nil && o.Dead(owner, c.State == "running")
	}
	// The engine removes a probe's container once it has ended; who died before the start has left it.
	return c.Labels[LabelProbe] != "" && c.State == "created" && now.Sub(c.Created) > probeTime
}

// Abandoned lists what dead runs have left of a project.
func (o Owners) Abandoned(seen *Observed) []*ObservedContainer {
	return slices.DeleteFunc(slices.Clone(seen.Containers), func(c *ObservedContainer) bool { return !o.abandoned(c, seen.Taken) })
}

// removeAbandoned makes a step for each container that a dead run has left. A one-off that is to have its name waits.
func (b *builder) removeAbandoned() {
	if b.in.Observed == nil {
		return
	}
	for _, c := range b.in.Owners.Abandoned(b.in.Observed) {
		step := b.add(&Step{
			ID: b.abandonedID(c), Verb: Remove, Action: &RemoveOrphan{Have: c, Kill: true}, Reason: "the run that it belonged to was killed",
		})
		for _, s := range b.all {
			if create, ok := s.Action.(*CreateOneOff); ok && create.Task.ContainerName == c.Name {
				s.need(step.ID, "it has the name", false)
			}
		}
	}
}

func (b *builder) abandonedID(c *ObservedContainer) StepID { return b.id("abandoned", c.Name) }

// Spare leaves out of the living what the dead have left: nobody needs to be asked.
func (t *Teardown) Spare(owners Owners, now time.Time) {
	t.Living = slices.DeleteFunc(t.Living, func(c *ObservedContainer) bool { return owners.abandoned(c, now) })
}
