package enginetest_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/google/go-cmp/cmp"

	"tasks/executor/engine"
	"tasks/executor/enginetest"
	"tasks/internal/composeproject"
	"tasks/planner"
	"tasks/planner/observed"
)

// spec is a container of project p, which does what env ("SLEEP=2s") says.
func spec(name string, env ...string) planner.ContainerSpec {
	return planner.ContainerSpec{
		Name:   name,
		Image:  "img",
		OneOff: true,
		Labels: map[string]string{composeproject.LabelProject: "p", composeproject.LabelService: name, composeproject.LabelOneOff: composeproject.OneOffFalse},
		Service: types.ServiceConfig{
			ContainerSpec: types.ContainerSpec{Environment: types.NewMappingWithEquals(env)},
		},
	}
}

func newEngine(t *testing.T) *enginetest.Memory {
	m := enginetest.New(t)
	m.AddImage("img", observed.Image{})
	return m
}

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestMemoryRunsAsItsEnvironmentSays(t *testing.T) {
	tests := []struct {
		name     string
		env      []string
		code     int
		takes    time.Duration
		out, err string
	}{
		{"ends at once", nil, 0, 0, "", ""},
		{"exit code", []string{"EXIT_CODE=3"}, 3, 0, "", ""},
		{"takes time", []string{"SLEEP=2s", "EXIT_CODE=1"}, 1, 2 * time.Second, "", ""},
		{"prints", []string{"STDOUT=hello\n", "STDERR=oops"}, 0, 0, "hello\n", "oops"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := newEngine(t)
				id := must[string](t)(m.CreateContainer(t.Context(), spec("x", test.env...)))
				attached := must[engine.Attachment](t)(m.Attach(t.Context(), id, engine.AttachOptions{}))
				exits := must[<-chan engine.Exit](t)(m.Wait(t.Context(), id))
				started := time.Now()
				ok(t, m.StartContainer(t.Context(), id))
				var out, errOut bytes.Buffer
				ok(t, attached.Copy(&out, &errOut))
				if exit := <-exits; exit.Code != test.code || exit.Err != nil {
					t.Errorf("exit = %+v, want code %d", exit, test.code)
				}
				if took := time.Since(started); took != test.takes {
					t.Errorf("took %v, want %v", took, test.takes)
				}
				if out.String() != test.out || errOut.String() != test.err {
					t.Errorf("printed %q and %q, want %q and %q", out.String(), errOut.String(), test.out, test.err)
				}
			})
		})
	}
}

func TestMemoryServiceRunsUntilStopped(t *testing.T) {
	tests := []struct {
		name  string
		env   string
		takes time.Duration
		code  int
	}{
		{"by its stop signal", "", 0, 143},
		{"killed after its grace", "IGNORE_SIGNALS=TERM,INT", 3 * time.Second, 137},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := newEngine(t)
				s := spec("db", test.env)
				s.OneOff = false
				id := must[string](t)(m.CreateContainer(t.Context(), s))
				ok(t, m.StartContainer(t.Context(), id))
				time.Sleep(time.Hour)
				ok(t, m.StartContainer(t.Context(), id))
				started := time.Now()
				ok(t, m.StopContainer(t.Context(), id, new(3*time.Second)))
				state := must[engine.ContainerState](t)(m.InspectContainer(t.Context(), "db"))
				if state.State != "exited" || state.ExitCode != test.code || time.Since(started) != test.takes {
					t.Errorf("after %v: %s with code %d, want exited with %d after %v",
						time.Since(started), state.State, state.ExitCode, test.code, test.takes)
				}
			})
		})
	}
}

