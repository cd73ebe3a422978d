package observed

// ServiceLease names the lease on a service of a project.
func ServiceLease(project, service string) string { return project + "/service/" + service }

// NetworkLease names the lease on a network, by the engine's name.
func NetworkLease(name string) string { return "network/" + name }

// Lease names the lease on the container's service.
func (c *Container) Lease() string { return ServiceLease(c.Project(), c.Service()) }

// TransientLeases names the leases on the transient resources of the project.
func (s *Snapshot) TransientLeases() (names []string) {
	for _, c := range s.Containers {
		if c.IsTransient() {
			names = append(names, c.Lease())
		}
	}
	for _, n := range s.Networks {
		if IsTransient(n.Labels) {
			names = append(names, NetworkLease(n.Name))
		}
	}
	return Unique(names)
}

// HasTransient reports whether the project has transient resources. A nil snapshot has none.
func (s *Snapshot) HasTransient() bool { return s != nil && len(s.TransientLeases()) > 0 }

// Unique returns the names without repeats. The first of equal names stays.
func Unique(names []string) []string {
	var out []string
	seen := make(map[string]bool, len(names))
	for _, n := range names {
		if !seen[n] {
			seen[n] = true
			out = append(out, n)
		}
	}
	return out
}
