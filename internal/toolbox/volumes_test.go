package toolbox

import (
	"strings"
	"testing"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/mount"
	"github.com/moby/moby/client"
)

// runWith runs a container of a project with a volume, and removes the container with its anonymous volumes.
func runWith(t *testing.T, cli *client.Client, project string, volume mount.Mount) (name string) {
	t.Helper()
	ctx := t.Context()
	made, err := cli.ContainerCreate(ctx, client.ContainerCreateOptions{
		Config:     &container.Config{Image: Image(t), Cmd: []string{"true"}, Labels: map[string]string{"com.docker.compose.project": project}},
		HostConfig: &container.HostConfig{Mounts: []mount.Mount{volume}, NetworkMode: "none"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := cli.ContainerStart(ctx, made.ID, client.ContainerStartOptions{}); err != nil {
		t.Fatal(err)
	}
	state, err := cli.ContainerInspect(ctx, made.ID, client.ContainerInspectOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := cli.ContainerRemove(ctx, made.ID, client.ContainerRemoveOptions{Force: true, RemoveVolumes: true}); err != nil {
		t.Fatal(err)
	}
	return state.Container.Mounts[0].Name
}

// The watch finds a volume without a label of the project's container. The watch ignores volumes that the engine
// removed, volumes with a label, and volumes of other projects.
func TestCheckCleanFindsAnonymousVolumes(t *testing.T) {
	cli := Client(t)
	project, other := Project(t), Project(t)
	watch := startVolumeWatch(cli, project)
	made, err := cli.VolumeCreate(t.Context(), client.VolumeCreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	labelled, err := cli.VolumeCreate(t.Context(), client.VolumeCreateOptions{Labels: map[string]string{"mine": "yes"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []mount.Mount{
		{Type: mount.TypeVolume, Source: made.Volume.Name, Target: "/data"},
		{Type: mount.TypeVolume, Source: labelled.Volume.Name, Target: "/data"},
		{Type: mount.TypeVolume, Target: "/data"},
	} {
		runWith(t, cli, project, v)
	}
	foreign, err := cli.VolumeCreate(t.Context(), client.VolumeCreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	runWith(t, cli, other, mount.Mount{Type: mount.TypeVolume, Source: foreign.Volume.Name, Target: "/data"})

	notes := &recorder{TB: t}
	for range 2 { // the second call finds nothing: found volumes are removed
		watch.stop()
		checkClean(notes, cli, project, watch)
	}
	if len(notes.messages) != 1 || !strings.HasSuffix(notes.messages[0], "left anonymous volume "+made.Volume.Name+" behind") {
		t.Errorf("reported %q", notes.messages)
	}
	for _, name := range []string{labelled.Volume.Name, foreign.Volume.Name} {
		if _, err := cli.VolumeRemove(t.Context(), name, client.VolumeRemoveOptions{}); err != nil {
			t.Error(err)
		}
	}
}
