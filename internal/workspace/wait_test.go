package workspace

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"tasks/executor/engine"
	"tasks/internal/composeproject"
	"tasks/planner"
	"tasks/planner/observed"
)

// startOneOff makes and starts a one-off of a task.
func (e *logEngine) startOneOff(t *testing.T, name, task string) string {
	t.Helper()
	id, err := e.CreateContainer(t.Context(), planner.ContainerSpec{Name: name, Image: "tool", Labels: map[string]string{
		composeproject.LabelProject: "demo", composeproject.LabelService: "web",
		composeproject.LabelOneOff: composeproject.OneOffTrue, observed.LabelTask: task,
	}})
	if err == nil {
		err = e.StartContainer(t.Context(), id)
	}
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// TestOpenOneOffs: a name selects a container or all one-offs of a task, and no service container.
func TestOpenOneOffs(t *testing.T) {
	dir := writeFiles(t, map[string]string{"compose.yaml": "name: demo\nservices:\n  web: {image: tool}\n"})
	config := testConfig(t, dir)
	e := &logEngine{memoryEngine: newMemoryEngine(t), lines: map[string][]string{}}
	e.start(t, "web", 1)
	for name, task := range map[string]string{"demo-web-run-1": "a", "demo-web-run-2": "a", "demo-web-run-3": "b"} {
		e.startOneOff(t, name, task)
	}
	ws := mustOpen(t, config.withEngine(e))
	for _, c := range []struct{ names, want []string }{
		{nil, []string{"demo-web-run-1", "demo-web-run-2", "demo-web-run-3"}},
		{[]string{"a"}, []string{"demo-web-run-1", "demo-web-run-2"}},
		{[]string{"demo-web-run-2", "b"}, []string{"demo-web-run-2", "demo-web-run-3"}},
	} {
		reader, err := OpenOneOffs(t.Context(), ws, c.names)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, log := range reader.Logs() {
			got = append(got, log.Name)
		}
		slices.Sort(got)
		if !slices.Equal(got, c.want) {
			t.Errorf("%q selects %q, want %q", c.names, got, c.want)
		}
	}
	_, err := OpenOneOffs(t.Context(), ws, []string{"a", "web"})
	wantError(t, err, `project demo has no one-off of a task "web"`)
}

// staleEngine reports a container as running for some looks after its end, and in some lists.
type staleEngine struct {
	*logEngine
	looks, lists int
}

func (e *staleEngine) ProjectContainers(ctx context.Context, project string) ([]*observed.Container, error) {
	all, err := e.logEngine.ProjectContainers(ctx, project)
	if e.lists > 0 {
		e.lists--
		for _, c := range all {
			c.State = observed.Running
		}
	}
	return all, err
}

func (e *staleEngine) InspectContainer(ctx context.Context, id string) (engine.ContainerState, error) {
	state, err := e.logEngine.InspectContainer(ctx, id)
	if state.State.HasExited() && e.looks > 0 {
		e.looks--
		state.State = observed.Running
	}
	return state, err
}

// TestWaitWithStaleStates: a wait ends although the engine still reports the container as running at its end. The exit
// codes are those of the engine, and a removed container has none.
func TestWaitWithStaleStates(t *testing.T) {
	dir := writeFiles(t, map[string]string{"compose.yaml": "name: demo\nservices:\n  web: {image: tool}\n"})
	config := testConfig(t, dir)
	synctest.Test(t, func(t *testing.T) {
		e := &staleEngine{&logEngine{memoryEngine: newMemoryEngine(t), lines: map[string][]string{}}, 0, 0}
		e.startOneOff(t, "demo-web-run-1", "a")
		removed := e.startOneOff(t, "demo-web-run-2", "a")
		ws := mustOpen(t, config.withEngine(e))
		reader, err := OpenOneOffs(t.Context(), ws, []string{"a"})
		if err != nil {
			t.Fatal(err)
		}
		followed := make(chan error, 1)
		go func() { followed <- reader.Follow(t.Context(), func(ContainerLog) {}) }()
		time.Sleep(time.Second)
		e.looks = 2
		e.Exit("demo-web-run-1", 4)
		if err := e.RemoveContainer(t.Context(), removed, engine.RemoveVolumes); err != nil {
			t.Fatal(err)
		}
		if err := <-followed; err != nil {
			t.Fatal(err)
		}
		for _, end := range reader.Ends(t.Context()) {
			switch end.Container {
			case "demo-web-run-1":
				if end.Err != nil || end.ExitCode != 4 || end.Task != "a" {
					t.Errorf("%+v, want exit code 4 of task a", end)
				}
			default:
				wantError(t, end.Err, "container demo-web-run-2 was removed before its exit code was read")
			}
		}
	})
}

// TestWaitWithAStaleList: a container that has ended before the first event ends the wait, although the first list still
// has the container as running.
func TestWaitWithAStaleList(t *testing.T) {
	dir := writeFiles(t, map[string]string{"compose.yaml": "name: demo\nservices:\n  web: {image: tool}\n"})
	config := testConfig(t, dir)
	synctest.Test(t, func(t *testing.T) {
		e := &staleEngine{&logEngine{memoryEngine: newMemoryEngine(t), lines: map[string][]string{}}, 0, 0}
		e.startOneOff(t, "demo-web-run-1", "a")
		reader, err := OpenOneOffs(t.Context(), mustOpen(t, config.withEngine(e)), nil)
		if err != nil {
			t.Fatal(err)
		}
		e.Exit("demo-web-run-1", 3)
		e.lists = 1
		if err := reader.Follow(t.Context(), func(ContainerLog) {}); err != nil {
			t.Fatal(err)
		}
		if ends := reader.Ends(t.Context()); len(ends) != 1 || ends[0].ExitCode != 3 || ends[0].Err != nil {
			t.Errorf("%+v, want exit code 3", ends)
		}
	})
}
