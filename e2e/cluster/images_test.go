//go:build linux

package cluster_test

import (
	"archive/tar"
	"bytes"
	"context"
	"testing"

	"github.com/moby/moby/client"

	"tasks/executor/docker"
	"tasks/executor/imagesend"
	"tasks/internal/testing/apptest"
)

// layerOn makes an image with one small layer more.
func layerOn(t *testing.T, a *apptest.App, ref string) {
	t.Helper()
	id, _ := a.ContainerOf(a.Image, a.Project+"-layer", nil)
	var content bytes.Buffer
	archive := tar.NewWriter(&content)
	text := []byte("of a new layer\n")
	if err := archive.WriteHeader(&tar.Header{Name: "new", Mode: 0o644, Size: int64(len(text))}); err != nil {
		t.Fatal(err)
	}
	if _, err := archive.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	options := client.CopyToContainerOptions{DestinationPath: "/", Content: &content}
	if _, err := a.Engine.CopyToContainer(t.Context(), id, options); err != nil {
		t.Fatal(err)
	}
	a.Commit(id, ref)
	t.Cleanup(func() { a.RemoveImage(ref) })
}

// TestImageGoesToNodes: a node without the base gets all layers, a node with the base only the new one.
func TestImageGoesToNodes(t *testing.T) {
	nodes := connectNodes(t)
	a := apptest.NewApp(t, "services:\n  web:\n    @offline\n", "")
	ref := a.Project + ":layered"
	layerOn(t, a, ref)
	from, to := nodes[1], nodes[2]
	for _, n := range []node{from, to} {
		for _, image := range []string{ref, a.Image} {
			if err := n.engine.RemoveImage(t.Context(), image); err != nil {
				t.Fatal(err)
			}
		}
		t.Cleanup(func() {
			if err := n.engine.RemoveImage(context.Background(), ref); err != nil {
				t.Error(err)
			}
		})
	}
	const base = 1_000_000 // the image of the tests is larger, also packed
	if r := from.send(t, ref); r.Sent < base || r.Layers != r.All {
		t.Errorf("without the base: %+v", r)
	}
	if r := from.send(t, ref); r.Sent != 0 {
		t.Errorf("again: %+v", r)
	}
	if r := to.send(t, a.Image); r.Sent < base {
		t.Errorf("the base: %+v", r)
	}
	transfer := imagesend.Transfer{From: from.engine, To: to.engine, Address: to.host, Ref: ref}
	forecast, err := transfer.Forecast(t.Context())
	if err != nil || forecast.IsThere || forecast.Missing != 1 || forecast.Bytes > 10_000 {
		t.Errorf("the forecast is %+v, %v", forecast, err)
	}
	result, err := transfer.Send(t.Context(), nil)
	if err != nil || result.Sent > 20_000 || result.Layers != 1 {
		t.Errorf("with the base: %+v, %v", result, err)
	}
	t.Logf("one new layer: %d bytes", result.Sent)
	here, err := docker.Connect(docker.Options{})
	if err != nil {
		t.Fatal(err)
	}
	image, err := here.InspectBase(t.Context(), ref, "")
	if err != nil || result.ID != image.ID {
		t.Errorf("the image has the id %s, and here %s: %v", result.ID, image.ID, err)
	}
}
