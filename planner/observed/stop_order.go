package observed

import "slices"

// Waves orders containers for a stop. The containers of a wave can stop at the same time. A service stops before its
// dependencies, by the labels of Compose.
func Waves(containers []*Container) (waves [][]*Container) {
	remaining := slices.Clone(containers)
	for len(remaining) > 0 {
		wave := slices.DeleteFunc(slices.Clone(remaining), func(c *Container) bool { return hasDependents(c, remaining) })
		if len(wave) == 0 {
			wave = remaining // a cycle in the labels does not block the stop
		}
		waves = append(waves, wave)
		remaining = without(remaining, wave)
	}
	return waves
}

// hasDependents reports whether the service of another container depends on the service of a container. One-offs have
// no dependents.
func hasDependents(c *Container, all []*Container) bool {
	if c.IsOneOff() || c.Service() == "" {
		return false
	}
	return slices.ContainsFunc(all, func(other *Container) bool {
		if other == c || other.Service() == c.Service() && !other.IsOneOff() {
			return false
		}
		return other.DependsOn(c.Service())
	})
}
