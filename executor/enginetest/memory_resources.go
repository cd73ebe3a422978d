package enginetest

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/containerd/errdefs"

	"tasks/internal/composeproject"
	"tasks/planner"
	"tasks/planner/observed"
)

const projectLabel = composeproject.LabelProject

// CreateNetwork implements [engine.Engine].
func (m *Memory) CreateNetwork(ctx context.Context, n *planner.Network) (id string, made bool, err error) {
	late, err := m.recordCall(ctx, "CreateNetwork", n.Name)
	if err != nil {
		return "", false, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if known := m.networkNamed(n.Name); known != nil {
		return known.ID, false, late
	}
	if n.External {
		return "", false, notFound("network", n.Name)
	}
	id = m.addNetwork(n.Name, n.Config.Driver, n.Labels)
	m.networkConfigs[id] = n.Config
	return id, true, late
}

// AddNetwork makes a network that somebody else has made.
func (m *Memory) AddNetwork(name string, labels map[string]string) (id string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.addNetwork(name, "", labels)
}

func (m *Memory) addNetwork(name, driver string, labels map[string]string) string {
	if driver == "" {
		driver = "bridge"
	}
	n := &observed.Network{ID: m.newID("network"), Name: name, Driver: driver, Labels: maps.Clone(labels), CreatedAt: time.Now()}
	m.networks[n.ID] = n
	return n.ID
}

// networkNamed finds a network by name or id.
func (m *Memory) networkNamed(nameOrID string) *observed.Network {
	if n := m.networks[nameOrID]; n != nil {
		return n
	}
	for _, n := range m.networks {
		if n.Name == nameOrID {
			return n
		}
	}
	return nil
}

// RemoveNetwork implements [engine.Engine].
func (m *Memory) RemoveNetwork(ctx context.Context, id string) error {
	late, err := m.recordCall(ctx, "RemoveNetwork", id)
	if err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	n := m.networkNamed(id)
	if n == nil {
		return late
	}
	for _, c := range m.containers {
		// Like the engine: only what runs has an endpoint.
		if c.isRunning() && c.networks[n.Name] == n.ID {
			return conflict("network %s has active endpoints: %s", n.Name, c.spec.Name)
		}
	}
	delete(m.networks, n.ID)
	return late
}

// CreateVolume implements [engine.Engine].
func (m *Memory) CreateVolume(ctx context.Context, v *planner.Volume) (created string, made bool, err error) {
	late, err := m.recordCall(ctx, "CreateVolume", v.Name)
	if err != nil {
		return "", false, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if exists := m.volumes[v.Name]; exists != nil {
		return exists.CreatedAt, false, late
	}
	if v.External {
		return "", false, notFound("volume", v.Name)
	}
	m.addVolume(v.Name, v.Labels)
	return m.volumes[v.Name].CreatedAt, true, late
}

// AddVolume makes a volume that somebody else has made.
func (m *Memory) AddVolume(name string, labels map[string]string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.addVolume(name, labels)
}

func (m *Memory) addVolume(name string, labels map[string]string) {
	m.volumes[name] = &observed.Volume{Name: name, Labels: maps.Clone(labels), CreatedAt: m.newID("volume")}
}

// InspectVolume implements [engine.Engine].
func (m *Memory) InspectVolume(ctx context.Context, name string) (observed.Volume, error) {
	late, err := m.recordCall(ctx, "InspectVolume", name)
	if err != nil {
		return observed.Volume{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	v := m.volumes[name]
	if v == nil {
		return observed.Volume{}, notFound("volume", name)
	}
	return *v, late
}

// RemoveVolume implements [engine.Engine].
func (m *Memory) RemoveVolume(ctx context.Context, name string) error {
	late, err := m.recordCall(ctx, "RemoveVolume", name)
	if err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, c := range m.containers {
		if slices.ContainsFunc(c.mounts, func(p observed.Mount) bool { return p.Name == name }) {
			return conflict("volume %s is in use by %s", name, c.spec.Name)
		}
	}
	delete(m.volumes, name)
	return late
}

// VolumeUsers implements [engine.Engine].
func (m *Memory) VolumeUsers(ctx context.Context, name string) (users []*observed.Container, err error) {
	late, err := m.recordCall(ctx, "VolumeUsers", name)
	if err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, c := range m.containers {
		if seen := c.observed(); seen.MountsVolume(name) {
			users = append(users, seen)
		}
	}
	slices.SortFunc(users, func(a, b *observed.Container) int { return strings.Compare(a.Name, b.Name) })
	return users, late
}

// AddImage makes a local image; an empty id gets one.
func (m *Memory) AddImage(ref string, image observed.Image) observed.Image {
	return m.addImage(&m.images, ref, image)
}

// AddRemoteImage makes an image that can be pulled; an empty id gets one.
func (m *Memory) AddRemoteImage(ref string, image observed.Image) observed.Image {
	return m.addImage(&m.remote, ref, image)
}

func (m *Memory) addImage(to *map[string]observed.Image, ref string, image observed.Image) observed.Image {
	m.mu.Lock()
	defer m.mu.Unlock()
	if image.ID == "" {
		image.ID = "sha256:" + m.newID("image "+ref)
	}
	(*to)[ref] = image
	return image
}

// InspectImage implements [engine.Engine].
func (m *Memory) InspectImage(ctx context.Context, ref, platform string) (observed.Image, error) {
	late, err := m.recordCall(ctx, "InspectImage", ref)
	if err != nil {
		return observed.Image{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	image, known := m.localImage(ref)
	if !known {
		return image, notFound("image", ref)
	}
	return image, late
}

// localImage finds an image by reference or id.
func (m *Memory) localImage(ref string) (observed.Image, bool) {
	if image, known := m.images[ref]; known {
		return image, true
	}
	for _, image := range m.images {
		if image.ID == ref {
			return image, true
		}
	}
	return observed.Image{}, false
}

// PullImage implements [engine.Engine].
func (m *Memory) PullImage(ctx context.Context, ref, platform string, progress func(string)) (observed.Image, error) {
	late, err := m.recordCall(ctx, "PullImage", ref)
	if err != nil {
		return observed.Image{}, err
	}
	m.mu.Lock()
	image, known := m.remote[ref]
	if known {
		m.images[ref] = image
	}
	m.mu.Unlock()
	if !known {
		return image, fmt.Errorf("pull %s: manifest unknown: %w", ref, errdefs.ErrNotFound)
	}
	reportProgress(progress, "pulled "+ref)
	return image, late
}

// BuildImage implements [engine.Engine]. A build argument FAIL makes it fail, with the argument's value as message.
func (m *Memory) BuildImage(ctx context.Context, img *planner.Image, progress func(string)) (observed.Image, error) {
	late, err := m.recordCall(ctx, "BuildImage", img.Ref)
	if err != nil {
		return observed.Image{}, err
	}
	if img.Build == nil {
		m.mu.Lock()
		defer m.mu.Unlock()
		return observed.Image{}, m.violation("BuildImage", img.Ref, errdefs.ErrInvalidArgument, "the image has no build configuration")
	}
	if message := img.Build.Args["FAIL"]; message != nil {
		return observed.Image{}, fmt.Errorf("build %s: %s", img.Ref, *message)
	}
	reportProgress(progress, "built "+img.Ref)
	return m.AddImage(img.Ref, observed.Image{}), late
}

func reportProgress(progress func(string), line string) {
	if progress != nil {
		progress(line)
	}
}
