package docker

import (
	"cmp"
	"context"
	"regexp"
	"slices"
	"sync"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/client"

	"tasks/internal/composeproject"
	"tasks/planner"
)

// Snapshot looks at everything the planner asks about, at once: one list of containers, one of networks, one of volumes,
// and each image; then a close look at the containers of the services asked for. What vanishes in between is left out.
func (e *Engine) Snapshot(ctx context.Context, q planner.Query) (*planner.Observed, error) {
	version, err := e.APIVersion(ctx)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	s := &snapshot{engine: e, query: q, seen: &planner.Observed{
		APIVersion: version,
		Taken:      e.now(),
		Images:     make(map[string]planner.ObservedImage, len(q.Images)),
	}}
	looks := []func(context.Context) error{s.containers, s.networks, s.volumes}
	owned := []func(context.Context) error{s.ownedContainers, s.ownedVolumes}
	if q.Owned {
		looks = append(looks, owned...)
	}
	for _, image := range q.Images {
		looks = append(looks, func(ctx context.Context) error { return s.image(ctx, image) })
	}
	if err := together(ctx, cancel, looks); err != nil {
		return nil, err
	}
	if !q.Owned && len(s.seen.Owned.Networks) > 0 {
		if err := together(ctx, cancel, owned); err != nil {
			return nil, err
		}
	}
	if q.Nameless {
		return s.seen, s.nameless(ctx)
	}
	return s.seen, nil
}

