//go:build unix

package main

import (
	"context"
	"strings"
	"testing"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/client"
)

// isVolumeGone says whether a volume is not there any more.
func (a *testApp) isVolumeGone(volume string) bool {
	a.t.Helper()
	_, err := a.engine.VolumeInspect(a.t.Context(), volume, client.VolumeInspectOptions{})
	if err != nil && !errdefs.IsNotFound(err) {
		a.t.Fatal(err)
	}
	return err != nil
}

// What a recreated service inherits the engine takes for a named volume. `tasks down` takes it along nevertheless, with
// the containers; a named one stays.
func TestDownRemovesInheritedVolumes(t *testing.T) {
	t.Parallel()
	a, compose, _ := newReusedApp(t)
	a.ok("run", "hi")
	anonymous := mountsOf(a.service("db"))["/anonymous"]
	compose("two")
	a.ok("run", "hi")
	db := a.service("db")
	if mountsOf(db)["/anonymous"] != anonymous || len(anonymous) != 64 {
		t.Fatalf("mounts %v; want %s inherited", mountsOf(db), anonymous)
	}
	if label := db.Config.Labels["com.docker.compose.replace"]; label != "db-1" {
		t.Errorf("it replaces %q", label)
	}
	a.ok("down")
	if !a.isVolumeGone(anonymous) {
		t.Errorf("volume %s is left", anonymous)
	}
	if a.isVolumeGone(a.project + "_named") {
		t.Error("the named volume is gone")
	}
}

// A volume that the compose file names stays, even under such a name.
func TestDownKeepsDeclaredVolumes(t *testing.T) {
	t.Parallel()
	a := newApp(t, "services: {}", reusedTasks)
	made, err := a.engine.VolumeCreate(t.Context(), client.VolumeCreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	name := made.Volume.Name
	t.Cleanup(func() {
		a.down()
		if _, err := a.engine.VolumeRemove(context.Background(), name, client.VolumeRemoveOptions{}); err != nil {
			t.Error(err)
		}
	})
	const compose = `
services:
  web: {image: @image, depends_on: [db]}
  db: {image: @image, command: [sleep, infinity], environment: {SETTING: "@setting"}, volumes: ["old:/old"]}
volumes:
  old: {external: true, name: "@volume"}
name: @project
`
	for _, setting := range []string{"one", "two"} {
		a.write("compose.yaml", strings.NewReplacer("@setting", setting, "@volume", name).Replace(compose))
		a.ok("run", "hi")
	}
	a.ok("down")
	if a.isVolumeGone(name) {
		t.Error("an external volume is gone")
	}
}
