package enginetest

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/containerd/errdefs"

	"tasks/executor/engine"
	"tasks/planner"
	"tasks/planner/observed"
)

// box is a container.
type memoryContainer struct {
	id        string
	number    int
	spec      planner.ContainerSpec
	behaviour behaviour
	imageID   string
	// imageLabels are the labels of the image, labels those and the container's own.
	imageLabels, labels map[string]string
	networks            map[string]string
	mounts              []observed.Mount
	anonymous           []string
	createdAt           time.Time

	state    string
	exitCode int
	// isStopped keeps the policy from a restart.
	isStopped bool
	error     string
	health    string
	// process is the process, from a start to its exit. startedAt is the last start, restarts the number of starts by
	// the policy.
	process   *process
	startedAt time.Time
	restarts  int

	// attachments and waiting are for the next, or the current, run.
	attachments []*attachment
	waiters     []*waiter
	// executions are the commands that were started in it beside its own.
	executions []*execution
	log        []byte
	frames     []frame
	// frames is the log by streams. logStart is where the current run's log begins.
	logStart int
}

// The states that a container of ours can be in, in the engine's words.
const (
	created    = "created"
	running    = "running"
	paused     = "paused"
	restarting = "restarting"
	exited     = "exited"
)

func (c *memoryContainer) isRunning() bool { return c.state == running || c.state == paused }

