//go:build linux

package faults

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/moby/moby/api/types/events"
	"github.com/moby/moby/client"

	"tasks/internal/composeproject"
)

// volumeWatch records the anonymous volumes of containers in projects with a name prefix: private projects extend the
// project's name. The volumes themselves have no mark of a project.
type volumeWatch struct {
	engine *client.Client
	prefix string

	mu         sync.Mutex
	containers map[string]bool
	mounted    map[string][]string // by container
}

// watchVolumes records until ctx ends.
func watchVolumes(ctx context.Context, engine *client.Client, prefix string) *volumeWatch {
	w := &volumeWatch{engine: engine, prefix: prefix, containers: map[string]bool{}, mounted: map[string][]string{}}
	stream := engine.Events(ctx, client.EventsListOptions{
		Since: fmt.Sprint(time.Now().Unix()),
		Filters: make(client.Filters).Add("type", string(events.ContainerEventType), string(events.VolumeEventType)).
			Add("event", string(events.ActionCreate), string(events.ActionMount)),
	})
	go func() {
		for {
			select {
			case m := <-stream.Messages:
				w.record(ctx, m)
			case <-stream.Err:
				return
			}
		}
	}()
	return w
}

// record adds the volumes of a container. A container that never starts mounts nothing, but has volumes.
func (w *volumeWatch) record(ctx context.Context, m events.Message) {
	switch {
	case m.Type == events.VolumeEventType && m.Action == events.ActionMount:
		w.add(m.Actor.Attributes["container"], m.Actor.ID)
	case m.Type == events.ContainerEventType && strings.HasPrefix(m.Actor.Attributes[composeproject.LabelProject], w.prefix):
		w.mu.Lock()
		w.containers[m.Actor.ID] = true
		w.mu.Unlock()
		one, err := w.engine.ContainerInspect(ctx, m.Actor.ID, client.ContainerInspectOptions{})
		if err != nil {
			return // removed together with its volumes
		}
		for _, mount := range one.Container.Mounts {
			w.add(m.Actor.ID, mount.Name)
		}
	}
}

func (w *volumeWatch) add(container, volume string) {
	if isAnonymousName(volume) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.mounted[container] = append(w.mounted[container], volume)
	}
}

// isAnonymousName reports whether the engine generated a volume's name.
func isAnonymousName(name string) bool {
	return len(name) == 64 && strings.Trim(name, "0123456789abcdef") == ""
}

// unusedVolumes returns the volumes without a container. On an engine without other users, all such volumes are ours.
func (w *volumeWatch) unusedVolumes(ctx context.Context, all bool) ([]string, error) {
	list, err := w.engine.VolumeList(ctx, client.VolumeListOptions{Filters: make(client.Filters).Add("dangling", "true")})
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	var names []string
	for _, v := range list.Items {
		if all && isAnonymousName(v.Name) {
			names = append(names, v.Name)
			continue
		}
		for id := range w.containers {
			if slices.Contains(w.mounted[id], v.Name) {
				names = append(names, v.Name)
				break
			}
		}
	}
	return names, nil
}
