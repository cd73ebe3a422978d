package observed

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// Ownership tells which process created a resource, and whether the process is alive.
type Ownership struct {
	// Self is the owner label of this process. Empty: resources get no owner.
	Self string
	// LeaseLocations are the lease directories of this process, for [LabelLeases].
	LeaseLocations []string
	// Replacing has the ids of containers under recreate by a run of this checkout, without a recorded end.
	Replacing map[string]bool
	// IsDead reports whether the process of an owner label has died. age is the age of an idle resource by the engine's
	// clock; 0: the resource runs, or its age is unknown. Nil: no process is known as dead.
	IsDead func(owner string, age time.Duration) bool
	// IsAlive reports whether the process of an owner label is known to be alive. Nil: no process is known as alive.
	IsAlive func(owner string) bool
	// IsDetached reports whether a one-off was detached by a run. Nil: no one-off is known as detached.
	IsDetached func(id string) bool
	// answers holds the answers of IsDead after [Ownership.Freeze].
	answers map[ownerAge]bool
}

// ownerAge is a question for [Ownership.IsDead].
type ownerAge struct {
	owner string
	age   time.Duration
}

// Freeze asks IsDead about the owners of all resources in the snapshots, and keeps the answers as data. A plan from the
// frozen ownership and the snapshots depends on no further call.
func (o Ownership) Freeze(snapshots ...*Snapshot) Ownership {
	answers := map[ownerAge]bool{}
	ask := func(owner string, age time.Duration) {
		question := ownerAge{owner, age}
		if _, isKnown := answers[question]; owner != "" && !isKnown {
			answers[question] = o.isProcessDead(owner, age)
		}
	}
	for _, s := range snapshots {
		for _, c := range slices.Concat(s.Containers, s.RunResources.Containers) {
			ask(c.Labels[LabelOwner], c.idleAge(s.TakenAt))
			ask(c.Labels[LabelStarter], AgeOf(c.CreatedAt, s.TakenAt))
		}
		for _, n := range slices.Concat(s.Networks, s.RunResources.Networks) {
			ask(n.Labels[LabelOwner], AgeOf(n.CreatedAt, s.TakenAt))
		}
		for _, v := range slices.Concat(s.Volumes, s.RunResources.Volumes) {
			ask(v.Labels[LabelOwner], AgeOf(v.CreationTime(), s.TakenAt))
		}
	}
	o.answers = answers
	return o
}

// ApplyNotes returns the containers with the owner of detached one-offs removed, because a label cannot be removed.
func (o Ownership) ApplyNotes(containers []*Container) []*Container {
	updated := slices.Clone(containers)
	for i, c := range updated {
		if o.IsDetached != nil && c.Labels[LabelOwner] != "" && c.IsOneOff() && o.IsDetached(c.ID) {
			unowned := *c
			unowned.Labels = maps.Clone(c.Labels)
			delete(unowned.Labels, LabelOwner)
			updated[i] = &unowned
		}
	}
	return updated
}

// SharesLeases reports whether the creator of a transient resource keeps leases in a lease directory of this process.
// Only then do the leases show the use of the resource.
func (o Ownership) SharesLeases(labels map[string]string) bool {
	return slices.ContainsFunc(strings.Fields(labels[LabelLeases]), func(location string) bool {
		return slices.Contains(o.LeaseLocations, location)
	})
}

// AreLeasesVisible reports whether this process sees the leases on a transient resource. Runs of another user, or
// without a common directory, may have leases elsewhere: the death of the owner does not end their use.
func (o Ownership) AreLeasesVisible(labels map[string]string) bool {
	return labels[LabelLeases] == "" || o.SharesLeases(labels)
}

// IsOwnerDead reports whether the owner of a resource has died. age is as in IsDead.
func (o Ownership) IsOwnerDead(labels map[string]string, age time.Duration) bool {
	return o.isProcessDead(labels[LabelOwner], age)
}

func (o Ownership) isProcessDead(owner string, age time.Duration) bool {
	if o.answers != nil {
		return o.answers[ownerAge{owner, age}]
	}
	return owner != "" && o.IsDead != nil && o.IsDead(owner, age)
}

// probeStartTimeout is longer than the time from the creation of a helper container to its start.
const probeStartTimeout = time.Minute

// IsAbandoned reports whether a dead run has left a container. A transient container may have other
// users, and so the death of the owner alone does not abandon the container.
func (o Ownership) IsAbandoned(c *Container, now time.Time) bool {
	if c.Labels[LabelOwner] != "" {
		isOfRun := c.IsOneOff() && !c.hasReplicaName() || isOfPrivateProject(c.Labels) && c.HasFittingName()
		return isOfRun && o.IsOwnerDead(c.Labels, c.idleAge(now))
	}
	if c.Labels[LabelStarter] != "" && c.State.IsCreated() && c.IsOneOff() && !c.hasReplicaName() {
		return o.isProcessDead(c.Labels[LabelStarter], AgeOf(c.CreatedAt, now))
	}
	// The engine removes a helper container after its end. Only a death before the start leaves the container.
	if !c.IsHelper() || !c.State.IsCreated() {
		return false
	}
	age := AgeOf(c.CreatedAt, now)
	return o.isProcessDead(c.Labels[LabelStarter], age) || now.Sub(c.CreatedAt) > probeStartTimeout
}
