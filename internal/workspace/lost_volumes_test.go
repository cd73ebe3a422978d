package workspace

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"

	"tasks/executor/engine"
	"tasks/planner"
	"tasks/planner/observed"
)

// stoppingEngine is an engine that is being stopped: it removes containers, but keeps their volumes.
type stoppingEngine struct{ memoryEngine }

func (e stoppingEngine) RemoveContainer(ctx context.Context, id string, _ engine.VolumePolicy) error {
	return e.memoryEngine.RemoveContainer(ctx, id, engine.KeepVolumes)
}

// runOnce runs the task of the files once, and returns the exit code.
func runOnce(t *testing.T, config Config, dir string) int {
	t.Helper()
	run := mustPlan(t, mustOpen(t, config), "t")
	session, err := NewSession(t.Context(), t.Context(), config, dir, SessionOptions{
		Display: silentDisplay{}, Cleanup: silentObserver{}, Mask: strings.ToUpper,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	return session.Run(t.Context(), run.Plan, nil).Code
}

func volumesOf(e memoryEngine) []string {
	return slices.DeleteFunc(e.Remaining(), func(thing string) bool { return !strings.HasPrefix(thing, "volume ") })
}

// The next command removes the anonymous volumes that an engine has kept because it was stopped during a run.
func TestVolumesOfAStoppedEngine(t *testing.T) {
	for name, test := range map[string]struct {
		isUsed bool
		next   func(*testing.T, Config, string)
	}{
		"ps": {next: func(t *testing.T, config Config, _ string) {
			if _, err := mustOpen(t, config).ListContainers(t.Context(), nil, silentObserver{}); err != nil {
				t.Error(err)
			}
		}},
		"run":        {next: func(t *testing.T, config Config, dir string) { runOnce(t, config, dir) }},
		"used again": {isUsed: true, next: func(t *testing.T, config Config, dir string) { runOnce(t, config, dir) }},
	} {
		t.Run(name, func(t *testing.T) {
			dir := writeFiles(t, map[string]string{
				"Tasks.hcl":    "task \"t\" {\n  service = \"app\"\n}\n",
				"compose.yaml": "name: demo\nservices:\n  app:\n    image: data\n    environment: {EXIT_CODE: '143'}\n",
			})
			engine := newMemoryEngine(t)
			engine.AddImage("data", observed.Image{ID: "sha256:data", Volumes: []string{"/data"}})
			config := testConfig(t, dir, os.Environ()...).withEngine(stoppingEngine{engine}).Writing()
			if code := runOnce(t, config, dir); code != 143 || len(volumesOf(engine)) != 1 {
				t.Fatalf("exit code %d, left %q", code, engine.Remaining())
			}
			if test.isUsed {
				useVolume(t, engine, strings.TrimPrefix(volumesOf(engine)[0], "volume "))
			}
			next := config.withEngine(engine)
			test.next(t, next, dir)
			if left := volumesOf(engine); len(left) > 0 != test.isUsed {
				t.Errorf("left: %q", left)
			}
			messages := strings.Join(next.Reporter.(*messages).lines, "\n")
			if strings.Contains(messages, " removed: the engine kept it when it was stopped during a run") == test.isUsed {
				t.Errorf("messages: %q", messages)
			}
			if entries := next.Coordination.Store(dir).Journal().VolumeEntries(); len(entries) > 0 != test.isUsed {
				t.Errorf("entries: %v", entries)
			}
		})
	}
}

// useVolume gives a volume to a container of others.
func useVolume(t *testing.T, e memoryEngine, volume string) {
	t.Helper()
	spec := planner.ContainerSpec{Name: "other", Image: "data", Inherit: map[string]string{"/data": volume}}
	if _, err := e.CreateContainer(t.Context(), spec); err != nil {
		t.Fatal(err)
	}
}
