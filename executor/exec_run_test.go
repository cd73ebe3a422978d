package executor_test

import (
	"errors"
	"io"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"tasks/executor"
	"tasks/executor/command"
	"tasks/executor/engine"
	"tasks/hclspec"
)

// inService is a task that runs a command in the container of a service that runs.
func inService(name, service, command string, depends ...hclspec.Dependency) *hclspec.Task {
	task := oneOff(name, service, depends...)
	task.IsExec, task.Interactive, task.Command = true, true, strings.Fields(command)
	return task
}

// upWeb is what stays of a run that needs the service web of [execProject].
var upWeb = []string{"container app-web-1 (running)", "network app_default"}

const execProject = "services:\n  web: {image: web}\n"

// inWeb runs a task in the service and looks at what is left: nothing of the task, neither container nor process.
func inWeb(t *testing.T, test func(*rig)) {
	t.Helper()
	inVirtualTime(t, execProject, []string{"web"}, func(r *rig) {
		test(r)
		r.assertRemaining(upWeb...)
		if still := r.engine.RunningExecs("app-web-1"); still != nil {
			t.Errorf("%q go on in the container", still)
		}
	})
}

func TestExecInAService(t *testing.T) {
	for command, want := range map[string]struct {
		code        int
		out, errOut string
		says        string
	}{
		"echo hello world": {out: "hello world\n"},
		"exit 4":           {code: 4},
		"cat":              {out: "typed"},
		"missing":          {code: 127, says: "the command was not found in the container: OCI runtime exec failed"},
	} {
		t.Run(command, func(t *testing.T) {
			inWeb(t, func(r *rig) {
				r.observer.in = strings.NewReader("typed")
				result := r.run(inService("test", "web", command))
				r.assertCode(result, want.code)
				if r.observer.out.String() != want.out || r.observer.errOut.String() != want.errOut {
					t.Errorf("output %q and %q", r.observer.out.String(), r.observer.errOut.String())
				}
				if want.says != "" && (result.Err == nil || !strings.Contains(result.Err.Error(), want.says)) {
					t.Errorf("it says %v", result.Err)
				}
				if creates := r.engine.CallsOf("CreateContainer"); !slices.Equal(creates, []string{"app-web-1"}) {
					t.Errorf("made %q", creates)
				}
			})
		})
	}
}

// TestExecStartsOnce: the service is a dependency like any other, and is left alone where it runs.
func TestExecStartsOnce(t *testing.T) {
	inWeb(t, func(r *rig) {
		r.assertCode(r.run(inService("test", "web", "true")), 0)
		r.assertCode(r.run(inService("test", "web", "true")), 0)
		if starts := r.engine.CallsOf("StartContainer"); len(starts) != 1 {
			t.Errorf("started %q", starts)
		}
	})
}

func TestExecAskedToEnd(t *testing.T) {
	for name, test := range map[string]struct {
		command string
		// at are the times of signals.
		at      []time.Duration
		timeout time.Duration
		code    int
		took    time.Duration
	}{
		"by a signal":              {command: "sleep 3600", at: []time.Duration{time.Second}, code: 130, took: time.Second},
		"deaf, the second signal":  {command: "ignore INT", at: []time.Duration{1 * time.Second, 2 * time.Second}, code: 137, took: 2 * time.Second},
		"deaf, after the grace":    {command: "ignore INT", at: []time.Duration{time.Second}, code: 137, took: 11 * time.Second},
		"by its timeout":           {command: "sleep 3600", timeout: time.Minute, code: 124, took: time.Minute},
		"deaf, after its timeout":  {command: "ignore TERM", timeout: time.Minute, code: 124, took: 70 * time.Second},
		"itself, and nobody asked": {command: "sleep 5", code: 0, took: 5 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			inWeb(t, func(r *rig) {
				task := inService("test", "web", test.command)
				task.Timeout = test.timeout
				for _, at := range test.at {
					r.after(at, func() { r.signals <- syscall.SIGINT })
				}
				began := time.Now()
				r.assertCode(r.run(task), test.code)
				if took := time.Since(began); took != test.took {
					t.Errorf("it took %s, want %s", took, test.took)
				}
			})
		})
	}
}

