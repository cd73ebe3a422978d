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

// SelectDependents returns the containers of some services and of the services that depend on them, by the labels of
// Compose, and the remaining containers.
func SelectDependents(containers []*Container, services []string) (selected, remaining []*Container) {
	services = slices.Clone(services)
	for i := 0; i < len(services); i++ {
		for _, c := range containers {
			if c.DependsOn(services[i]) && !slices.Contains(services, c.Service()) {
				services = append(services, c.Service())
			}
		}
	}
	for _, c := range containers {
		if c.Service() != "" && slices.Contains(services, c.Service()) {
			selected = append(selected, c)
		} else {
			remaining = append(remaining, c)
		}
	}
	return selected, remaining
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
