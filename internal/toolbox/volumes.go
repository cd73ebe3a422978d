package toolbox

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/api/types/events"
	"github.com/moby/moby/client"
)

// volumeWatch records the anonymous volumes mounted by a project's containers. The volumes have no label of the
// project, so a search by label would miss leftovers. The watch only reads events, so parallel tests are not disturbed.
type volumeWatch struct {
	cancel context.CancelFunc
	done   chan struct{}

	mu         sync.Mutex
	containers map[string]bool
	// mounted are the anonymous volumes by container. Other projects' containers are included, because a mount event
	// may precede the event with the project's name.
	mounted map[string][]string
}

// startVolumeWatch starts the watch. All volumes created after the return are found, because the events start before.
func startVolumeWatch(cli *client.Client, project string) *volumeWatch {
	ctx, cancel := context.WithCancel(context.Background())
	w := &volumeWatch{
		cancel: cancel, done: make(chan struct{}), containers: map[string]bool{}, mounted: map[string][]string{},
	}
	stream := cli.Events(ctx, client.EventsListOptions{
		Since: fmt.Sprint(time.Now().Unix()),
		Filters: make(client.Filters).Add("type", string(events.ContainerEventType), string(events.VolumeEventType)).
			Add("event", string(events.ActionCreate), string(events.ActionMount)),
	})
	go func() {
		defer close(w.done)
		for {
			select {
			case m := <-stream.Messages:
				w.record(m, project)
			case <-stream.Err:
				return // the engine has gone, or the watch is over
			}
		}
	}()
	return w
}

func (w *volumeWatch) record(m events.Message, project string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case m.Type == events.ContainerEventType && m.Actor.Attributes["com.docker.compose.project"] == project:
		w.containers[m.Actor.ID] = true
	case m.Type == events.VolumeEventType && m.Action == events.ActionMount && isAnonymousName(m.Actor.ID):
		container := m.Actor.Attributes["container"]
		w.mounted[container] = append(w.mounted[container], m.Actor.ID)
	}
}

// isAnonymousName reports whether the engine generated a volume's name.
func isAnonymousName(name string) bool {
	return len(name) == 64 && strings.Trim(name, "0123456789abcdef") == ""
}

// stop ends the watch.
func (w *volumeWatch) stop() {
	w.cancel()
	<-w.done
}

// leftovers returns the mounted volumes that still exist. A volume with a label is left out, because the label's owner
// looks after the volume.
func (w *volumeWatch) leftovers(ctx context.Context, cli *client.Client) ([]leftover, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	var found []leftover
	var errs []error
	isListed := map[string]bool{}
	for id := range w.containers {
		for _, name := range w.mounted[id] {
			if isListed[name] {
				continue
			}
			isListed[name] = true
			volume, err := cli.VolumeInspect(ctx, name, client.VolumeInspectOptions{})
			if errdefs.IsNotFound(err) {
				continue
			}
			errs = append(errs, err)
			if err == nil && hasLabel(volume.Volume.Labels) {
				continue
			}
			found = append(found, leftover{"anonymous volume " + name, func(ctx context.Context) error {
				_, err := cli.VolumeRemove(ctx, name, client.VolumeRemoveOptions{})
				if errdefs.IsNotFound(err) {
					return nil // removed together with a leftover container
				}
				return err
			}})
		}
	}
	return found, errors.Join(errs...)
}

// hasLabel ignores the label of newer engines on anonymous volumes.
func hasLabel(labels map[string]string) bool {
	for name := range labels {
		if name != "com.docker.volume.anonymous" {
			return true
		}
	}
	return false
}
