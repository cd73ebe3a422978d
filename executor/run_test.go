package executor_test

import (
	"context"
	"errors"
	"strings"
	"syscall"
	"testing"
	"time"

	"tasks/executor/engine"
	"tasks/executor/readiness"
	"tasks/hclspec"
)

const webAndDB = `
services:
  web:
    image: web
    environment: {STDOUT: "hello\n"}
    depends_on: {db: {condition: service_healthy}}
  db:
    image: db
    environment: {PROBE_OK_AFTER: 1s}
    healthcheck: {test: [CMD, "true"], interval: 30s}
`

// running are the things that a run of webAndDB leaves for the next.
var up = []string{"container app-db-1 (running)", "network app_default"}

func TestRunFromNothing(t *testing.T) {
	inVirtualTime(t, webAndDB, []string{"web"}, func(r *rig) {
		began := time.Now()
		r.assertCode(r.run(oneOff("migrate", "web")), 0)
		if took := time.Since(began); took < time.Second || took > 2500*time.Millisecond {
			t.Errorf("took %s; the dependency is ready after 1 s", took)
		}
		if got := r.observer.out.String(); got != "hello\n" {
			t.Errorf("output %q", got)
		}
		r.assertRemaining(up...)
	})
}

func TestSecondRunReuses(t *testing.T) {
	inVirtualTime(t, webAndDB, []string{"web"}, func(r *rig) {
		session := r.session()
		r.assertCode(session.Run(r.t.Context(), r.plan(oneOff("migrate", "web")), nil), 0)
		time.Sleep(time.Minute) // the engine's own healthcheck has passed by then
		before := len(r.engine.Calls())
		r.assertCode(session.Run(r.t.Context(), r.plan(oneOff("migrate", "web")), nil), 0)
		for _, call := range r.engine.Calls()[before:] {
			switch call.Op {
			case "Snapshot", "CreateContainer", "Attach", "Wait", "StartContainer", "RemoveContainer":
			default:
				t.Errorf("a warm run needs no %s", call)
			}
		}
		r.assertRemaining(up...)
	})
}

func TestExitCodeIsTheCommands(t *testing.T) {
	inVirtualTime(t, webAndDB, []string{"web"}, func(r *rig) {
		task := oneOff("migrate", "web")
		task.Env = map[string]*string{"EXIT_CODE": new("42")}
		r.assertCode(r.run(task), 42)
		r.assertRemaining(up...)
	})
}

func TestCommandThatCannotStart(t *testing.T) {
	for _, code := range []string{"126", "127"} {
		inVirtualTime(t, webAndDB, []string{"web"}, func(r *rig) {
			task := oneOff("migrate", "web")
			task.Env = map[string]*string{"START_FAIL": new(code)}
			result := r.run(task)
			if want := map[string]int{"126": 126, "127": 127}[code]; result.Code != want || result.Err == nil {
				t.Errorf("code %d, error %v; want %d and an error", result.Code, result.Err, want)
			}
			r.assertRemaining(up...)
		})
	}
}

func TestKeepsTheContainerWithoutRM(t *testing.T) {
	inVirtualTime(t, webAndDB, []string{"web"}, func(r *rig) {
		task := oneOff("migrate", "web")
		task.RM = false
		r.assertCode(r.run(task), 0)
		r.assertRemaining(append(up[:2:2], "container app-web-run-000000000001 (exited)")...)
	})
}

func TestDependencyFails(t *testing.T) {
	for name, test := range map[string]struct {
		env, want, state string
	}{
		"exits":     {"EXIT_CODE: '3', SLEEP: 500ms, PROBE_OK_AFTER: 10h, STDOUT: 'no space'", "exited with code 3 before it was healthy", "exited"},
		"unhealthy": {"UNHEALTHY_AFTER: 2s, PROBE_OK_AFTER: 10h, STDOUT: 'no space'", "is unhealthy", "running"},
		"never":     {"PROBE_OK_AFTER: 10h, STDOUT: 'no space'", "is not healthy after", "running"},
		"no start":  {"START_FAIL: '127'", "does not start", "created"},
	} {
		t.Run(name, func(t *testing.T) {
			yaml := strings.Replace(webAndDB, "PROBE_OK_AFTER: 1s", test.env, 1)
			inVirtualTime(t, yaml, []string{"web"}, func(r *rig) {
				result := r.run(oneOff("migrate", "web"))
				r.assertCode(result, 125)
				if result.Err == nil || !strings.Contains(result.Err.Error(), "service db "+test.want) {
					t.Errorf("error %v; want %q in it", result.Err, test.want)
				}
				if failed, ok := errors.AsType[*readiness.ServiceError](result.Err); ok && failed.Logs != "no space" {
					t.Errorf("log lines %q", failed.Logs)
				}
				if len(r.engine.CallsOf("StartContainer")) != 1 {
					t.Error("the one-off was started")
				}
				r.assertRemaining("container app-db-1 ("+test.state+")", "network app_default")
			})
		})
	}
}

