package docker_test

import (
	"bytes"
	"context"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/moby/moby/client"

	"tasks/executor/docker"
	"tasks/executor/engine"
	"tasks/internal/composeproject"
	"tasks/internal/toolbox"
	"tasks/planner"
)

// machine returns the machine's engine, and a project for this test.
type machine struct {
	*testing.T
	*docker.Engine
	image, project string
}

func newMachine(t *testing.T) *machine {
	return &machine{T: t, Engine: connect(t), image: toolbox.Image(t), project: toolbox.Project(t)}
}

func (m *machine) labels(service string) map[string]string {
	return map[string]string{
		composeproject.LabelProject: m.project, composeproject.LabelService: service,
		composeproject.LabelOneOff: composeproject.OneOffFalse,
	}
}

func (m *machine) spec(service string, command ...string) planner.ContainerSpec {
	return planner.ContainerSpec{
		Name: m.project + "-" + service, Image: m.image, OneOff: true, Labels: m.labels(service),
		Service: types.ServiceConfig{Name: service, ContainerSpec: types.ContainerSpec{Command: command, NetworkMode: "none"}},
	}
}

// create creates a container, and removes the container at the end of the test.
func (m *machine) create(spec planner.ContainerSpec) string {
	m.Helper()
	id, err := m.CreateContainer(m.Context(), spec)
	if err != nil {
		m.Fatal(err)
	}
	m.Cleanup(func() {
		if err := m.RemoveContainer(context.Background(), id, engine.RemoveVolumes); err != nil {
			m.Error(err)
		}
	})
	return id
}

// output runs a container to its end and returns the output.
func (m *machine) output(spec planner.ContainerSpec) string {
	m.Helper()
	id := m.create(spec)
	attached, err := m.Attach(m.Context(), id, engine.AttachOptions{})
	if err != nil {
		m.Fatal(err)
	}
	defer attached.Close()
	exit, err := m.Wait(m.Context(), id)
	if err != nil {
		m.Fatal(err)
	}
	if err := m.StartContainer(m.Context(), id); err != nil {
		m.Fatal(err)
	}
	var out bytes.Buffer
	if err := attached.Copy(&out, &out); err != nil {
		m.Fatal(err)
	}
	<-exit // the output ends before the engine knows the end
	return out.String()
}

func (m *machine) network(key string) *planner.Network {
	return &planner.Network{Key: key, Name: m.project + "_" + key, Labels: m.labels("")}
}

func (m *machine) createNetwork(n *planner.Network) string {
	m.Helper()
	id, _, err := m.CreateNetwork(m.Context(), n)
	if err != nil {
		m.Fatal(err)
	}
	m.Cleanup(func() {
		if err := m.RemoveNetwork(context.Background(), id); err != nil {
			m.Error(err)
		}
	})
	return id
}

