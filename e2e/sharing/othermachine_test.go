//go:build unix

package sharing_test

import (
	"context"
	"testing"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"

	"tasks/internal/coord"
	"tasks/internal/testing/apptest"
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
	a := apptest.NewApp(t, transientCompose, runResourceTasks)
	apptest.ExpectEqual(t, "a dead process", workspace.CurrentOwnership().IsDead(other.String(), 0), false)
	waiting := map[string]string{
		"com.docker.compose.project": a.Project, "com.docker.compose.service": "web",
		"com.docker.compose.oneoff": "True", observed.LabelOwner: other.String(),
	}
	of := a.Project + "-0a1b2c3d"
	private := map[string]string{
		"com.docker.compose.project": of, observed.LabelOriginal: a.Project,
		observed.LabelPolicy: "ephemeral", observed.LabelOwner: other.String(),
	}
	ctx := t.Context()
	_, err := a.Engine.ContainerCreate(ctx, client.ContainerCreateOptions{
		Name: a.Project + "-waiting", Config: &container.Config{Image: a.Image, Labels: waiting},
	})
	if err == nil {
		_, err = a.Engine.NetworkCreate(ctx, of+"_default", client.NetworkCreateOptions{Labels: private})
	}
	if err == nil {
		_, err = a.Engine.VolumeCreate(ctx, client.VolumeCreateOptions{Name: of + "_data", Labels: private})
	}
	if err != nil {
		t.Error(err)
	}
	t.Cleanup(func() {
		_, _ = a.Engine.ContainerRemove(context.Background(), a.Project+"-waiting", client.ContainerRemoveOptions{Force: true})
		a.Down()
		a.ExpectNoRunResources("after the test")
	})
	for _, call := range [][]string{{"ps"}, {"run", "reusing"}} {
		if r := a.Start(call...).Wait(); r.Code != 0 {
			t.Errorf("%q ended with %d\n%s", call, r.Code, r.Stderr)
		}
		if left := a.RunResources(); len(left) != 3 {
			t.Errorf("after %q, left: %q", call, left)
		}
	}
	r := a.Start("down").Wait()
	apptest.ExpectEqual(t, "exit code of down without an answer", r.Code, 125)
}
