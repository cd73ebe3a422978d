package workspace

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/hcl/v2"

	"tasks/executor"
	"tasks/executor/command"
	"tasks/executor/enginetest"
	"tasks/hclspec"
	"tasks/internal/coord"
	"tasks/planner"
	"tasks/planner/observed"
)

// memoryEngine is an engine in memory with the methods of a workspace's engine.
type memoryEngine struct {
	*enginetest.Memory
	checkErr error
}

func (memoryEngine) Address() string                            { return "memory" }
func (memoryEngine) APIVersion(context.Context) (string, error) { return "1.41", nil }
func (memoryEngine) DetachKeys() (string, error)                { return "", nil }

func (e memoryEngine) Check(context.Context, *planner.Plan) error { return e.checkErr }

// messages records the messages of a workspace.
type messages struct {
	mu    sync.Mutex
	lines []string
}

func (m *messages) add(line string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.lines = append(m.lines, line)
}

func (m *messages) PrintWarning(text string) { m.add("warning: " + text) }
func (m *messages) PrintRemoved(kind, name, reason string) {
	m.add(kind + " " + name + " removed: " + reason)
}
func (m *messages) PrintError(err error)         { m.add("error: " + err.Error()) }
func (m *messages) PrintWaiting(holder string)   { m.add("waiting for " + holder) }
func (m *messages) PrintEndedCommands(count int) { m.add("ended commands") }

// writeFiles writes files below a new directory, and returns the directory.
func writeFiles(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// testConfig returns the configuration of a command in dir, without an engine.
func testConfig(t *testing.T, dir string, environ ...string) Config {
	t.Helper()
	cache := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", cache) // the place of the shared state directory
	t.Setenv(coord.SharedDirEnv, filepath.Join(cache, "tasks"))
	engine := NewEngineConnector(func(EngineChoice) (Engine, error) { return nil, errors.New("no engine in this test") })
	return Config{
		Environment: Environment{Environ: environ, WorkingDir: dir, Version: "test"},
		Engine:      engine, Coordination: NewCoordination(engine), Reporter: &messages{},
	}
}

// withEngine returns the configuration with an engine.
func (c Config) withEngine(engine Engine) Config {
	c.Engine = NewEngineConnector(func(EngineChoice) (Engine, error) { return engine, nil })
	c.Coordination = NewCoordination(c.Engine)
	return c
}

// newMemoryEngine returns an engine in memory with the image of the fixtures.
func newMemoryEngine(t *testing.T) memoryEngine {
	t.Helper()
	memory := enginetest.New(t)
	memory.AddImage("tool", observed.Image{ID: "sha256:tool"})
	return memoryEngine{Memory: memory}
}

// openFiles opens a workspace with files, and fails the test for errors in the files.
func openFiles(t *testing.T, files map[string]string, environ ...string) *Workspace {
	t.Helper()
	return mustOpen(t, testConfig(t, writeFiles(t, files), environ...))
}

func mustOpen(t *testing.T, config Config) *Workspace {
	t.Helper()
	ws, diags, err := OpenProject(config)
	if err != nil || diags.HasErrors() {
		t.Fatalf("%v, %v", err, diags)
	}
	return ws
}

// mustEvaluate evaluates tasks without arguments.
func mustEvaluate(t *testing.T, ws *Workspace, names ...string) *Run {
	t.Helper()
	var targets []hclspec.Target
	for _, name := range names {
		targets = append(targets, hclspec.Target{Name: name})
	}
	run := ws.NewRun()
	if diags, err := run.EvaluateTargets(targets); err != nil || diags.HasErrors() {
		t.Fatalf("%v, %v", err, diags)
	}
	return run
}

// mustPlan evaluates and plans tasks without arguments.
func mustPlan(t *testing.T, ws *Workspace, names ...string) *Run {
	t.Helper()
	run := mustEvaluate(t, ws, names...)
	if diags, err := run.MakePlan(t.Context(), PlanOptions{}); err != nil || diags.HasErrors() {
		t.Fatalf("%v, %v", err, diags)
	}
	return run
}

// wantDiagnostic fails the test unless one of the diagnostics has the summary.
func wantDiagnostic(t *testing.T, diags hcl.Diagnostics, summary string) {
	t.Helper()
	for _, d := range diags {
		if strings.Contains(d.Summary, summary) {
			return
		}
	}
	t.Errorf("no diagnostic with %q in %v", summary, diags)
}

// wantError fails the test unless the error has the text.
func wantError(t *testing.T, err error, text string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), text) {
		t.Errorf("no error with %q: %v", text, err)
	}
}

// silentDisplay shows nothing.
type silentDisplay struct{ silentObserver }

func (silentDisplay) Begin(*planner.Plan) {}
func (silentDisplay) End(executor.Result) {}

func (silentDisplay) SetTap(func(string, bool, []byte)) {}

// silentObserver ignores all notices.
type silentObserver struct{}

func (silentObserver) Notice(executor.Notice) {}

func (silentObserver) StreamsOf(*hclspec.Task) command.Streams {
	return command.Streams{Out: io.Discard, Err: io.Discard, Close: func() error { return nil }}
}

func (silentObserver) TerminalOf(*hclspec.Task) command.Terminal { return nil }
