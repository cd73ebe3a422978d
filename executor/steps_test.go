package executor_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"tasks/executor"
	"tasks/hclspec"
	"tasks/planner/observed"
)

// inSteps makes a task with steps.
func inSteps(name string, entries ...hclspec.Dependency) *hclspec.Task {
	for i := range entries {
		entries[i].Position = i + 1
	}
	return &hclspec.Task{Name: name, Kind: hclspec.GroupTask, DependsOn: entries}
}

func onWeb(c hclspec.Condition) hclspec.Dependency {
	return hclspec.Dependency{Service: "web", Condition: c}
}

const longRunning = "services: {web: {image: example.com/web, environment: {SLEEP: forever}}}"

// TestStepsRunInOrder: one after the other, with a service in between.
func TestStepsRunInOrder(t *testing.T) {
	inVirtualTime(t, longRunning, []string{"web"}, func(r *rig) {
		r.engine.AddImage("example.com/web", observed.Image{})
		started := func() bool { return len(r.engine.CallsOf("StartContainer")) > 0 }
		r.after(2500*time.Millisecond, func() {
			if started() {
				t.Error("the service has started before the second task has ended")
			}
		})
		begun := time.Now()
		r.assertCode(r.run(inSteps("s", on("a"), on("b"), onWeb(hclspec.Started), on("c")),
			host("a", "sleep 1s"), host("b", "sleep 2s"), host("c", "sleep 4s")), 0)
		if took := time.Since(begun); took != 7*time.Second {
			t.Errorf("the steps took %s; want 7s", took)
		}
		if got := strings.Join(r.host.commands(), ", "); got != "sleep 1s, sleep 2s, sleep 4s" || !started() {
			t.Errorf("commands %s", got)
		}
	})
}

// TestFailedStep: the first failure ends the steps, also with keep-going, and its place is known.
func TestFailedStep(t *testing.T) {
	for _, keepGoing := range []bool{false, true} {
		inVirtualTime(t, longRunning, []string{"web"}, func(r *rig) {
			r.keepGoing = keepGoing
			result := r.run(inSteps("s", on("a"), on("b"), onWeb(hclspec.Started), on("c")),
				host("a", "exit 0"), host("b", "exit 3"), host("c", "exit 0"))
			r.assertCode(result, 3)
			if got := r.host.commands(); !slices.Equal(got, []string{"exit 0", "exit 3"}) {
				t.Errorf("commands %q", got)
			}
			if started := r.engine.CallsOf("StartContainer"); len(started) > 0 {
				t.Errorf("started %q", started)
			}
			i := slices.IndexFunc(result.Failures[0].Skipped, func(s executor.SkippedTask) bool { return s.ID == "task/s" })
			if i < 0 {
				t.Fatalf("failures %v; want task s among the skipped tasks", result.Failures)
			}
			if s := result.Failures[0].Skipped[i]; s.Entry.Name != "task b" || s.Entry.Position != 2 || s.EntryCount != 4 {
				t.Errorf("entry %+v of %d; want task b, 2 of 4", s.Entry, s.EntryCount)
			}
		})
	}
}

// TestStepsRecreateService: a service after a task gets the image that the task has made.
func TestStepsRecreateService(t *testing.T) {
	inVirtualTime(t, longRunning, []string{"web"}, func(r *rig) {
		r.engine.AddImage("example.com/web", observed.Image{ID: "old"})
		r.assertCode(r.run(inSteps("s", onWeb(hclspec.Started))), 0)
		r.after(time.Second, func() { r.engine.AddImage("example.com/web", observed.Image{ID: "new"}) })
		r.assertCode(r.run(inSteps("s", on("make"), onWeb(hclspec.Started)), host("make", "sleep 2s")), 0)
		r.assertWarned("done container/web recreate")
		r.assertCode(r.run(inSteps("s", on("make"), onWeb(hclspec.Started)), host("make", "sleep 2s")), 0)
		if created := r.engine.CallsOf("CreateContainer"); len(created) != 2 {
			t.Errorf("created %q; want two containers", created)
		}
	})
}

// TestStepRunsOnce: a task in several lists runs once.
func TestStepRunsOnce(t *testing.T) {
	inVirtualTime(t, plain, nil, func(r *rig) {
		r.assertCode(r.run(inSteps("s", on("inner"), on("a"), on("b")), inSteps("inner", on("a")), host("a", "exit 0"), host("b", "print b")), 0)
		if got := r.host.commands(); !slices.Equal(got, []string{"exit 0", "print b"}) {
			t.Errorf("commands %q", got)
		}
	})
}
