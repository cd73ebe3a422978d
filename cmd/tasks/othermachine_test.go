package main

import (
	"context"
	"testing"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"

	"tasks/internal/coord"
	"tasks/internal/workspace"
	"tasks/planner/observed"
)

// TestThingsOfAnotherMachineStay: a second machine of this name, also one from the same disk image, has runs on the engine.
// Its containers wait for what they depend on, and its private projects have no container yet.
func TestThingsOfAnotherMachineStay(t *testing.T) {
	t.Parallel()
	other, ok := coord.CurrentOwner()
	if !ok {
		t.Fatal("this system does not tell who a process is")
	}
	other.Boot = "11111111-2222-3333-4444-555555555555"
	a := newApp(t, transientCompose, runResourceTasks)
	expectEqual(t, "a dead process", workspace.CurrentOwnership().IsDead(other.String(), 0), false)
	waiting := map[string]string{
		"com.docker.compose.project": a.project, "com.docker.compose.service": "web",
		"com.docker.compose.oneoff": "True", observed.LabelOwner: other.String(),
	}
	of := a.project + "-0a1b2c3d"
	private := map[string]string{
		"com.docker.compose.project": of, observed.LabelOriginal: a.project,
		observed.LabelPolicy: "ephemeral", observed.LabelOwner: other.String(),
	}
	ctx := t.Context()
	_, err := a.engine.ContainerCreate(ctx, client.ContainerCreateOptions{
		Name: a.project + "-waiting", Config: &container.Config{Image: a.image, Labels: waiting},
	})
	if err == nil {
		_, err = a.engine.NetworkCreate(ctx, of+"_default", client.NetworkCreateOptions{Labels: private})
	}
	if err == nil {
		_, err = a.engine.VolumeCreate(ctx, client.VolumeCreateOptions{Name: of + "_data", Labels: private})
	}
	if err != nil {
		t.Error(err)
	}
	t.Cleanup(func() {
		_, _ = a.engine.ContainerRemove(context.Background(), a.project+"-waiting", client.ContainerRemoveOptions{Force: true})
		a.down()
		a.expectNoRunResources("after the test")
	})
	for _, call := range [][]string{{"ps"}, {"run", "reusing"}} {
		if r := a.start(call...).wait(); r.code != 0 {
			t.Errorf("%q ended with %d\n%s", call, r.code, r.stderr)
		}
		if left := a.runResources(); len(left) != 3 {
			t.Errorf("after %q, left: %q", call, left)
		}
	}
	r := a.start("down").wait()
	expectEqual(t, "exit code of down without an answer", r.code, 125)
}
