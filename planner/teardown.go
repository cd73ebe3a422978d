package planner

import (
	"slices"
	"time"

	"tasks/internal/composeproject"
	"tasks/planner/observed"
)

// Teardown says what `tasks down` takes away, in which order.
type Teardown struct {
	// Claim covers all containers that may go.
	Claim Claim
	// Waves are containers that can go at the same time; a service goes before those it depends on.
	Waves [][]*observed.Container
	// Networks and Volumes go after all containers.
	Networks []observed.Network
	Volumes  []observed.Volume
	// AnonymousVolumes are volumes that nobody chose a name for, and that the engine does not take for anonymous any more, as a
	// container got them from the one that it replaced. They go with the containers; what another one uses stays.
	AnonymousVolumes []string
	// InUse are the one-offs that run, or that somebody is about to start, and what goes with the last run that uses it:
	// somebody's run may need them.
	InUse []*observed.Container
	// LeasedResource are the services and networks that somebody may have a lease on.
	LeasedResources []LeasedResource
	// Private are the private projects, whose containers, networks and volumes are among the others.
	PrivateProjects []PrivateProject
}

// LeasedResource is something that runs have a lease on while they use it.
type LeasedResource struct {
	// Lease is its name, What how people call the thing: "service db".
	Lease, DisplayName string
}

// PrivateProject is the copy of a project that a run has made for itself.
type PrivateProject struct {
	Name string
	// Owner is the label of that run's process.
	Owner string
	// made is when the youngest of its things was made; zero: that is not known of all.
	made time.Time
}

// PlanTeardown plans the teardown of a project from a snapshot, by labels alone: no compose file is needed. Volumes with a name are
// taken only if asked for. Pure.
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

// leasedResources are the services that have containers, and the networks, of a project.
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

// privateProjects are the private projects that things belong to.
func privateProjects(o observed.RunResources) []PrivateProject {
	var all []PrivateProject
	add := func(labels map[string]string, made time.Time) {
		p := PrivateProject{Name: labels[composeproject.LabelProject], Owner: labels[observed.LabelOwner], made: made}
		i := slices.IndexFunc(all, func(have PrivateProject) bool { return have.Name == p.Name && have.Owner == p.Owner })
		if i < 0 {
			all = append(all, p)
		} else {
			all[i].made = younger(all[i].made, made)
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

// younger is the later of two times; zero: one of the two is not known.
func younger(x, y time.Time) time.Time {
	if x.IsZero() || y.IsZero() {
		return time.Time{}
	}
	if x.After(y) {
		return x
	}
	return y
}

// ProtectDeclared leaves alone what a project's files call by its name, whatever that looks like.
func (t *Teardown) ProtectDeclared(project *composeproject.Project) {
	for _, v := range project.Model().Volumes {
		t.AnonymousVolumes = slices.DeleteFunc(t.AnonymousVolumes, func(name string) bool { return name == v.Name })
	}
}

// inheritedVolumes are the anonymous volumes of containers that have taken another's place.
func inheritedVolumes(o *observed.Snapshot) []string {
	var names []string
	for _, c := range o.Containers {
		if c.Labels[composeproject.LabelReplace] == "" {
			continue // the engine itself removes what is anonymous
		}
		for _, m := range c.Mounts {
			if m.Type == "volume" && o.IsAnonymousVolume(m.Name) {
				names = append(names, m.Name)
			}
		}
	}
	return unique(names)
}
