package toolbox

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/network"
	"github.com/moby/moby/api/types/volume"
	"github.com/moby/moby/client"
)

// CheckClean registers a check for the end of the test: no container, network or volume of the project is left, and no
// anonymous volume of the project's containers. Leftovers fail the test, and are then removed to spare the next test.
// Call CheckClean before any other cleanup, because the last registered function runs first.
func CheckClean(t testing.TB, project string) {
	t.Helper()
	Require(t)
	cli, err := connect()
	if err != nil {
		t.Fatal(err)
	}
	watch := startVolumeWatch(cli, project)
	t.Cleanup(func() {
		watch.stop()
		checkClean(t, cli, project, watch)
		cli.Close()
	})
}

// checkClean searches for leftovers by label and, if there is a watch, by the recorded volumes.
func checkClean(t testing.TB, cli *client.Client, project string, watch *volumeWatch) {
	t.Helper()
	// The test's own context has ended by now.
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	found, err := leftovers(ctx, cli, project)
	if watch != nil && err == nil {
		var volumes []leftover
		volumes, err = watch.leftovers(ctx, cli)
		found = append(found, volumes...)
	}
	if err != nil {
		t.Errorf("cannot check that project %s left nothing behind: %v", project, err)
		return
	}
	for _, l := range found {
		err := l.remove(ctx)
		if errors.Is(err, errKeptByEngine) {
			t.Logf("%s: %v", l.description, err)
			continue
		}
		t.Errorf("project %s left %s behind", project, l.description)
		if err != nil {
			t.Errorf("removing %s: %v", l.description, err)
		}
	}
}

// retryInterval is the pause before RemoveProject searches again for resources that the engine was still changing.
const retryInterval = 100 * time.Millisecond

// RemoveProject removes all containers, networks and volumes of a project, until nothing is left or ctx ends. Failed
// removals are repeated: the engine may still execute requests of a killed client.
func RemoveProject(ctx context.Context, cli *client.Client, project string) error {
	for {
		found, err := leftovers(ctx, cli, project)
		if err != nil {
			return fmt.Errorf("looking for what is left of project %s: %w", project, err)
		}
		if len(found) == 0 {
			return nil
		}
		var removeErrs error
		for _, l := range found {
			if err := l.remove(ctx); err != nil && !errdefs.IsNotFound(err) {
				removeErrs = errors.Join(removeErrs, fmt.Errorf("removing %s: %w", l.description, err))
			}
		}
		if removeErrs == nil {
			continue
		}
		select {
		case <-ctx.Done():
			return removeErrs
		case <-time.After(retryInterval):
		}
	}
}

// leftover is an existing resource of a project.
type leftover struct {
	description string
	remove      func(context.Context) error
}

// leftovers lists containers, then networks and volumes: a possible order of removal.
func leftovers(ctx context.Context, cli *client.Client, project string) ([]leftover, error) {
	filter := make(client.Filters).Add("label", "com.docker.compose.project="+project)
	containers, err1 := cli.ContainerList(ctx, client.ContainerListOptions{All: true, Filters: filter})
	networks, err2 := cli.NetworkList(ctx, client.NetworkListOptions{Filters: filter})
	volumes, err3 := cli.VolumeList(ctx, client.VolumeListOptions{Filters: filter})
	if err := cmp.Or(err1, err2, err3); err != nil {
		return nil, err
	}
	var found []leftover
	for _, c := range containers.Items {
		found = append(found, leftContainer(cli, c))
	}
	for _, n := range networks.Items {
		found = append(found, leftNetwork(cli, n))
	}
	for _, v := range volumes.Items {
		found = append(found, leftVolume(cli, v))
	}
	return found, nil
}

func leftContainer(cli *client.Client, c container.Summary) leftover {
	name := "container " + strings.Join(c.Names, " ") + " (" + string(c.State) + ")"
	return leftover{name, func(ctx context.Context) error {
		_, err := cli.ContainerRemove(ctx, c.ID, client.ContainerRemoveOptions{Force: true, RemoveVolumes: true})
		return err
	}}
}

func leftNetwork(cli *client.Client, n network.Summary) leftover {
	return leftover{"network " + n.Name, func(ctx context.Context) error { return removeNetwork(ctx, cli, n.ID) }}
}

// errKeptByEngine is the error for a network without containers that the engine refuses to remove. This is a defect of
// engine 20.10 (docs/engines.md), and only a restart of the engine removes the network.
var errKeptByEngine = errors.New("a defect of the engine keeps this network: it has an endpoint of a removed container")

// removeNetwork removes a network, and first the endpoints of removed containers. The error wraps [errKeptByEngine] if the
// engine lists no endpoint and refuses the removal for one.
func removeNetwork(ctx context.Context, cli *client.Client, id string) error {
	_, err := cli.NetworkRemove(ctx, id, client.NetworkRemoveOptions{})
	if err == nil || !strings.Contains(err.Error(), "active endpoints") {
		return err
	}
	inspected, inspectErr := cli.NetworkInspect(ctx, id, client.NetworkInspectOptions{})
	if inspectErr != nil {
		return errors.Join(err, inspectErr)
	}
	for container, endpoint := range inspected.Network.Containers {
		if !strings.HasPrefix(container, "ep-") {
			return err
		}
		_, _ = cli.NetworkDisconnect(ctx, id, client.NetworkDisconnectOptions{Container: endpoint.Name, Force: true})
	}
	if _, again := cli.NetworkRemove(ctx, id, client.NetworkRemoveOptions{}); again == nil {
		return nil
	}
	return fmt.Errorf("%w: %w", errKeptByEngine, err)
}

func leftVolume(cli *client.Client, v volume.Volume) leftover {
	return leftover{"volume " + v.Name, func(ctx context.Context) error {
		_, err := cli.VolumeRemove(ctx, v.Name, client.VolumeRemoveOptions{})
		return err
	}}
}
