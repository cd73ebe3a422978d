package executor_test

import (
	"errors"
	"iter"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"tasks/executor"
	"tasks/executor/readiness"
	"tasks/hclspec"
	"tasks/planner"
	"tasks/planner/observed"
)

const privateYAML = `
services:
  web:
    image: web
    environment: {STDOUT: "hello\n", SLEEP: 5s}
    volumes: [data:/data]
    depends_on: {db: {condition: service_healthy}}
  db:
    image: db
    environment: {PROBE_OK_AFTER: 1s}
    healthcheck: {test: [CMD, "true"], interval: 30s}
    ports: ["5432:5432"]
    volumes: [data:/data]
volumes: {data: }
`

// planWithPolicy plans tasks under a policy: in a private project, or with services that are only looked at.
func (r *rig) planWithPolicy(policy hclspec.Policy, tasks ...*hclspec.Task) *planner.Plan {
	r.t.Helper()
	spec := &hclspec.Spec{Targets: []string{tasks[0].Name}, Tasks: map[string]*hclspec.Task{}}
	for _, t := range tasks {
		t.Policy, spec.Tasks[t.Name] = policy, t
		if policy == hclspec.PolicyEphemeral {
			t.PrivateProjectRun = tasks[0].Name
		}
	}
	project := r.project
	if policy == hclspec.PolicyEphemeral {
		project = project.PrivateCopy("app-"+tasks[0].Name, planner.PrivateLabels(project, observed.Ownership{}))
	}
	snapshot, err := r.engine.Snapshot(r.t.Context(), planner.QueryFor(spec, project))
	if err != nil {
		r.t.Fatal(err)
	}
	in := planner.Input{Spec: spec, ProjectDir: "/src"}
	in.SetScopes(map[string]planner.ProjectState{planner.ScopeOf(tasks[0]): {Project: project, Snapshot: snapshot}})
	plan, diags := planner.Build(in)
	if diags.HasErrors() {
		r.t.Fatal(diags)
	}
	return plan
}

func (r *rig) privatePlan(tasks ...*hclspec.Task) *planner.Plan {
	r.t.Helper()
	return r.planWithPolicy(hclspec.PolicyEphemeral, tasks...)
}

// TestPrivateProjectGoes: whatever the end, nothing of it is left, and what runs of the project itself stays as it is.
func TestPrivateProjectGoes(t *testing.T) {
	kept := oneOff("kept", "web")
	kept.RM = false
	failing := oneOff("failing", "web")
	failing.Env = map[string]*string{"EXIT_CODE": new("3")}
	tests := map[string]struct {
		task      *hclspec.Task
		interrupt time.Duration
		code      int
	}{
		"success":                     {oneOff("t", "web"), 0, 0},
		"failure":                     {failing, 0, 3},
		"rm = false":                  {kept, 0, 0},
		"interrupt before the start":  {oneOff("t", "web"), 500 * time.Millisecond, 130},
		"interrupt while it runs":     {oneOff("t", "web"), 3 * time.Second, 130},
		"host task":                   {host("t", "print x"), 0, 0},
		"interrupt before a host one": {host("t", "print x"), 500 * time.Millisecond, 130},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			inVirtualTime(t, privateYAML, []string{"web"}, func(r *rig) {
				if test.task.Kind == hclspec.HostTask {
					test.task.DependsOn = []hclspec.Dependency{{Service: "db", Condition: hclspec.Healthy}}
				}
				r.assertCode(r.run(oneOff("plain", "web")), 0)
				plan := r.privatePlan(test.task)
				if test.interrupt > 0 {
					r.after(test.interrupt, func() { r.signals <- syscall.SIGINT })
				}
				r.assertCode(r.session().Run(r.t.Context(), plan, r.signals), test.code)
				r.assertRemaining("container app-db-1 (running)", "network app_default", "volume app_data")
				created := r.engine.CallsOf("CreateVolume")
				if !slices.Contains(created, "app-"+test.task.Name+"_data") {
					t.Errorf("volumes made: %q", created)
				}
			})
		})
	}
}

// TestPrivatePortsAreTold: a host command finds the ports in its environment, beneath its own.
func TestPrivatePortsAreTold(t *testing.T) {
	inVirtualTime(t, privateYAML, []string{"db"}, func(r *rig) {
		task := host("t", "print x")
		task.DependsOn = []hclspec.Dependency{{Service: "db", Condition: hclspec.Started}}
		r.assertCode(r.session().Run(r.t.Context(), r.privatePlan(task), nil), 0)
		i := slices.IndexFunc(r.host.started[0].Env, func(e string) bool { return strings.HasPrefix(e, "TASKS_PORT_DB_5432=") })
		if i < 0 || r.host.started[0].Env[i] == "TASKS_PORT_DB_5432=5432" {
			t.Errorf("environment %q", r.host.started[0].Env)
		}
		task.Env = map[string]*string{"TASKS_PORT_DB_5432": new("mine")}
		r.assertCode(r.session().Run(r.t.Context(), r.privatePlan(task), nil), 0)
		if !slices.Contains(r.host.started[1].Env, "TASKS_PORT_DB_5432=mine") {
			t.Errorf("environment %q", r.host.started[1].Env)
		}
		r.assertRemaining()
	})
}