// TestExecThatCannotBeEnded: the run comes to its end, and says that the command goes on.
func TestExecThatCannotBeEnded(t *testing.T) {
	inVirtualTime(t, execProject, []string{"web"}, func(r *rig) {
		r.assertCode(r.run(inService("before", "web", "true")), 0)
		r.engine.FailOn("CreateContainer", 0, errors.New("no space"))
		r.after(time.Second, func() { r.signals <- syscall.SIGINT; r.signals <- syscall.SIGINT })
		result := r.run(inService("test", "web", "sleep 3600"))
		r.assertCode(result, 125)
		if result.Err == nil || !strings.Contains(result.Err.Error(), "goes on in the container of service web") || !strings.Contains(result.Err.Error(), "no space") {
			t.Errorf("it says %v", result.Err)
		}
		if still := r.engine.RunningExecs("app-web-1"); !slices.Equal(still, []string{"sleep 3600"}) {
			t.Errorf("%q go on", still)
		}
		r.assertRemaining(upWeb...)
	})
}

func TestExecInAContainerThatEnds(t *testing.T) {
	inVirtualTime(t, execProject, []string{"web"}, func(r *rig) {
		r.after(time.Second, func() { r.engine.Exit("app-web-1", 1) })
		r.assertCode(r.run(inService("test", "web", "sleep 3600")), 137)
		r.assertRemaining("container app-web-1 (exited)", "network app_default")
	})
}

func TestExecInAContainerThatIsRemoved(t *testing.T) {
	inVirtualTime(t, execProject, []string{"web"}, func(r *rig) {
		r.after(time.Second, func() {
			if err := r.engine.RemoveContainer(r.t.Context(), "app-web-1", engine.RemoveVolumes); err != nil {
				t.Error(err)
			}
		})
		result := r.run(inService("test", "web", "sleep 3600"))
		r.assertCode(result, 125)
		if result.Err == nil || !strings.Contains(result.Err.Error(), "was removed under the command") {
			t.Errorf("it says %v", result.Err)
		}
	})
}

// gonePipe is a reader that has gone.
type gonePipe struct{ *recorder }

func (gonePipe) StreamsOf(*hclspec.Task) command.Streams {
	return command.Streams{Out: gone{}, Err: io.Discard, Close: func() error { return nil }}
}

type gone struct{}

func (gone) Write([]byte) (int, error) { return 0, syscall.EPIPE }

func TestExecWithoutAReader(t *testing.T) {
	inWeb(t, func(r *rig) {
		cfg := r.sessionConfig(r.engine)
		cfg.Observer = gonePipe{r.observer}
		result := executor.NewSession(cfg).Run(r.t.Context(), r.plan(inService("test", "web", "ignore TERM")), r.signals)
		r.assertCode(result, 141)
	})
}

func TestExecWithoutDependencies(t *testing.T) {
	inVirtualTime(t, execProject, []string{"web"}, func(r *rig) {
		task := inService("test", "web", "echo hello")
		task.NoDeps = true
		result := r.run(task)
		r.assertCode(result, 125)
		if result.Err == nil || !strings.Contains(result.Err.Error(), "service web does not run, and no_deps keeps it from being started") {
			t.Errorf("it says %v", result.Err)
		}
		r.assertRemaining()
		r.assertCode(r.run(inService("before", "web", "true")), 0)
		r.assertCode(r.run(task), 0)
		if r.observer.out.String() != "hello\n" {
			t.Errorf("output %q", r.observer.out.String())
		}
	})
}

func TestExecAgain(t *testing.T) {
	inWeb(t, func(r *rig) {
		task := inService("test", "web", "exit 3")
		task.Retry = hclspec.Retry{Attempts: 3, Delay: time.Second, Backoff: 1}
		r.assertCode(r.run(task), 3)
		if runs := r.engine.CallsOf("StartExec"); len(runs) != 3 {
			t.Errorf("run %d times", len(runs))
		}
	})
}

// TestExecInterruptedWhileItStarts: what the engine has begun by then is ended.
func TestExecInterruptedWhileItStarts(t *testing.T) {
	inWeb(t, func(r *rig) {
		r.assertCode(r.run(inService("before", "web", "true")), 0)
		r.engine.Delay("StartExec", 2*time.Second)
		r.after(time.Second, func() { r.signals <- syscall.SIGTERM })
		r.assertCode(r.run(inService("test", "web", "sleep 3600")), 143)
	})
}