// TestNetworkRace lets twenty independent engines make one network.
func TestNetworkRace(t *testing.T) {
	m := newMachine(t)
	n := m.network("default")
	ids := make([]string, 20)
	makers := make([]bool, len(ids))
	var all sync.WaitGroup
	for i := range ids {
		engine := connect(t)
		all.Go(func() {
			var err error
			if ids[i], makers[i], err = engine.CreateNetwork(t.Context(), n); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	m.createNetwork(n) // to remove the network
	result, err := toolbox.Client(t).NetworkList(t.Context(), client.NetworkListOptions{
		Filters: make(client.Filters).Add("name", n.Name),
	})
	if err != nil || len(result.Items) != 1 {
		t.Fatalf("%d networks of the name, error %v; want one", len(result.Items), err)
	}
	for i, id := range ids {
		if id != result.Items[0].ID {
			t.Errorf("creator %d got %s (made: %t), and the one that is there is %s", i, id, makers[i], result.Items[0].ID)
		}
	}
	if n := len(slices.DeleteFunc(makers, func(made bool) bool { return !made })); n != 1 {
		t.Errorf("%d say that they made it, want 1", n)
	}
}

func TestSecondNetworkAndInlineFiles(t *testing.T) {
	m := newMachine(t)
	first, second := m.network("first"), m.network("second")
	ids := []string{m.createNetwork(first), m.createNetwork(second)}
	spec := m.spec("job", "cat", "/run/secrets/token", "/settings")
	spec.Service.NetworkMode = ""
	spec.Networks = []planner.Endpoint{{Key: "first", Network: first.Name}, {Key: "second", Network: second.Name, Aliases: []string{"other"}}}
	spec.Service.Networks = map[string]*types.ServiceNetworkConfig{"first": nil, "second": nil}
	spec.Service.Secrets = []types.ServiceSecretConfig{{Source: "token", Target: "/run/secrets/token"}}
	spec.Service.Configs = []types.ServiceConfigObjConfig{{Source: "settings", Target: "/settings"}}
	spec.Secrets = types.Secrets{"token": {Content: "sesame\n", Environment: "TOKEN"}}
	spec.Configs = types.Configs{"settings": {Content: "on\n"}}
	if got := m.output(spec); got != "sesame\non\n" {
		t.Errorf("printed %q", got)
	}
	state, err := m.InspectContainer(t.Context(), spec.Name)
	if err != nil {
		t.Fatal(err)
	}
	if got := slices.Sorted(maps.Keys(state.Networks)); !slices.Equal(got, []string{first.Name, second.Name}) {
		t.Errorf("networks %v, want both (%v)", state.Networks, ids)
	}
}

func TestStartFailureKeepsItsReason(t *testing.T) {
	m := newMachine(t)
	id := m.create(m.spec("job", "/no/such/program"))
	err := m.StartContainer(t.Context(), id)
	state, inspectErr := m.InspectContainer(t.Context(), id)
	if err == nil || inspectErr != nil {
		t.Fatalf("start: %v, inspect: %v; want an error and none", err, inspectErr)
	}
	if state.State != "created" || state.ExitCode != 127 || !strings.Contains(state.Error, "/no/such/program") {
		t.Errorf("%s with %d: %q; want created, 127 and the program's name", state.State, state.ExitCode, state.Error)
	}
}

func TestAnonymousVolumes(t *testing.T) {
	m := newMachine(t)
	spec := m.spec("db", "true")
	spec.Service.Volumes = []types.ServiceVolumeConfig{{Type: "volume", Target: "/data"}}
	api := toolbox.Client(t)
	there := func(name string) bool {
		_, err := api.VolumeInspect(t.Context(), name, client.VolumeInspectOptions{})
		return err == nil
	}
	for policy, kept := range map[engine.VolumePolicy]bool{engine.RemoveVolumes: false, engine.KeepVolumes: true} {
		id := m.create(spec)
		state, err := m.InspectContainer(t.Context(), id)
		if err != nil || len(state.Mounts) != 1 {
			t.Fatalf("mounts %+v, error %v; want one", state.Mounts, err)
		}
		volume := state.Mounts[0].Name
		if err := m.RemoveContainer(t.Context(), id, policy); err != nil {
			t.Fatal(err)
		}
		if got := there(volume); got != kept {
			t.Errorf("policy %d: the volume is there: %t", policy, got)
		}
		if err := m.RemoveVolume(t.Context(), volume); err != nil {
			t.Error(err)
		}
	}
}

func TestExecKeepsTheEndOfTheOutput(t *testing.T) {
	m := newMachine(t)
	id := m.create(m.spec("db", "sleep", "100"))
	if err := m.StartContainer(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	result, err := m.Exec(t.Context(), id, engine.ExecCommand{Command: []string{"seq", "1", "5000"}})
	if err != nil || len(result.Output) != 4<<10 || !strings.HasSuffix(result.Output, "\n5000\n") {
		t.Errorf("%d bytes, error %v; want the last 4096", len(result.Output), err)
	}
	result, err = m.Exec(t.Context(), id, engine.ExecCommand{Command: []string{"sh", "-c", "id -u; pwd"}, User: "1000", Workdir: "/home"})
	if err != nil || result.Output != "1000\n/home\n" {
		t.Errorf("printed %q, error %v; want the user and the folder", result.Output, err)
	}
}

func TestConnectReadsNoEnvironmentByItself(t *testing.T) {
	engine, err := docker.Connect(docker.Options{Getenv: func(name string) string {
		if name == "DOCKER_CONFIG" {
			return t.TempDir()
		}
		return ""
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("DOCKER_HOST", "tcp://somewhere:1")
	if got := engine.Address(); got != client.DefaultDockerHost || os.Getenv("DOCKER_HOST") == got {
		t.Errorf("address %s", got)
	}
}