// crashing is an engine whose dependency is started again and again by its restart policy.
type crashing struct{ engine.Engine }

func (c crashing) InspectContainer(ctx context.Context, id string) (engine.ContainerState, error) {
	state, err := c.Engine.InspectContainer(ctx, id)
	state.State = "restarting"
	return state, err
}

func TestDependencyCrashesForEver(t *testing.T) {
	yaml := strings.Replace(webAndDB, "PROBE_OK_AFTER: 1s", "PROBE_OK_AFTER: 10h", 1)
	inVirtualTime(t, yaml, []string{"web"}, func(r *rig) {
		plan := r.plan(oneOff("migrate", "web"))
		began := time.Now()
		r.assertCode(r.sessionOn(crashing{r.engine}).Run(r.t.Context(), plan, nil), 125)
		if took := time.Since(began); took > 10*time.Minute {
			t.Errorf("took %s", took)
		}
		r.assertRemaining(up...)
	})
}

func TestOptionalDependencyFails(t *testing.T) {
	const yaml = `
services:
  web: {image: web, depends_on: {cache: {condition: service_started, required: false}}}
  cache: {image: cache, environment: {START_FAIL: "127"}}
`
	inVirtualTime(t, yaml, []string{"web"}, func(r *rig) {
		r.assertCode(r.run(oneOff("test", "web")), 0)
		if !r.observer.has("warned start/cache") {
			t.Errorf("no warning in %q", r.observer.lines())
		}
	})
}

func TestCompletedDependency(t *testing.T) {
	const yaml = `
services:
  web: {image: web, depends_on: {setup: {condition: service_completed_successfully}}}
  setup: {image: setup, environment: {EXIT_CODE: "0", SLEEP: 2s}}
`
	inVirtualTime(t, yaml, []string{"web"}, func(r *rig) {
		r.assertCode(r.run(oneOff("test", "web")), 0)
		r.assertCode(r.run(oneOff("test", "web")), 0)
		if starts := len(r.engine.CallsOf("StartContainer")); starts != 3 {
			t.Errorf("%d starts; want the service once and the one-off twice", starts)
		}
	})
}

func TestHostTasksInParallel(t *testing.T) {
	inVirtualTime(t, webAndDB, []string{"web"}, func(r *rig) {
		began := time.Now()
		r.assertCode(r.run(host("all", "print x", on("a"), on("b")), host("a", "sleep 5s"), host("b", "sleep 5s")), 0)
		if took := time.Since(began); took != 5*time.Second {
			t.Errorf("took %s; want 5s", took)
		}
	})
}

func TestFailedTaskStopsTheOthers(t *testing.T) {
	inVirtualTime(t, webAndDB, []string{"web"}, func(r *rig) {
		began := time.Now()
		result := r.run(host("all", "print x", on("bad"), on("slow")), host("bad", "exit 3"), host("slow", "sleep 1h"))
		r.assertCode(result, 3)
		if time.Since(began) > time.Minute {
			t.Error("waited for a task whose result no longer counts")
		}
		if r.observer.has("failed task/slow") {
			t.Error("what only follows from the failure is told as one")
		}
	})
}

func TestStoppedTaskThatDoesNotEndIsKilled(t *testing.T) {
	inVirtualTime(t, webAndDB, []string{"web"}, func(r *rig) {
		began := time.Now()
		r.assertCode(r.run(host("all", "print x", on("bad"), on("deaf")), host("bad", "sleep 1s then exit 3"), host("deaf", "ignore 1h")), 3)
		if took := time.Since(began); took != 11*time.Second {
			t.Errorf("took %s; want 1s and the grace period of 10s", took)
		}
	})
}

func TestStdoutOfATaskIsAValue(t *testing.T) {
	inVirtualTime(t, webAndDB, []string{"web"}, func(r *rig) {
		source := host("version", "print 1.2.3")
		source.IsCaptured = true
		r.assertCode(r.run(host("show", "print x", on("version")), source), 0)
		if got := r.observer.out.String(); got != "1.2.3\nx\n" {
			t.Errorf("output %q", got)
		}
	})
}

func TestMissingHostCommand(t *testing.T) {
	inVirtualTime(t, webAndDB, []string{"web"}, func(r *rig) {
		r.assertCode(r.run(host("x", "missing y")), 127)
	})
}

