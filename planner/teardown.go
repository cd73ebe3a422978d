package planner

import (
	"slices"
	"time"

	"tasks/internal/composeproject"
	"tasks/planner/observed"
)

// Teardown lists the removals of `tasks down`, in order.
type Teardown struct {
	// Claim covers all containers for removal.
	Claim Claim
	// Waves are containers for removal at the same time, dependents first.
	Waves [][]*observed.Container
	// Networks and Volumes follow after all containers.
	Networks []observed.Network
	Volumes  []observed.Volume
	// AnonymousVolumes are volumes with a generated name, inherited from replaced containers: the engine no longer
	// treats them as anonymous. Other containers may still use them; such volumes stay.
	AnonymousVolumes []string
	// InUse are one-offs and transient containers that a run may need just now.
	InUse []*observed.Container
	// LeasedResources are the services and networks with a possible lease.
	LeasedResources []LeasedResource
	// PrivateProjects are the private projects with resources in the other lists.
	PrivateProjects []PrivateProject
	// IsPartial reports that other containers of the project stay. Networks and volumes in use stay too.
	IsPartial bool
}

// LeasedResource is a service or a network.
type LeasedResource struct {
	// Lease is the name of the lease, DisplayName the name for messages: "service db".
	Lease, DisplayName string
}

// PrivateProject is the private project of a run.
type PrivateProject struct {
	Name string
	// Owner is the owner label of the run.
	Owner string
	// youngest is the creation time of the youngest resource. Zero: a time is unknown.
	youngest time.Time
}

// PlanTeardown plans the teardown of a project from a snapshot, by labels alone, without a compose file. Named
// volumes are removed only if volumes is set. Pure.
func PlanTeardown(o *observed.Snapshot, project string, volumes bool) Teardown {
	t := Teardown{Claim: Claim{Project: project, Original: project}}
	for _, c := range o.Containers {
		if c.MayBeRequired() {
			t.InUse = append(t.InUse, c)
		}
	}
	t.LeasedResources = leasedResources(o, project)
	t.Waves = observed.Waves(slices.Concat(o.Containers, o.RunResources.Containers))
	for _, n := range o.Networks {
		if n.Labels[composeproject.LabelProject] == project {
			t.Networks = append(t.Networks, n)
		}
	}
	for _, v := range o.Volumes {
		if volumes && v.Labels[composeproject.LabelProject] == project {
			t.Volumes = append(t.Volumes, v)
		}
	}
	t.Networks, t.Volumes = append(t.Networks, o.RunResources.Networks...), append(t.Volumes, o.RunResources.Volumes...)
	t.AnonymousVolumes, t.PrivateProjects = inheritedVolumes(o), privateProjects(o.RunResources)
	return t
}

// PlanServiceTeardown plans the teardown of some services, without their dependents, as Compose does. Networks and
// volumes without another user follow. Private projects stay. Pure.
func PlanServiceTeardown(o *observed.Snapshot, project string, services []string, volumes bool) Teardown {
	var selected, remaining []*observed.Container
	for _, c := range o.Containers {
		if c.Service() != "" && slices.Contains(services, c.Service()) {
			selected = append(selected, c)
		} else {
			remaining = append(remaining, c)
		}
	}
	part := &observed.Snapshot{TakenAt: o.TakenAt, Containers: selected}
	for _, n := range o.Networks {
		isMember := func(c *observed.Container) bool { return c.IsInNetwork(n.ID, n.Name) }
		if slices.ContainsFunc(selected, isMember) && !slices.ContainsFunc(remaining, isMember) {
			part.Networks = append(part.Networks, n)
		}
	}
	for _, v := range o.Volumes {
		mounts := func(c *observed.Container) bool { return c.MountsVolume(v.Name) }
		if slices.ContainsFunc(selected, mounts) && !slices.ContainsFunc(remaining, mounts) {
			part.Volumes = append(part.Volumes, v)
		}
	}
	t := PlanTeardown(part, project, volumes)
	t.IsPartial = true
	return t
}

// leasedResources returns the services with containers, and the networks, of a project.
func leasedResources(o *observed.Snapshot, project string) (all []LeasedResource) {
	add := func(l LeasedResource) {
		if !slices.Contains(all, l) {
			all = append(all, l)
		}
	}
	for _, c := range o.Containers {
		if service := c.Service(); service != "" && !c.IsOneOff() {
			add(LeasedResource{c.Lease(), "service " + service})
		}
	}
	for _, n := range o.Networks {
		if n.Labels[composeproject.LabelProject] == project {
			add(LeasedResource{observed.NetworkLease(n.Name), "network " + n.Name})
		}
	}
	return all
}

// privateProjects returns the private projects of resources.
func privateProjects(o observed.RunResources) []PrivateProject {
	var all []PrivateProject
	add := func(labels map[string]string, created time.Time) {
		p := PrivateProject{Name: labels[composeproject.LabelProject], Owner: labels[observed.LabelOwner], youngest: created}
		i := slices.IndexFunc(all, func(other PrivateProject) bool { return other.Name == p.Name && other.Owner == p.Owner })
		if i < 0 {
			all = append(all, p)
		} else {
			all[i].youngest = later(all[i].youngest, created)
		}
	}
	for _, c := range o.Containers {
		add(c.Labels, c.CreatedAt)
	}
	for _, n := range o.Networks {
		add(n.Labels, n.CreatedAt)
	}
	for _, v := range o.Volumes {
		add(v.Labels, v.CreationTime())
	}
	return all
}

// later returns the later of two times. Zero: a time is unknown.
func later(x, y time.Time) time.Time {
	if x.IsZero() || y.IsZero() {
		return time.Time{}
	}
	if x.After(y) {
		return x
	}
	return y
}

// ProtectDeclared keeps volumes with a name in the project's files, even a name that looks generated.
func (t *Teardown) ProtectDeclared(project *composeproject.Project) {
	for _, v := range project.Model().Volumes {
		t.AnonymousVolumes = slices.DeleteFunc(t.AnonymousVolumes, func(name string) bool { return name == v.Name })
	}
}

// inheritedVolumes returns the anonymous volumes of containers that have replaced another container.
func inheritedVolumes(o *observed.Snapshot) []string {
	var names []string
	for _, c := range o.Containers {
		if c.Labels[composeproject.LabelReplace] == "" {
			continue // the engine removes the anonymous volumes
		}
		for _, m := range c.Mounts {
			if m.Type == "volume" && o.IsAnonymousVolume(m.Name) {
				names = append(names, m.Name)
			}
		}
	}
	return observed.Unique(names)
}