func TestMemoryHealth(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newEngine(t)
		events := must[engine.Events](t)(m.Events(t.Context(), "p"))
		s := spec("db", "SLEEP=forever", "PROBE_OK_AFTER=1s")
		s.Service.HealthCheck = &types.HealthCheckConfig{Test: []string{"CMD", "ready"}, Interval: new(types.Duration(10 * time.Second))}
		id := must[string](t)(m.CreateContainer(t.Context(), s))
		ok(t, m.StartContainer(t.Context(), id))
		state := must[engine.ContainerState](t)(m.InspectContainer(t.Context(), id))
		if state.Health != "starting" || state.Probe == nil {
			t.Fatalf("health %q, probe %v; want starting, with a probe", state.Health, state.Probe)
		}
		probe := engine.ExecCommand{Command: state.Probe.Command}
		if r := must[engine.ExecResult](t)(m.Exec(t.Context(), id, probe)); r.ExitCode != 1 {
			t.Errorf("a probe at once gave %d, want 1", r.ExitCode)
		}
		time.Sleep(time.Second)
		if r := must[engine.ExecResult](t)(m.Exec(t.Context(), id, probe)); r.ExitCode != 0 {
			t.Errorf("a probe after 1 s gave %d, want 0", r.ExitCode)
		}
		time.Sleep(9 * time.Second)
		synctest.Wait()
		var got []string
		for range 3 {
			got = append(got, (<-events.C()).Action)
		}
		if diff := cmp.Diff([]string{"create", "start", "health_status: healthy"}, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestMemoryEchoesStdin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newEngine(t)
		s := spec("x", "ECHO_STDIN=1", "EXIT_CODE=4")
		s.StdinOpen = true
		id := must[string](t)(m.CreateContainer(t.Context(), s))
		attached := must[engine.Attachment](t)(m.Attach(t.Context(), id, engine.AttachOptions{Stdin: true}))
		exits := must[<-chan engine.Exit](t)(m.Wait(t.Context(), id))
		must[int](t)(attached.Write([]byte("before ")))
		ok(t, m.StartContainer(t.Context(), id))
		must[int](t)(attached.Write([]byte("after")))
		ok(t, attached.CloseWrite())
		var out bytes.Buffer
		ok(t, attached.Copy(&out, nil))
		if exit := <-exits; out.String() != "before after" || exit.Code != 4 {
			t.Errorf("printed %q and ended with %+v, want %q and 4", out.String(), exit, "before after")
		}
	})
}

func TestMemoryRejectsViolations(t *testing.T) {
	tests := []struct {
		name   string
		breach func(context.Context, *enginetest.Memory) error
		rule   string
	}{
		{"unknown image", func(ctx context.Context, m *enginetest.Memory) error {
			s := spec("y")
			s.Image = "nope"
			_, err := m.CreateContainer(ctx, s)
			return err
		}, "image"},
		{"unknown network", func(ctx context.Context, m *enginetest.Memory) error {
			s := spec("y")
			s.Networks = []planner.Endpoint{{Key: "default", Network: "p_default"}}
			_, err := m.CreateContainer(ctx, s)
			return err
		}, "network"},
		{"unknown volume", func(ctx context.Context, m *enginetest.Memory) error {
			s := spec("y")
			s.Volumes = map[string]string{"data": "p_data"}
			_, err := m.CreateContainer(ctx, s)
			return err
		}, "volume"},
		{"unreadable environment", func(ctx context.Context, m *enginetest.Memory) error {
			_, err := m.CreateContainer(ctx, spec("y", "SLEEP=long"))
			return err
		}, "SLEEP"},
		{"attach to what runs", func(ctx context.Context, m *enginetest.Memory) error {
			_, err := m.Attach(ctx, "x", engine.AttachOptions{})
			return err
		}, "runs already"},
		{"wait for what runs", func(ctx context.Context, m *enginetest.Memory) error {
			_, err := m.Wait(ctx, "x")
			return err
		}, "runs already"},
		{"resize without terminal", func(ctx context.Context, m *enginetest.Memory) error {
			return m.Resize(ctx, "x", engine.Size{Rows: 1, Columns: 1})
		}, "terminal"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m := enginetest.NewMemory()
			m.AddImage("img", observed.Image{})
			must[string](t)(m.CreateContainer(t.Context(), spec("x", "SLEEP=forever")))
			ok(t, m.StartContainer(t.Context(), "x"))
			err := test.breach(t.Context(), m)
			if _, is := errors.AsType[*enginetest.ViolationError](err); !is || !strings.Contains(err.Error(), test.rule) {
				t.Errorf("error %v, want a violation that names %q", err, test.rule)
			}
			if n := len(m.Violations()); n != 1 {
				t.Errorf("%d violations noted, want 1", n)
			}
		})
	}
}
