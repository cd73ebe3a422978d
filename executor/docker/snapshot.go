package docker

import (
	"cmp"
	"context"
	"regexp"
	"slices"
	"sync"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/api/types/volume"
	"github.com/moby/moby/client"

	"tasks/internal/composeproject"
	"tasks/planner/observed"
)

// Snapshot reads the whole query at once: one list of containers, of networks and of volumes, and each image. Then
// follows an inspection of the containers of the requested services. Resources that vanish in between are left out.
func (e *Engine) Snapshot(ctx context.Context, q observed.Query) (*observed.Snapshot, error) {
	version, err := e.APIVersion(ctx)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	s := &snapshotReader{engine: e, query: q, result: &observed.Snapshot{
		APIVersion: version,
		TakenAt:    e.now(),
		Images:     make(map[string]observed.Image, len(q.Images)),
	}}
	readers := []func(context.Context) error{s.readContainers, s.readNetworks, s.readVolumes}
	runReaders := []func(context.Context) error{s.readRunContainers, s.readRunVolumes}
	if q.WithRunResources {
		readers = append(readers, runReaders...)
	}
	for _, image := range q.Images {
		readers = append(readers, func(ctx context.Context) error { return s.readImage(ctx, image) })
	}
	if err := runParallel(ctx, cancel, readers); err != nil {
		return nil, err
	}
	if !q.WithRunResources && len(s.result.RunResources.Networks) > 0 {
		if err := runParallel(ctx, cancel, runReaders); err != nil {
			return nil, err
		}
	}
	if q.AnonymousVolumes {
		return s.result, s.readAnonymousVolumes(ctx)
	}
	return s.result, nil
}