func TestCancelledRunStopsAndRemoves(t *testing.T) {
	inVirtualTime(t, webAndDB, []string{"web"}, func(r *rig) {
		task := oneOff("serve", "web")
		task.Env = map[string]*string{"SLEEP": new("forever")}
		ctx, cancel := context.WithCancelCause(r.t.Context())
		r.after(time.Minute, func() { cancel(errors.New("changed")) })
		r.session().Run(ctx, r.plan(task), nil)
		r.assertRemaining(up...)
		if len(r.engine.CallsOf("StopContainer")) != 1 {
			t.Error("the command was not asked to end")
		}
	})
}

func TestInterruptWhileRunning(t *testing.T) {
	inVirtualTime(t, webAndDB, []string{"web"}, func(r *rig) {
		task := oneOff("serve", "web")
		task.Env = map[string]*string{"SLEEP": new("forever")}
		r.after(time.Minute, func() { r.signals <- syscall.SIGINT })
		r.assertCode(r.run(task), 130)
		if kills := r.engine.CallsOf("KillContainer"); len(kills) != 1 {
			t.Errorf("signals sent: %q; want one", kills)
		}
		r.assertRemaining(up...)
	})
}

func TestInterruptThatIsIgnored(t *testing.T) {
	for name, second := range map[string]bool{"grace period": false, "second signal": true} {
		t.Run(name, func(t *testing.T) {
			inVirtualTime(t, webAndDB, []string{"web"}, func(r *rig) {
				task := oneOff("serve", "web")
				task.Env = map[string]*string{"SLEEP": new("forever"), "IGNORE_SIGNALS": new("INT")}
				began := time.Now()
				r.after(time.Minute, func() { r.signals <- syscall.SIGINT })
				if second {
					r.after(61*time.Second, func() { r.signals <- syscall.SIGINT })
				}
				r.assertCode(r.run(task), 137)
				want := map[bool]time.Duration{true: 61 * time.Second, false: 70 * time.Second}[second]
				if took := time.Since(began); took != want {
					t.Errorf("took %s; want %s", took, want)
				}
				r.assertRemaining(up...)
			})
		})
	}
}

func TestInterruptBeforeTheCommand(t *testing.T) {
	yaml := strings.Replace(webAndDB, "PROBE_OK_AFTER: 1s", "PROBE_OK_AFTER: 1h", 1)
	inVirtualTime(t, yaml, []string{"web"}, func(r *rig) {
		r.after(2*time.Second, func() { r.signals <- syscall.SIGTERM })
		r.assertCode(r.run(oneOff("migrate", "web")), 143)
		r.assertRemaining()
	})
}

func TestInterruptLeavesWhatOthersUse(t *testing.T) {
	yaml := strings.Replace(webAndDB, "PROBE_OK_AFTER: 1s", "PROBE_OK_AFTER: 1h", 1)
	inVirtualTime(t, yaml, []string{"web"}, func(r *rig) {
		r.after(2*time.Second, func() {
			other := oneOff("other", "web")
			other.NoDeps = true
			other.Env = map[string]*string{"SLEEP": new("10s")}
			go r.session().Run(r.t.Context(), r.plan(other), nil)
		})
		r.after(4*time.Second, func() { r.signals <- syscall.SIGTERM })
		r.assertCode(r.run(oneOff("migrate", "web")), 143)
		time.Sleep(time.Minute)
		r.assertRemaining(up...)
	})
}

// TestInterruptOfAGroup: its members are commands that were asked for. What they have used stays, once one has begun.
func TestInterruptOfAGroup(t *testing.T) {
	for name, test := range map[string]struct {
		group []*hclspec.Task
		left  []string
	}{
		"members":   {[]*hclspec.Task{group("dev", "serve"), host("serve", "sleep 1h", onService("db"))}, up},
		"nested":    {[]*hclspec.Task{group("dev", "all"), group("all", "serve"), host("serve", "sleep 1h", onService("db"))}, up},
		"not begun": {[]*hclspec.Task{group("dev", "serve"), host("serve", "print x", onService("db"), on("lint")), host("lint", "sleep 1h")}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			inVirtualTime(t, webAndDB, []string{"db"}, func(r *rig) {
				r.after(time.Minute, func() { r.signals <- syscall.SIGINT })
				r.assertCode(r.run(test.group...), 130)
				r.assertRemaining(test.left...)
			})
		})
	}
}

func onService(name string) hclspec.Dependency {
	return hclspec.Dependency{Service: name, Condition: hclspec.Started}
}

func TestInterruptDuringADependencyTask(t *testing.T) {
	inVirtualTime(t, webAndDB, []string{"web"}, func(r *rig) {
		r.after(2*time.Second, func() { r.signals <- syscall.SIGINT })
		r.assertCode(r.run(host("test", "print x", on("lint")), host("lint", "sleep 1h")), 130)
		if got := strings.Join(r.host.signals, ","); got != "interrupt" {
			t.Errorf("signals %q; want one", got)
		}
		if len(r.host.started) != 1 {
			t.Error("a task was started after the interrupt")
		}
	})
}
