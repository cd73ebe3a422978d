package observed

import (
	"slices"

	"tasks/internal/composeproject"
)

// Garbage are the resources of dead runs in a project and in its private projects.
type Garbage struct {
	Containers []*Container
	Networks   []Network
	Volumes    []Volume
	// Replacements are unfinished replacements. The replaced containers still exist.
	Replacements []Replacement
	// DuplicateNetworks are unused networks with the name of another network.
	DuplicateNetworks []Network
}

// FindGarbage finds the resources of dead runs. Transient resources in use are no garbage: leases are the names of
// the known leases, and the snapshot shows further use.
func (o Ownership) FindGarbage(snapshot *Snapshot, leases []string) Garbage {
	all := slices.Concat(snapshot.Containers, snapshot.RunResources.Containers)
	garbage := Garbage{Replacements: o.interruptedReplacements(snapshot)}
	garbage.Containers = Unneeded(all, func(c *Container) bool {
		isAbandoned := o.IsAbandoned(c, snapshot.TakenAt) || o.isAbandonedTransient(c, snapshot, leases)
		return isAbandoned && !garbage.isReplacement(c)
	})
	usage := Usage{Leases: leases, Containers: without(all, garbage.Containers)}
	for _, n := range slices.Concat(snapshot.Networks, snapshot.RunResources.Networks) {
		if o.isNetworkAbandoned(n, snapshot, usage) {
			garbage.Networks = append(garbage.Networks, n)
		}
	}
	garbage.DuplicateNetworks = slices.DeleteFunc(snapshot.duplicateNetworks(usage), garbage.hasNetwork)
	for _, v := range slices.Concat(snapshot.Volumes, snapshot.RunResources.Volumes) {
		isPrivate := isOfPrivateProject(v.Labels) && hasFittingName(v.Name, v.Labels, composeproject.LabelVolume)
		isDead := isPrivate && o.IsOwnerDead(v.Labels, AgeOf(v.CreationTime(), snapshot.TakenAt))
		if isDead && !usage.IsVolumeInUse(v) {
			garbage.Volumes = append(garbage.Volumes, v)
		}
	}
	return garbage
}

func (g Garbage) isReplacement(c *Container) bool {
	return slices.ContainsFunc(g.Replacements, func(r Replacement) bool { return r.Container == c })
}

func (g Garbage) hasNetwork(n Network) bool {
	return slices.ContainsFunc(g.Networks, func(other Network) bool { return other.ID == n.ID })
}

// isAbandonedTransient reports whether a transient container has a dead owner, and provably no lease.
func (o Ownership) isAbandonedTransient(c *Container, snapshot *Snapshot, leases []string) bool {
	isUnused := o.AreLeasesVisible(c.Labels) && !slices.Contains(leases, c.Lease())
	return c.IsTransient() && isUnused && o.IsOwnerDead(c.Labels, c.idleAge(snapshot.TakenAt))
}

// isNetworkAbandoned reports whether a private or transient network has a dead owner and is not in use. A private
// network has no leases.
func (o Ownership) isNetworkAbandoned(n Network, snapshot *Snapshot, usage Usage) bool {
	if !o.IsOwnerDead(n.Labels, AgeOf(n.CreatedAt, snapshot.TakenAt)) {
		return false
	}
	if n.Labels[LabelOriginal] != "" {
		isPrivate := isOfPrivateProject(n.Labels) && hasFittingName(n.Name, n.Labels, composeproject.LabelNetwork)
		return isPrivate && !usage.hasMembers(n)
	}
	return IsTransient(n.Labels) && o.AreLeasesVisible(n.Labels) && !usage.IsNetworkInUse(n)
}
