//go:build unix

package apptest

import (
	"strings"
	"syscall"
	"testing"

	"github.com/containerd/errdefs"
	"github.com/google/go-cmp/cmp"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
)

// Published returns the published ports of a container: "container port" to "address:host port".
func Published(c container.InspectResponse) map[string]string {
	ports := map[string]string{}
	for port, bindings := range c.NetworkSettings.Ports {
		for _, b := range bindings {
			ports[port.String()] = b.HostIP.String() + ":" + b.HostPort
		}
	}
	return ports
}

// RemoveVolume removes a volume outside of the compose file, because `tasks down --volumes` leaves such a volume.
func (a *App) RemoveVolume(name string) {
	a.T.Helper()
	v, err := a.Engine.VolumeInspect(a.T.Context(), name, client.VolumeInspectOptions{})
	if err != nil {
		a.T.Error(err)
	} else if v.Volume.Labels["com.docker.compose.project"] == a.Project {
		return
	}
	if _, err := a.Engine.VolumeRemove(a.T.Context(), name, client.VolumeRemoveOptions{}); err != nil {
		a.T.Error(err)
	}
}

// ContainerDuringRun runs a task whose command prints text and does not end. The result is the container during the
// run.
func (a *App) ContainerDuringRun(args ...string) container.InspectResponse {
	a.T.Helper()
	p := a.Start(append([]string{"run"}, args...)...)
	// A signal before the first output would cancel the run, and remove what it made.
	Eventually(a.T, "output", func() bool { return p.Stdout.String() != "" }, p.Stderr.String)
	all := a.OneOffs()
	p.Signal(syscall.SIGTERM)
	p.Wait()
	if len(all) != 1 || !all[0].State.Running {
		a.T.Fatalf("tasks run %q had %d one-offs, want one that runs", args, len(all))
	}
	if left := a.OneOffs(); len(left) > 0 {
		a.T.Errorf("tasks run %q left %s", args, left[0].Name)
	}
	return all[0]
}

// Remove removes a container that a task has kept.
func (a *App) Remove(c container.InspectResponse) {
	a.T.Helper()
	options := client.ContainerRemoveOptions{Force: true, RemoveVolumes: true}
	if _, err := a.Engine.ContainerRemove(a.T.Context(), c.ID, options); err != nil {
		a.T.Error(err)
	}
}

// EnvironmentOf returns a container's environment. A name without = removes the variable of the image.
func EnvironmentOf(c container.InspectResponse) map[string]string {
	env := map[string]string{}
	for _, e := range c.Config.Env {
		if name, value, set := strings.Cut(e, "="); set {
			env[name] = value
		}
	}
	return env
}

// MountsOf returns a container's mounts: target to source path or volume name.
func MountsOf(c container.InspectResponse) map[string]string {
	mounts := map[string]string{}
	for _, m := range c.Mounts {
		source := m.Source
		if m.Type == "volume" {
			source = m.Name
		}
		mounts[m.Destination] = source
	}
	return mounts
}

// ExpectEqual compares two values and prints the difference.
func ExpectEqual[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s: -want +got:\n%s", what, diff)
	}
}

// States returns the state of each service with a container.
func (a *App) States() map[string]string {
	states := map[string]string{}
	for _, c := range a.Containers() {
		states[c.Config.Labels["com.docker.compose.service"]] = string(c.State.Status)
	}
	return states
}

// IsVolumeGone reports whether a volume is missing.
func (a *App) IsVolumeGone(volume string) bool {
	a.T.Helper()
	_, err := a.Engine.VolumeInspect(a.T.Context(), volume, client.VolumeInspectOptions{})
	if err != nil && !errdefs.IsNotFound(err) {
		a.T.Fatal(err)
	}
	return err != nil
}
