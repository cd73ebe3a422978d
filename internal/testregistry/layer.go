package testregistry

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/rand"
	"fmt"

	"github.com/moby/moby/client"
)

// addLayer commits a container with a file of random bytes, and returns the ID of the image.
func addLayer(ctx context.Context, api *client.Client, image string, size int, changes []string) (string, error) {
	made, err := api.ContainerCreate(ctx, client.ContainerCreateOptions{Image: image})
	if err != nil {
		return "", err
	}
	defer func() {
		_, _ = api.ContainerRemove(context.WithoutCancel(ctx), made.ID, client.ContainerRemoveOptions{Force: true})
	}()
	archive, err := randomFile(size)
	if err != nil {
		return "", err
	}
	copied := client.CopyToContainerOptions{DestinationPath: "/", Content: archive}
	if _, err := api.CopyToContainer(ctx, made.ID, copied); err != nil {
		return "", fmt.Errorf("adding a file: %w", err)
	}
	committed, err := api.ContainerCommit(ctx, made.ID, client.ContainerCommitOptions{Changes: changes})
	return committed.ID, err
}

// randomFile returns an archive with one incompressible file.
func randomFile(size int) (*bytes.Buffer, error) {
	var archive bytes.Buffer
	content := make([]byte, size)
	rand.Read(content) // never fails, by its documentation
	w := tar.NewWriter(&archive)
	if err := w.WriteHeader(&tar.Header{Name: "random", Mode: 0o644, Size: int64(size)}); err != nil {
		return nil, err
	}
	if _, err := w.Write(content); err != nil {
		return nil, err
	}
	return &archive, w.Close()
}