// readAnonymousVolumes inspects the mounted volumes with generated names.
func (s *snapshotReader) readAnonymousVolumes(ctx context.Context) error {
	return s.engine.call(ctx, "look at the anonymous volumes", func(api *client.Client) error {
		for _, c := range s.result.Containers {
			for _, m := range c.Mounts {
				if m.Type != "volume" || !observed.IsGeneratedName(m.Name) {
					continue
				}
				if err := s.readVolume(ctx, api, m.Name); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// runParallel runs all readers at once. The first failure cancels the others, and is returned.
func runParallel(ctx context.Context, cancel context.CancelCauseFunc, readers []func(context.Context) error) error {
	var all sync.WaitGroup
	var once sync.Once
	var first error
	for _, read := range readers {
		all.Go(func() {
			if err := read(ctx); err != nil {
				once.Do(func() { first = err; cancel(err) })
			}
		})
	}
	all.Wait()
	return first
}

// snapshotReader reads one snapshot. Each reader writes to a field of its own. Only images share a map.
type snapshotReader struct {
	engine *Engine
	query  observed.Query
	result *observed.Snapshot
	mu     sync.Mutex // guards result.Images
}

func (s *snapshotReader) readContainers(ctx context.Context) error {
	found, err := s.engine.ProjectContainers(ctx, s.query.Project)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	inspections := []func(context.Context) error{s.namesakes(found)}
	for i, c := range found {
		if c.State.IsRunning() {
			continue // the list has enough
		}
		isOneOff := c.IsOneOff()
		if !isOneOff && slices.Contains(s.query.Services, c.Labels[composeproject.LabelService]) {
			inspections = append(inspections, func(ctx context.Context) (err error) {
				found[i], err = s.inspect(ctx, c.ID)
				return err
			})
		}
	}
	if err := runParallel(ctx, cancel, inspections); err != nil {
		return err
	}
	s.result.Containers = slices.DeleteFunc(found, func(c *observed.Container) bool { return c == nil })
	return nil
}

// namesakes lists the containers of other projects with a name that the project needs. Names of the project's own
// containers need no request.
func (s *snapshotReader) namesakes(found []*observed.Container) func(context.Context) error {
	filters, wanted := make(client.Filters), map[string]bool{}
	for _, name := range s.query.Names {
		if !slices.ContainsFunc(found, func(c *observed.Container) bool { return c.Name == name }) {
			filters.Add("name", "^/?"+regexp.QuoteMeta(name)+"$")
			wanted[name] = true
		}
	}
	return func(ctx context.Context) error {
		if len(wanted) == 0 {
			return nil
		}
		return s.engine.call(ctx, "list the containers that have names of the project", func(api *client.Client) error {
			result, err := api.ContainerList(ctx, client.ContainerListOptions{All: true, Filters: filters})
			for _, c := range result.Items {
				if one := observedContainer(c); wanted[one.Name] {
					s.result.Namesakes = append(s.result.Namesakes, one)
				}
			}
			slices.SortFunc(s.result.Namesakes, byName)
			if err != nil {
				return err
			}
			return s.engine.keepOwnLabels(ctx, api, s.result.Namesakes...)
		})
	}
}

// inspect returns nil for a vanished container.
func (s *snapshotReader) inspect(ctx context.Context, id string) (*observed.Container, error) {
	state, err := s.engine.InspectContainer(ctx, id)
	if errdefs.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &state.Container, nil
}

// readNetworks lists all networks and filters here. An engine has few networks, and one request cannot join the two
// needed filters by "or".
func (s *snapshotReader) readNetworks(ctx context.Context) error {
	return s.engine.call(ctx, "list networks", func(api *client.Client) error {
		result, err := api.NetworkList(ctx, client.NetworkListOptions{})
		for _, n := range result.Items {
			isNamed := slices.Contains(s.query.Networks, n.Name) || slices.Contains(s.query.Networks, n.ID)
			one := observedNetwork(n.Network)
			if isNamed || n.Labels[composeproject.LabelProject] == s.query.Project {
				s.result.Networks = append(s.result.Networks, one)
			} else if s.query.IsRunNetwork(one) {
				s.result.RunResources.Networks = append(s.result.RunResources.Networks, one)
			}
		}
		return err
	})
}

// readRunContainers lists the containers that belong to runs. Here too, one request cannot join two labels by "or".
func (s *snapshotReader) readRunContainers(ctx context.Context) error {
	label := observed.LabelOriginal + "=" + s.query.Original
	if s.query.Original != s.query.Project {
		label = observed.LabelOwner
	}
	return s.engine.call(ctx, "list the containers of private projects", func(api *client.Client) error {
		filters := make(client.Filters).Add("label", label)
		result, err := api.ContainerList(ctx, client.ContainerListOptions{All: true, Filters: filters})
		if err != nil {
			return err
		}
		var found []*observed.Container
		for _, c := range result.Items {
			found = append(found, observedContainer(c))
		}
		err = s.engine.keepOwnLabels(ctx, api, found...)
		s.result.RunResources.Containers = slices.DeleteFunc(found, func(c *observed.Container) bool {
			return !observed.IsComposeContainer(c.Labels) || !s.query.IsRunResource(c.Labels)
		})
		slices.SortFunc(s.result.RunResources.Containers, byName)
		return err
	})
}

// readRunVolumes lists the volumes of private projects.
func (s *snapshotReader) readRunVolumes(ctx context.Context) error {
	return s.engine.call(ctx, "list the volumes of private projects", func(api *client.Client) error {
		filters := make(client.Filters).Add("label", observed.LabelOriginal+"="+s.query.Original)
		result, err := api.VolumeList(ctx, client.VolumeListOptions{Filters: filters})
		for _, v := range result.Items {
			if one := observedVolume(v); s.query.IsRunVolume(one) {
				s.result.RunResources.Volumes = append(s.result.RunResources.Volumes, one)
			}
		}
		return err
	})
}

// readVolumes lists the volumes of the project. Other volumes are requested by name, because an engine may have
// thousands.
func (s *snapshotReader) readVolumes(ctx context.Context) error {
	return s.engine.call(ctx, "list volumes", func(api *client.Client) error {
		result, err := api.VolumeList(ctx, client.VolumeListOptions{Filters: ofProject(s.query.Project)})
		if err != nil {
			return err
		}
		missing := make(map[string]bool, len(s.query.Volumes))
		for _, name := range s.query.Volumes {
			missing[name] = true
		}
		for _, v := range result.Items {
			delete(missing, v.Name)
			s.result.Volumes = append(s.result.Volumes, observedVolume(v))
		}
		for name := range missing {
			if err := s.readVolume(ctx, api, name); err != nil {
				return err
			}
		}
		slices.SortFunc(s.result.Volumes, func(a, b observed.Volume) int { return cmp.Compare(a.Name, b.Name) })
		return nil
	})
}

func (s *snapshotReader) readVolume(ctx context.Context, api *client.Client, name string) error {
	result, err := api.VolumeInspect(ctx, name, client.VolumeInspectOptions{})
	if err == nil {
		s.result.Volumes = append(s.result.Volumes, observedVolume(result.Volume))
	}
	return ignoreNotFound(err)
}

func observedVolume(v volume.Volume) observed.Volume {
	return observed.Volume{Name: v.Name, Labels: v.Labels, CreatedAt: v.CreatedAt}
}

func (s *snapshotReader) readImage(ctx context.Context, q observed.ImageQuery) error {
	image, err := s.engine.InspectImage(ctx, q.Ref, q.Platform)
	if err == nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.result.Images[q.Ref] = image
	}
	return ignoreNotFound(err)
}
