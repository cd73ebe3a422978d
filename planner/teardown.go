package planner

import (
	"slices"
	"strings"
	"time"

	"tasks/internal/composeproject"
)

// Teardown says what `tasks down` takes away, in which order.
type Teardown struct {
	// Claim covers all containers that may go.
	Claim Claim
	// Waves are containers that can go at the same time; a service goes before those it depends on.
	Waves [][]*ObservedContainer
	// Networks and Volumes go after all containers.
	Networks []ObservedNetwork
	Volumes  []ObservedVolume
	// AnonymousVolumes are volumes that nobody chose a name for, and that the engine does not take for anonymous any more, as a
	// container got them from the one that it replaced. They go with the containers; what another one uses stays.
	AnonymousVolumes []string
	// InUse are the one-offs that run, or that somebody is about to start, and what goes with the last run that uses it:
	// somebody's run may need them.
	InUse []*ObservedContainer
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
func PlanTeardown(o *Snapshot, project string, volumes bool) Teardown {
	t := Teardown{Claim: Claim{Project: project, Original: project}}
	for _, c := range o.Containers {
		if isInUse(c) {
			t.InUse = append(t.InUse, c)
		}
	}
	t.LeasedResources = leasedResources(o, project)
	t.Waves = Waves(slices.Concat(o.Containers, o.RunResources.Containers))
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
	t.AnonymousVolumes, t.PrivateProjects = inheritedVolumes(o), o.RunResources.privateProjects()
	return t
}

// isInUse says that a container may be some run's just now: of what has never been started its maker's label tells.
func isInUse(c *ObservedContainer) bool {
	isStarting := c.State == "created" && (c.Labels[LabelOwner] != "" || c.Labels[LabelStarter] != "")
	return (isOneOff(c) || IsTransient(c.Labels)) && (isUp(c) || isStarting)
}

// leasedResources are the services that have containers, and the networks, of a project.
func leasedResources(o *Snapshot, project string) (all []LeasedResource) {
	add := func(l LeasedResource) {
		if !slices.Contains(all, l) {
			all = append(all, l)
		}
	}
	for _, c := range o.Containers {
		if service := c.Labels[composeproject.LabelService]; service != "" && !isOneOff(c) {
			add(LeasedResource{serviceLease(c), "service " + service})
		}
	}
	for _, n := range o.Networks {
		if n.Labels[composeproject.LabelProject] == project {
			add(LeasedResource{NetworkLease(n.Name), "network " + n.Name})
		}
	}
	return all
}

// privateProjects are the private projects that things belong to.
func (o RunResources) privateProjects() []PrivateProject {
	var all []PrivateProject
	add := func(labels map[string]string, made time.Time) {
		p := PrivateProject{Name: labels[composeproject.LabelProject], Owner: labels[LabelOwner], made: made}
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
		add(v.Labels, v.made())
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

// Waves orders containers for a stop: those of a wave can go at the same time, and a service goes before those that it
// depends on, by its labels.
func Waves(containers []*ObservedContainer) (waves [][]*ObservedContainer) {
	remaining := slices.Clone(containers)
	for len(remaining) > 0 {
		wave := slices.DeleteFunc(slices.Clone(remaining), func(c *ObservedContainer) bool { return hasDependents(c, remaining) })
		if len(wave) == 0 {
			wave = remaining // labels that name a cycle are no reason to stop
		}
		waves = append(waves, wave)
		remaining = slices.DeleteFunc(slices.Clone(remaining), func(c *ObservedContainer) bool { return slices.Contains(wave, c) })
	}
	return waves
}

// ProtectDeclared leaves alone what a project's files call by its name, whatever that looks like.
func (t *Teardown) ProtectDeclared(project *composeproject.Project) {
	for _, v := range project.Model().Volumes {
		t.AnonymousVolumes = slices.DeleteFunc(t.AnonymousVolumes, func(name string) bool { return name == v.Name })
	}
}

// inheritedVolumes are the anonymous volumes of containers that have taken another's place.
func inheritedVolumes(o *Snapshot) []string {
	var names []string
	for _, c := range o.Containers {
		if c.Labels[composeproject.LabelReplace] == "" {
			continue // the engine itself removes what is anonymous
		}
		for _, m := range c.Mounts {
			if m.Type == "volume" && isAnonymousVolume(o, m.Name) {
				names = append(names, m.Name)
			}
		}
	}
	return unique(names)
}

// isAnonymousVolume says that a volume's name is of the engine's making, and that nobody has put a label on it.
func isAnonymousVolume(o *Snapshot, name string) bool {
	i := slices.IndexFunc(o.Volumes, func(v ObservedVolume) bool { return v.Name == name })
	if i < 0 || !IsGeneratedName(name) {
		return false
	}
	for label := range o.Volumes[i].Labels {
		if label != labelAnonymous {
			return false
		}
	}
	return true
}

// labelAnonymous is what engines from 24 on put on anonymous volumes.
const labelAnonymous = "com.docker.volume.anonymous"

// IsGeneratedName says that a volume has a name that the engine makes up: 64 hex digits.
func IsGeneratedName(name string) bool {
	return len(name) == 64 && strings.Trim(name, "0123456789abcdef") == ""
}

func isOneOff(c *ObservedContainer) bool {
	return c.Labels[composeproject.LabelOneOff] == composeproject.OneOffTrue
}

// hasDependents says whether another container's service depends on this one's. Nobody depends on a one-off.
func hasDependents(c *ObservedContainer, all []*ObservedContainer) bool {
	service := c.Labels[composeproject.LabelService]
	if isOneOff(c) || service == "" {
		return false
	}
	return slices.ContainsFunc(all, func(other *ObservedContainer) bool {
		if other == c || other.Labels[composeproject.LabelService] == service && !isOneOff(other) {
			return false
		}
		return other.DependsOn(service)
	})
}

// DependsOn says whether the container's service depends on another one, by its label.
func (c *ObservedContainer) DependsOn(service string) bool {
	return slices.ContainsFunc(strings.Split(c.Labels[composeproject.LabelDependsOn], ","), func(entry string) bool {
		name, _, _ := strings.Cut(entry, ":")
		return name == service
	})
}