// CreateContainer implements [engine.Engine].
func (m *Memory) CreateContainer(ctx context.Context, spec planner.ContainerSpec) (id string, err error) {
	late, err := m.recordCall(ctx, "CreateContainer", spec.Name)
	if err != nil {
		return "", err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	c, err := m.newContainer(spec)
	if err != nil {
		return "", err
	}
	if other := m.find(spec.Name); other != nil {
		return "", conflict("the container name %q is already in use by container %s", spec.Name, other.id[:12])
	}
	c.id = m.newID("container")
	c.number = m.lastNumber
	m.mountAll(c)
	m.containers[c.id] = c
	m.emit(c, "create", 0)
	return c.id, late
}

// newContainer checks that everything is there that the container needs.
func (m *Memory) newContainer(spec planner.ContainerSpec) (*memoryContainer, error) {
	b, err := parseBehaviour(spec)
	if err != nil {
		return nil, m.violation("CreateContainer", spec.Name, errdefs.ErrInvalidArgument, "%v", err)
	}
	if spec.Name == "" {
		return nil, m.violation("CreateContainer", spec.Name, errdefs.ErrInvalidArgument, "the container has no name")
	}
	c := &memoryContainer{spec: spec, behaviour: b, state: created, createdAt: time.Now(), networks: map[string]string{}}
	image, known := m.localImage(spec.Image)
	if !known {
		return nil, m.violation("CreateContainer", spec.Name, errdefs.ErrNotFound, "image %q is not there", spec.Image)
	}
	c.imageID, c.imageLabels, c.labels = image.ID, image.Labels, map[string]string{}
	maps.Copy(c.labels, image.Labels)
	maps.Copy(c.labels, spec.Labels)
	for _, endpoint := range spec.Networks {
		n := m.networkNamed(endpoint.Network)
		if n == nil {
			return nil, m.violation("CreateContainer", spec.Name, errdefs.ErrNotFound, "network %q is not there", endpoint.Network)
		}
		c.networks[n.Name] = n.ID
	}
	if other, shared := strings.CutPrefix(spec.Service.Pid, "container:"); shared && m.find(other) == nil {
		return nil, m.violation("CreateContainer", spec.Name, errdefs.ErrNotFound, "container %q, whose processes it sees, is not there", other)
	}
	if other, shared := strings.CutPrefix(spec.Service.NetworkMode, "container:"); shared && m.find(other) == nil {
		return nil, m.violation("CreateContainer", spec.Name, errdefs.ErrNotFound, "container %q, whose network it shares, is not there", other)
	}
	for key, name := range spec.Volumes {
		if m.volumes[name] == nil {
			return nil, m.violation("CreateContainer", spec.Name, errdefs.ErrNotFound, "volume %q (%s) is not there", name, key)
		}
	}
	return c, nil
}

// mountAll gives the container its named volumes, and anonymous ones where the image declares a mount point.
func (m *Memory) mountAll(c *memoryContainer) {
	mounted := map[string]bool{}
	for _, v := range c.spec.Service.Volumes {
		name := v.Source
		if v.Type == "volume" {
			if known, ok := c.spec.Volumes[v.Source]; ok {
				name = known
			}
		}
		if v.Type == "volume" && v.Source == "" {
			name = m.anonymous(c, v.Target)
		}
		mounted[v.Target] = true
		c.mounts = append(c.mounts, observed.Mount{Type: v.Type, Name: name, Source: v.Source, Destination: v.Target})
	}
	image, _ := m.localImage(c.spec.Image)
	for _, target := range image.Volumes {
		if !mounted[target] {
			c.mounts = append(c.mounts, observed.Mount{Type: "volume", Name: m.anonymous(c, target), Destination: target})
		}
	}
}

// anonymous is the volume that the container had at target before it was replaced, or a new one. Like the engine, it takes
// only a new one for the container's own, which goes with it.
func (m *Memory) anonymous(c *memoryContainer, target string) string {
	if name := c.spec.Inherit[target]; name != "" {
		if m.volumes[name] == nil {
			m.addVolume(name, nil)
		}
		return name
	}
	name := m.newID("anonymous volume")
	m.addVolume(name, nil)
	c.anonymous = append(c.anonymous, name)
	return name
}

// find finds a container by id or name.
func (m *Memory) find(idOrName string) *memoryContainer {
	if c := m.containers[idOrName]; c != nil {
		return c
	}
	for _, c := range m.containers {
		if c.spec.Name == idOrName {
			return c
		}
	}
	return nil
}

// withContainer does something with a container that must be there.
func (m *Memory) withContainer(ctx context.Context, op, id string, do func(*memoryContainer) error) error {
	late, err := m.recordCall(ctx, op, id)
	if err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	c := m.find(id)
	if c == nil {
		return notFound("container", id)
	}
	if err := do(c); err != nil {
		return err
	}
	return late
}

// RenameContainer implements [engine.Engine].
func (m *Memory) RenameContainer(ctx context.Context, id, name string) error {
	return m.withContainer(ctx, "RenameContainer", id, func(c *memoryContainer) error {
		if other := m.find(name); other != nil && other != c {
			return conflict("the container name %q is already in use by container %s", name, other.id[:12])
		}
		c.spec.Name = name
		m.emit(c, "rename", 0)
		return nil
	})
}

// RemoveContainer implements [engine.Engine].
func (m *Memory) RemoveContainer(ctx context.Context, id string, volumes engine.VolumePolicy) error {
	err := m.withContainer(ctx, "RemoveContainer", id, func(c *memoryContainer) error {
		c.isStopped = true
		m.endProcess(c, c.process, 137)
		m.remove(c, volumes)
		return nil
	})
	if engine.IsNotFound(err) {
		return nil
	}
	return err
}

// remove takes away a container that has ended, unless it is gone already.
func (m *Memory) remove(c *memoryContainer, volumes engine.VolumePolicy) {
	if m.containers[c.id] == nil {
		return
	}
	delete(m.containers, c.id)
	c.notifyWaiters()
	if volumes == engine.RemoveVolumes {
		for _, name := range c.anonymous {
			delete(m.volumes, name)
		}
	}
	m.emit(c, "destroy", 0)
}

// InspectContainer implements [engine.Engine].
func (m *Memory) InspectContainer(ctx context.Context, idOrName string) (state engine.ContainerState, err error) {
	err = m.withContainer(ctx, "InspectContainer", idOrName, func(c *memoryContainer) error {
		state = engine.ContainerState{
			Container:   *c.observed(),
			Error:       c.error,
			Probe:       c.probe(),
			TTY:         c.spec.TTY,
			NetworkMode: c.spec.Service.NetworkMode,
			Addresses:   m.networkAddresses(c),
			HostPorts:   c.hostPorts(),
			StartedAt:   c.startedAt,
			Restarts:    c.restarts,
			MemoryLimit: int64(c.spec.Service.MemLimit),
		}
		state.IsOutOfMemory = c.behaviour.isOutOfMemory && state.State.HasEnded()
		state.Health = c.health
		state.HasHealthcheck = state.Probe != nil
		state.ExitCode = c.exitCode
		if c.health == "healthy" || c.health == "unhealthy" {
			state.LastProbeOutput = c.health + " by its environment"
		}
		return nil
	})
	return state, err
}

// observed is the container as a list shows it.
func (c *memoryContainer) observed() *observed.Container {
	o := &observed.Container{
		ID:        c.id,
		Name:      c.spec.Name,
		Labels:    maps.Clone(c.labels),
		ImageID:   c.imageID,
		Image:     c.spec.Image,
		State:     observed.ContainerState(c.state),
		Networks:  maps.Clone(c.networks),
		Mounts:    slices.Clone(c.mounts),
		CreatedAt: c.createdAt,
	}
	o.Labels = o.OwnLabels(c.imageLabels)
	return o
}

// ProjectContainers implements [engine.Engine].
func (m *Memory) ProjectContainers(ctx context.Context, project string) ([]*observed.Container, error) {
	late, err := m.recordCall(ctx, "ProjectContainers", project)
	if err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	var found []*observed.Container
	for _, c := range m.containers {
		if o := c.observed(); inProject(o.Labels, project) && observed.IsComposeContainer(o.Labels) {
			found = append(found, o)
		}
	}
	slices.SortFunc(found, func(a, b *observed.Container) int { return strings.Compare(a.Name, b.Name) })
	return found, late
}
