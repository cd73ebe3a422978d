package observed

import "slices"

// Usage decides whether resources are in use. A resource is in use if a lease on the resource exists, or if a container
// needs the resource. Runs that keep leases in other directories show their use only by containers.
type Usage struct {
	// Leases are the names of the known leases.
	Leases []string
	// Containers are the containers that stay.
	Containers []*Container
}

// IsNetworkInUse reports whether a network has a lease or a container.
func (u Usage) IsNetworkInUse(n Network) bool {
	return slices.Contains(u.Leases, NetworkLease(n.Name)) || u.hasMembers(n)
}

// IsVolumeInUse reports whether a container mounts a volume. Volumes have no leases.
func (u Usage) IsVolumeInUse(v Volume) bool {
	return slices.ContainsFunc(u.Containers, func(c *Container) bool { return c.MountsVolume(v.Name) })
}

func (u Usage) isNeeded(c *Container) bool {
	return slices.ContainsFunc(u.Containers, func(other *Container) bool { return other.mayNeed(c) })
}

func (u Usage) hasMembers(n Network) bool {
	return slices.ContainsFunc(u.Containers, func(c *Container) bool { return c.IsInNetwork(n.ID, n.Name) })
}

// Unneeded returns the candidates among the containers of a project that no other container needs. A candidate needed
// by a container that stays also stays.
func Unneeded(all []*Container, isCandidate func(*Container) bool) []*Container {
	usage := Usage{Containers: slices.DeleteFunc(slices.Clone(all), isCandidate)}
	unneeded := slices.DeleteFunc(slices.Clone(all), func(c *Container) bool { return !isCandidate(c) })
	for {
		needed := slices.DeleteFunc(slices.Clone(unneeded), func(c *Container) bool { return !usage.isNeeded(c) })
		if len(needed) == 0 {
			return unneeded
		}
		usage.Containers = append(usage.Containers, needed...)
		unneeded = without(unneeded, needed)
	}
}

// without returns the containers of a list that another list lacks.
func without(all, others []*Container) []*Container {
	return slices.DeleteFunc(slices.Clone(all), func(c *Container) bool { return slices.Contains(others, c) })
}

// mayNeed reports whether a container may need another container of the same project. A service container needs the
// dependencies of its service. A one-off without an owner, for example of Compose, may need every service. The needs
// of a one-off with an owner are covered by leases and by its label of dependencies.
func (c *Container) mayNeed(other *Container) bool {
	switch {
	case c.IsHelper() || c.State.HasEnded() || c.State.IsLost() || !c.IsOneOff() && !c.State.IsUp():
		return false
	case other.IsOneOff() || other.Service() == "" || c.Project() != other.Project():
		return false
	case c.IsOneOff() && c.Labels[LabelOwner] == "":
		return true
	}
	return c.DependsOn(other.Service())
}

// MayBeRequired reports whether a run may need the container just now: a one-off or transient container that is up,
// or that a process is about to start.
func (c *Container) MayBeRequired() bool {
	isStarting := c.State.IsCreated() && (c.Labels[LabelOwner] != "" || c.Labels[LabelStarter] != "")
	return (c.IsOneOff() || c.IsTransient()) && (c.State.IsUp() || isStarting)
}