// nameless looks at the volumes with made-up names that the containers mount.
func (s *snapshot) nameless(ctx context.Context) error {
	return s.engine.call(ctx, "look at the anonymous volumes", func(api *client.Client) error {
		for _, c := range s.seen.Containers {
			for _, m := range c.Mounts {
				if m.Type != "volume" || !planner.MadeUpName(m.Name) {
					continue
				}
				if err := s.namedVolume(ctx, api, m.Name); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// together runs all looks at once. The first failure cancels the others, and is the one that is told.
func together(ctx context.Context, cancel context.CancelCauseFunc, looks []func(context.Context) error) error {
	var all sync.WaitGroup
	var once sync.Once
	var first error
	for _, look := range looks {
		all.Go(func() {
			if err := look(ctx); err != nil {
				once.Do(func() { first = err; cancel(err) })
			}
		})
	}
	all.Wait()
	return first
}

// snapshot is one being taken. Each look writes a field of its own, except for images, which share a map.
type snapshot struct {
	engine *Engine
	query  planner.Query
	seen   *planner.Observed
	mu     sync.Mutex // guards seen.Images
}

func (s *snapshot) containers(ctx context.Context) error {
	found, err := s.engine.ProjectContainers(ctx, s.query.Project)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	looks := []func(context.Context) error{s.namesakes(found)}
	for i, c := range found {
		if c.State == "running" {
			continue // the list tells enough
		}
		if c.Labels[composeproject.LabelOneOff] != composeproject.OneOffTrue && slices.Contains(s.query.Services, c.Labels[composeproject.LabelService]) {
			looks = append(looks, func(ctx context.Context) (err error) {
				found[i], err = s.closeLook(ctx, c.ID)
				return err
			})
		}
	}
	if err := together(ctx, cancel, looks); err != nil {
		return err
	}
	s.seen.Containers = slices.DeleteFunc(found, func(c *planner.ObservedContainer) bool { return c == nil })
	return nil
}

// namesakes looks for the containers of others that have a name that the project wants. Names that containers of the
// project have need no look.
func (s *snapshot) namesakes(found []*planner.ObservedContainer) func(context.Context) error {
	filters, wanted := make(client.Filters), map[string]bool{}
	for _, name := range s.query.Names {
		if !slices.ContainsFunc(found, func(c *planner.ObservedContainer) bool { return c.Name == name }) {
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
				if one := listed(c); wanted[one.Name] && one.Labels[composeproject.LabelProject] != s.query.Project {
					s.seen.Namesakes = append(s.seen.Namesakes, one)
				}
			}
			slices.SortFunc(s.seen.Namesakes, byName)
			return err
		})
	}
}

// closeLook returns nil for a container that is gone by now.
func (s *snapshot) closeLook(ctx context.Context, id string) (*planner.ObservedContainer, error) {
	state, err := s.engine.InspectContainer(ctx, id)
	if errdefs.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &state.ObservedContainer, nil
}

// networks lists all networks and picks here: an engine has few, and the two filters that are needed cannot be joined by
// "or" in one request.
func (s *snapshot) networks(ctx context.Context) error {
	return s.engine.call(ctx, "list networks", func(api *client.Client) error {
		result, err := api.NetworkList(ctx, client.NetworkListOptions{})
		for _, n := range result.Items {
			if n.Labels[composeproject.LabelProject] == s.query.Project || slices.Contains(s.query.Networks, n.Name) || slices.Contains(s.query.Networks, n.ID) {
				s.seen.Networks = append(s.seen.Networks, observedNetwork(n.Network))
			} else if s.query.Owns(n.Labels) {
				s.seen.Owned.Networks = append(s.seen.Owned.Networks, observedNetwork(n.Network))
			}
		}
		return err
	})
}

// ownedContainers lists what runs have made for themselves. Two labels cannot be joined by "or" in one request either.
func (s *snapshot) ownedContainers(ctx context.Context) error {
	label := planner.LabelOf + "=" + s.query.Original
	if s.query.Original != s.query.Project {
		label = planner.LabelOwner
	}
	return s.engine.call(ctx, "list the containers of private projects", func(api *client.Client) error {
		result, err := api.ContainerList(ctx, client.ContainerListOptions{All: true, Filters: make(client.Filters).Add("label", label)})
		for _, c := range result.Items {
			if s.query.Owns(c.Labels) {
				s.seen.Owned.Containers = append(s.seen.Owned.Containers, listed(c))
			}
		}
		slices.SortFunc(s.seen.Owned.Containers, byName)
		return err
	})
}

// ownedVolumes lists those of private projects.
func (s *snapshot) ownedVolumes(ctx context.Context) error {
	return s.engine.call(ctx, "list the volumes of private projects", func(api *client.Client) error {
		filters := make(client.Filters).Add("label", planner.LabelOf+"="+s.query.Original)
		result, err := api.VolumeList(ctx, client.VolumeListOptions{Filters: filters})
		for _, v := range result.Items {
			s.seen.Owned.Volumes = append(s.seen.Owned.Volumes, planner.ObservedVolume{Name: v.Name, Labels: v.Labels, Created: v.CreatedAt})
		}
		return err
	})
}

// volumes lists those of the project; others, of which an engine may have thousands, are asked for by name.
func (s *snapshot) volumes(ctx context.Context) error {
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
			s.seen.Volumes = append(s.seen.Volumes, planner.ObservedVolume{Name: v.Name, Labels: v.Labels, Created: v.CreatedAt})
		}
		for name := range missing {
			if err := s.namedVolume(ctx, api, name); err != nil {
				return err
			}
		}
		slices.SortFunc(s.seen.Volumes, func(a, b planner.ObservedVolume) int { return cmp.Compare(a.Name, b.Name) })
		return nil
	})
}

func (s *snapshot) namedVolume(ctx context.Context, api *client.Client, name string) error {
	result, err := api.VolumeInspect(ctx, name, client.VolumeInspectOptions{})
	if err == nil {
		s.seen.Volumes = append(s.seen.Volumes, planner.ObservedVolume{Name: result.Volume.Name, Labels: result.Volume.Labels, Created: result.Volume.CreatedAt})
	}
	return ignoreNotFound(err)
}

func (s *snapshot) image(ctx context.Context, q planner.ImageQuery) error {
	image, err := s.engine.InspectImage(ctx, q.Ref, q.Platform)
	if err == nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.seen.Images[q.Ref] = image
	}
	return ignoreNotFound(err)
}