// TestPrivateProjectThatCannotGo: what is left is told, with the commands that remove it, and changes no exit code.
func TestPrivateProjectThatCannotGo(t *testing.T) {
	inVirtualTime(t, privateYAML, []string{"db"}, func(r *rig) {
		r.engine.FailOn("RemoveVolume", 1, errors.New("it is busy"))
		task := host("t", "print x")
		task.DependsOn = []hclspec.Dependency{{Service: "db", Condition: hclspec.Started}}
		r.assertCode(r.session().Run(r.t.Context(), r.privatePlan(task), nil), 0)
		if text := strings.Join(r.observer.lines(), "\n"); !strings.Contains(text, "could not be removed; to finish: docker volume rm app-t_data   # it is busy") {
			t.Error(text)
		}
		r.assertRemaining("volume app-t_data")
	})
}

// TestExternalServiceIsLookedAt: it is used where it runs, and nothing is started where it does not.
func TestExternalServiceIsLookedAt(t *testing.T) {
	inVirtualTime(t, privateYAML, []string{"web"}, func(r *rig) {
		got := r.session().Run(r.t.Context(), r.planWithPolicy(hclspec.PolicyExternal, oneOff("t", "web")), nil)
		r.assertCode(got, 125)
		if got.Err == nil || !strings.Contains(got.Err.Error(), "service db does not run (it has no container)") {
			t.Errorf("%v", got.Err)
		}
		r.assertRemaining()
		r.assertCode(r.run(oneOff("plain", "web")), 0)
		r.assertCode(r.session().Run(r.t.Context(), r.planWithPolicy(hclspec.PolicyExternal, oneOff("t", "web")), nil), 0)
		stale := r.planWithPolicy(hclspec.PolicyExternal, oneOff("t", "web"))
		r.engine.Exit("app-db-1", 1)
		got = r.session().Run(r.t.Context(), stale, nil)
		r.assertCode(got, 125)
		if got.Err == nil || !strings.Contains(got.Err.Error(), "(its container app-db-1 is exited)") {
			t.Errorf("%v", got.Err)
		}
		r.assertRemaining("container app-db-1 (exited)", "network app_default", "volume app_data")
	})
}

// TestExternalServiceHasToBeWell: one that does not meet its condition fails the run, and is left alone.
func TestExternalServiceHasToBeWell(t *testing.T) {
	yaml := strings.Replace(privateYAML, "PROBE_OK_AFTER: 1s", "PROBE_OK_AFTER: 1h", 1)
	inVirtualTime(t, yaml, []string{"web", "db"}, func(r *rig) {
		started := host("started", "print x")
		started.DependsOn = []hclspec.Dependency{{Service: "db", Condition: hclspec.Started}}
		r.assertCode(r.run(started), 0)
		got := r.session().Run(r.t.Context(), r.planWithPolicy(hclspec.PolicyExternal, oneOff("t", "web")), nil)
		r.assertCode(got, 125)
		if _, ok := errors.AsType[*readiness.ServiceError](got.Err); !ok {
			t.Errorf("%v", got.Err)
		}
	})
}

// TestDetachKeysInAPrivateProject: nobody can be left alone there, and that is told.
func TestDetachKeysInAPrivateProject(t *testing.T) {
	inVirtualTime(t, strings.Replace(webForever, "SLEEP: forever", "SLEEP: forever, ECHO_STDIN: \"1\"", 1), []string{"web"}, func(r *rig) {
		r.observer.in = &typing{[]string{"\x10\x11"}}
		task := oneOff("shell", "web")
		task.TTY, task.Interactive = hclspec.TTYAlways, true
		session := executor.NewSession(executor.Config{
			Engine: r.engine, Locks: &memoryLocks{}, Observer: withTerminal{r.observer}, NewSlug: func() string { return strings.Repeat("1", 64) },
		})
		r.assertCode(session.Run(r.t.Context(), r.privatePlan(task), r.signals), 0)
		r.assertRemaining()
		if !r.observer.has("progress task/shell detached: stopping, because the private project is removed with the run") {
			t.Errorf("seen:\n%s", strings.Join(r.observer.lines(), "\n"))
		}
	})
}

// TestPrivateProjectsBuildOnce: the image is the original's, and is built under the lock of that: two runs that miss it at once
// build it once.
func TestPrivateProjectsBuildOnce(t *testing.T) {
	inVirtualTime(t, "services: {web: {build: .}}", []string{"web"}, func(r *rig) {
		e := slowBuilds{r.engine, time.Now(), make(chan string, 10)}
		cfg := r.sessionConfig(e)
		plans := []*planner.Plan{r.privatePlan(oneOff("a", "web")), r.privatePlan(oneOff("b", "web"))}
		codes := make(chan int)
		for _, plan := range plans {
			go func() { codes <- executor.NewSession(cfg).Run(r.t.Context(), plan, nil).Code }()
		}
		if a, b := <-codes, <-codes; a != 0 || b != 0 {
			t.Errorf("codes %d and %d", a, b)
		}
		close(e.told)
		if built := slices.Collect(values(e.told)); !slices.Equal(built, []string{"app-web after 0s"}) {
			t.Errorf("builds: %q", built)
		}
		r.assertRemaining()
	})
}

func values[T any](from <-chan T) iter.Seq[T] {
	return func(yield func(T) bool) {
		for v := range from {
			if !yield(v) {
				return
			}
		}
	}
}
