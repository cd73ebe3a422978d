//go:build unix

package services_test

import (
	"context"
	"strings"
	"testing"

	"github.com/moby/moby/client"

	"tasks/internal/testing/apptest"
)

// What a recreated service inherits the engine takes for a named volume. `tasks down` takes it along nevertheless, with
// the containers; a named one stays.
func TestDownRemovesInheritedVolumes(t *testing.T) {
	t.Parallel()
	a, compose, _ := newReusedApp(t)
	a.Ok("run", "hi")
	anonymous := apptest.MountsOf(a.Service("db"))["/anonymous"]
	compose("two")
	a.Ok("run", "hi")
	db := a.Service("db")
	if apptest.MountsOf(db)["/anonymous"] != anonymous || len(anonymous) != 64 {
		t.Fatalf("mounts %v; want %s inherited", apptest.MountsOf(db), anonymous)
	}
	if label := db.Config.Labels["com.docker.compose.replace"]; label != "db-1" {
		t.Errorf("it replaces %q", label)
	}
	a.Ok("down")
	if !a.IsVolumeGone(anonymous) {
		t.Errorf("volume %s is left", anonymous)
	}
	if a.IsVolumeGone(a.Project + "_named") {
		t.Error("the named volume is gone")
	}
}

// A volume that the compose file names stays, even under such a name.
func TestDownKeepsDeclaredVolumes(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, "services: {}", reusedTasks)
	made, err := a.Engine.VolumeCreate(t.Context(), client.VolumeCreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	name := made.Volume.Name
	t.Cleanup(func() {
		a.Down()
		if _, err := a.Engine.VolumeRemove(context.Background(), name, client.VolumeRemoveOptions{}); err != nil {
			t.Error(err)
		}
	})
	const compose = `
services:
  web: {@offline, depends_on: [db]}
  db: {@offline, command: [sleep, infinity], environment: {SETTING: "@setting"}, volumes: ["old:/old"]}
volumes:
  old: {external: true, name: "@volume"}
name: @project
`
	for _, setting := range []string{"one", "two"} {
		a.Write("compose.yaml", strings.NewReplacer("@setting", setting, "@volume", name).Replace(compose))
		a.Ok("run", "hi")
	}
	a.Ok("down")
	if a.IsVolumeGone(name) {
		t.Error("an external volume is gone")
	}
}
