package toolbox

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
)

// backgroundContext returns a context for cleanups after the end of the test's own context.
func backgroundContext() context.Context { return context.Background() }

// recorder is a test that only records calls.
type recorder struct {
	testing.TB
	messages []string
}

func (r *recorder) Helper() {}
func (r *recorder) Fatalf(format string, args ...any) {
	r.messages = append(r.messages, "fatal: "+fmt.Sprintf(format, args...))
}
func (r *recorder) Skipf(format string, args ...any) {
	r.messages = append(r.messages, "skip: "+fmt.Sprintf(format, args...))
}
func (r *recorder) Errorf(format string, args ...any) {
	r.messages = append(r.messages, "error: "+fmt.Sprintf(format, args...))
}

func TestWithoutEngine(t *testing.T) {
	for ci, want := range map[bool]string{true: "fatal: ", false: "skip: SKIPPED, NOT TESTED"} {
		notes := &recorder{TB: t}
		withoutEngine(notes, ci, errors.New("connection refused"))
		if len(notes.messages) != 1 || !strings.HasPrefix(notes.messages[0], want) || !strings.Contains(notes.messages[0], "connection refused") {
			t.Errorf("CI %v: %q, want %q…", ci, notes.messages, want)
		}
	}
}

func TestProjectNameIsValidAndUnique(t *testing.T) {
	valid := regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,62}$`)
	for _, test := range []string{"TestA", "TestUp/a b_c=1", strings.Repeat("TestLong", 20), "Test/ünïcode"} {
		one, two := projectName(test), projectName(test)
		if !valid.MatchString(one) {
			t.Errorf("%q gives %q", test, one)
		}
		if one == two {
			t.Errorf("%q gives %q twice", test, one)
		}
	}
}

// populate gives a project a running container, a network and a volume.
func populate(t *testing.T, cli *client.Client, project string) {
	t.Helper()
	labels := map[string]string{"com.docker.compose.project": project}
	created, err := cli.ContainerCreate(t.Context(), client.ContainerCreateOptions{
		Name: project + "-web-1", Config: &container.Config{Image: Image(t), Cmd: []string{"sleep", "infinity"}, Labels: labels},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := cli.ContainerStart(t.Context(), created.ID, client.ContainerStartOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := cli.NetworkCreate(t.Context(), project+"_default", client.NetworkCreateOptions{Labels: labels}); err != nil {
		t.Fatal(err)
	}
	if _, err := cli.VolumeCreate(t.Context(), client.VolumeCreateOptions{Name: project + "_data", Labels: labels}); err != nil {
		t.Fatal(err)
	}
}

func TestCheckCleanRemovesLeftovers(t *testing.T) {
	cli := Client(t)
	project := projectName(t.Name())
	other := Project(t)
	populate(t, cli, project)

	notes := &recorder{TB: t}
	checkClean(notes, cli, other, nil)
	checkClean(notes, cli, project, nil)
	checkClean(notes, cli, project, nil) // all resources are removed
	want := []string{
		fmt.Sprintf("error: project %s left container /%[1]s-web-1 (running) behind", project),
		fmt.Sprintf("error: project %s left network %[1]s_default behind", project),
		fmt.Sprintf("error: project %s left volume %[1]s_data behind", project),
	}
	if diff := cmp.Diff(want, notes.messages); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestRemoveProject(t *testing.T) {
	cli := Client(t)
	project, other := Project(t), Project(t)
	populate(t, cli, project)
	populate(t, cli, other)
	if err := RemoveProject(t.Context(), cli, project); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]int{project: 0, other: 3} {
		left, err := leftovers(t.Context(), cli, name)
		if err != nil || len(left) != want {
			t.Errorf("project %s has %d things left, want %d (%v)", name, len(left), want, err)
		}
	}
	if err := RemoveProject(t.Context(), cli, other); err != nil { // so Project finds nothing left
		t.Error(err)
	}
}

func TestRemoveProjectEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := RemoveProject(ctx, Client(t), projectName(t.Name())); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
}
