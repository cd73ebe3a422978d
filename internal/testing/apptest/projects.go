//go:build unix

package apptest

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"

	"tasks/internal/toolbox"
)

// ExpectSharedOnce expects one network, one dependency and no one-off.
func (a *App) ExpectSharedOnce() {
	a.T.Helper()
	if networks := a.Networks(); len(networks) != 1 {
		a.T.Errorf("networks %q; want one", networks)
	}
	if db := a.Service("db"); !db.State.Running || db.Name != "/"+a.Project+"-db-1" {
		a.T.Errorf("container %s is %s", db.Name, db.State.Status)
	}
	for _, c := range a.OneOffs() {
		a.T.Errorf("one-off %s is left (%s)", c.Name, c.State.Status)
	}
}

// ListedAsRunning reports whether the engine's list has a container among the running ones. The program reads this
// list.
func (a *App) ListedAsRunning(id string) bool {
	a.T.Helper()
	list, err := a.Engine.ContainerList(a.T.Context(), client.ContainerListOptions{Filters: make(client.Filters).Add("id", id).Add("status", "running")})
	if err != nil {
		a.T.Fatal(err)
	}
	return len(list.Items) > 0
}

// BoxCompose has a service for tests of commands.
const BoxCompose = "services: {box: {@offline}}\n"

// WordsTask is a task of [BoxCompose] with its arguments as the command.
const WordsTask = `
task "x" {
  service = "box"
  command = args
}
`

// EchoRan is a task that prints "ran".
const EchoRan = `
task "x" {
  service = "web"
  command = ["echo", "ran"]
}
`

// ExpectFailedRun runs a task, and expects exit code 125, no output and these texts on stderr.
func ExpectFailedRun(t *testing.T, a *App, wants ...string) {
	t.Helper()
	r := a.Tasks("run", "x")
	if r.Code != 125 || r.Stdout != "" {
		t.Errorf("code %d, output %q; want 125 and none", r.Code, r.Stdout)
	}
	for _, want := range wants {
		if !strings.Contains(r.Stderr, want) {
			t.Errorf("stderr lacks %q:\n%s", want, r.Stderr)
		}
	}
}

// ColdRunTime returns the time of a run that makes everything.
func (a *App) ColdRunTime(task string) time.Duration {
	a.T.Helper()
	defer a.Ok("down")
	began := time.Now()
	a.Ok("run", task)
	return time.Since(began)
}

// Network returns the id of the project's default network.
func (a *App) Network() string {
	a.T.Helper()
	result, err := a.Engine.NetworkInspect(a.T.Context(), a.Project+"_default", client.NetworkInspectOptions{})
	if err != nil {
		a.T.Fatal(err)
	}
	return result.Network.ID
}

// ContainerStates lists all containers with their state.
func (a *App) ContainerStates() string {
	var all []string
	for _, c := range a.Containers() {
		all = append(all, c.Name+" "+c.ID[:12]+" "+string(c.State.Status))
	}
	return strings.Join(all, "\n")
}

// Address returns a container's address in the default network.
func (a *App) Address(c container.InspectResponse) string {
	a.T.Helper()
	at := c.NetworkSettings.Networks[a.Project+"_default"]
	if at == nil {
		a.T.Fatalf("%s is not on the network", c.Name)
	}
	return at.IPAddress.String()
}

// KeptOneOff runs a call of `once`, removes the one-off of the call, and returns this one-off.
func (a *App) KeptOneOff(args ...string) container.InspectResponse {
	a.T.Helper()
	r := a.Start(append([]string{"once"}, args...)...).Wait()
	left := a.OneOffs()
	if r.Code != 0 || len(left) != 1 {
		a.T.Fatalf("tasks once %q ended with %d and left %d one-offs\n%s%s", args, r.Code, len(left), r.Stdout, r.Stderr)
	}
	a.Remove(left[0])
	return left[0]
}

// Tag gives an image another reference until the end of the test.
func (a *App) Tag(image, ref string) {
	a.T.Helper()
	if _, err := a.Engine.ImageTag(a.T.Context(), client.ImageTagOptions{Source: image, Target: ref}); err != nil {
		a.T.Fatal(err)
	}
	a.T.Cleanup(func() {
		a.Down() // an image in use keeps its last reference
		cli := toolbox.Client(a.T)
		_, _ = cli.ImageRemove(context.Background(), ref, client.ImageRemoveOptions{}) // a second tagging has removed it
	})
}

// Exec runs a program in a container, and expects exit code 0.
func (a *App) Exec(c container.InspectResponse, argv ...string) {
	a.T.Helper()
	ctx := a.T.Context()
	created, err := a.Engine.ExecCreate(ctx, c.ID, client.ExecCreateOptions{Cmd: argv})
	if err != nil {
		a.T.Fatal(err)
	}
	if _, err := a.Engine.ExecStart(ctx, created.ID, client.ExecStartOptions{Detach: true}); err != nil {
		a.T.Fatal(err)
	}
	Eventually(a.T, strings.Join(argv, " "), func() bool {
		state, err := a.Engine.ExecInspect(ctx, created.ID, client.ExecInspectOptions{})
		if err == nil && !state.Running && state.ExitCode != 0 {
			a.T.Fatalf("%q in %s ended with %d", argv, c.Name, state.ExitCode)
		}
		return err == nil && !state.Running
	})
}

// Networks returns the names of the project's networks.
func (a *App) Networks() []string {
	a.T.Helper()
	list, err := a.Engine.NetworkList(a.T.Context(), client.NetworkListOptions{
		Filters: make(client.Filters).Add("label", "com.docker.compose.project="+a.Project),
	})
	if err != nil {
		a.T.Fatal(err)
	}
	var names []string
	for _, n := range list.Items {
		names = append(names, n.Name)
	}
	return names
}

// ExpectNothingLeft expects no container and no network of the project.
func (a *App) ExpectNothingLeft() {
	a.T.Helper()
	for _, c := range a.Containers() {
		a.T.Errorf("container %s is left (%s)", c.Name, c.State.Status)
	}
	if left := a.Networks(); len(left) > 0 {
		a.T.Errorf("networks %q are left", left)
	}
}
