//go:build unix

package apptest

import (
	"context"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
)

// Namesake starts a container of others with an anonymous volume. The end of the test removes both.
func (a *App) Namesake(name string, labels map[string]string) (id, volume string) {
	a.T.Helper()
	return a.ContainerOf(a.Image, name, labels)
}

// ContainerOf is Namesake with another image.
func (a *App) ContainerOf(image, name string, labels map[string]string) (id, volume string) {
	a.T.Helper()
	made, err := a.Engine.ContainerCreate(a.T.Context(), client.ContainerCreateOptions{Name: name, Config: &container.Config{
		Image: image, Cmd: []string{"sleep", "300"}, Labels: labels, Volumes: map[string]struct{}{"/data": {}},
	}})
	if err == nil {
		a.T.Cleanup(func() {
			options := client.ContainerRemoveOptions{Force: true, RemoveVolumes: true}
			if _, err := a.Engine.ContainerRemove(context.Background(), made.ID, options); err != nil {
				a.T.Error(err)
			}
		})
		_, err = a.Engine.ContainerStart(a.T.Context(), made.ID, client.ContainerStartOptions{})
	}
	if err != nil {
		a.T.Fatal(err)
	}
	return made.ID, a.Mount(made.ID)
}

// Commit makes an image of a container, until the test ends.
func (a *App) Commit(id, ref string) {
	a.T.Helper()
	options := client.ContainerCommitOptions{Reference: ref, NoPause: true}
	if _, err := a.Engine.ContainerCommit(a.T.Context(), id, options); err != nil {
		a.T.Fatal(err)
	}
	a.T.Cleanup(func() { a.RemoveImage(ref) })
}

// Mount returns the name of the only volume of a container.
func (a *App) Mount(id string) string {
	a.T.Helper()
	one, err := a.Engine.ContainerInspect(a.T.Context(), id, client.ContainerInspectOptions{})
	if err != nil || !one.Container.State.Running || len(one.Container.Mounts) != 1 {
		a.T.Fatalf("the namesake was touched: %v %+v", err, one.Container.State)
	}
	volume := one.Container.Mounts[0].Name
	if _, err := a.Engine.VolumeInspect(a.T.Context(), volume, client.VolumeInspectOptions{}); err != nil {
		a.T.Fatalf("the volume of the namesake: %v", err)
	}
	return volume
}
