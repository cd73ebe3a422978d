package view

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tasks/executor"
	"tasks/hclspec"
	"tasks/planner"
)

var update = flag.Bool("update", false, "rewrite the golden screens")

// screenSizes are the terminals of the golden screens: rows and columns.
func screenSizes() [][2]int { return [][2]int{{24, 80}, {40, 120}, {15, 40}, {7, 60}} }

// shooter takes pictures of a terminal.
type shooter struct {
	*fakeScreen
	all strings.Builder
}

// shoot keeps what the terminal shows now.
func (s *shooter) shoot(when string) {
	fmt.Fprintf(&s.all, "---- %dx%d %s\n%s\n", s.columns, s.rows, when, s.screenText())
}

// compareScreens plays a scenario on each terminal, and compares the pictures with a golden file.
func compareScreens(t *testing.T, name string, play func(*shooter)) {
	t.Helper()
	var all strings.Builder
	for _, size := range screenSizes() {
		s := &shooter{fakeScreen: newFakeScreen(t, size[0], size[1])}
		play(s)
		all.WriteString(s.all.String())
	}
	path := filepath.Join("testdata", "screens", name+".golden")
	if *update {
		if err := os.WriteFile(path, []byte(all.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if diff := cmp.Diff(string(want), all.String()); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
}

// One line for each thing, which becomes permanent when the thing is done.
func TestScreensOfARun(t *testing.T) {
	compareScreens(t, "run", func(s *shooter) {
		image, network := imageStep(planner.BuildImage, "shop-web"), &planner.Step{ID: "n", Verb: planner.Create, Action: &planner.Network{Name: "shop_default"}}
		create, start, wait := serviceSteps("db")
		_, reused, ready := serviceSteps("cache")
		reused.Verb = planner.Reuse
		test := taskStep("test", wait, image)
		s.Targets = []string{"test"}
		s.Begin(planOf(network, image, create, start, wait, reused, ready, test))
		s.notify(executor.Started, network)
		s.notify(executor.Started, image)
		s.end(network, 110*time.Millisecond)
		s.notify(executor.Started, create)
		s.advance(300 * time.Millisecond)
		s.end(create, 300*time.Millisecond)
		s.notify(executor.Started, start)
		s.end(start, 0)
		s.notify(executor.Started, wait)
		s.notify(executor.Started, reused)
		s.end(reused, 0)
		s.notify(executor.Started, ready)
		s.end(ready, 200*time.Millisecond)
		s.progress(image, "#5 [2/4] RUN npm install --omit=dev")
		s.advance(time.Second)
		s.shoot("building")
		s.progress(image, "#5 0.296 added 120 packages in 2s")
		s.progress(wait, "waiting until it is healthy (at most 2 m 50 s)")
		s.Notice(executor.Notice{Kind: executor.Answered, Step: wait, Text: "psql: connection refused (exit code 2)"})
		s.advance(time.Second)
		s.shoot("waiting")
		s.end(image, 2300*time.Millisecond)
		s.advance(2 * time.Second)
		s.end(wait, 4*time.Second)
		s.notify(executor.Started, test)
		streams := s.StreamsOf(planner.TaskOf(test))
		s.advance(time.Minute)
		fmt.Fprint(streams.Out, "ok\n")
		s.shoot("the task has the terminal")
		streams.Close()
		s.end(test, time.Minute)
		s.End(executor.Result{Elapsed: 64 * time.Second})
		s.shoot("at the end")
	})
}

// parallelPlan has four host tasks and a group.
func parallelPlan() (plan *planner.Plan, lint, types, unit, slow *planner.Step) {
	lint, types, unit, slow = taskStep("lint"), taskStep("types"), taskStep("unit-tests"), taskStep("slow")
	all := taskStep("ci", lint, types, unit, slow)
	all.Action = &planner.JoinGroup{Task: &hclspec.Task{Name: "ci", Kind: hclspec.GroupTask}}
	return planOf(lint, types, unit, slow, all), lint, types, unit, slow
}

func TestScreensOfParallelTasks(t *testing.T) {
	for _, style := range []hclspec.OutputStyle{hclspec.StylePrefix, hclspec.StyleGroup, hclspec.StyleQuiet} {
		compareScreens(t, "parallel_"+string(style), func(s *shooter) {
			s.Style = style
			plan, lint, types, unit, slow := parallelPlan()
			s.Begin(plan)
			for _, step := range []*planner.Step{lint, types, unit, slow} {
				s.notify(executor.Started, step)
			}
			s.advance(1200 * time.Millisecond)
			s.shoot("silent")
			linting, testing := s.StreamsOf(planner.TaskOf(lint)), s.StreamsOf(planner.TaskOf(unit))
			fmt.Fprint(linting.Out, "checking\n50%\rdone\nopen")
			fmt.Fprint(testing.Err, "12 passed\n")
			s.advance(100 * time.Millisecond)
			s.shoot("with output")
			linting.Close()
			testing.Close()
			s.end(lint, 1300*time.Millisecond)
			s.end(types, 1300*time.Millisecond)
			s.advance(124 * time.Second)
			s.shoot("two are done")
			s.end(unit, 125*time.Second)
			s.end(slow, 125*time.Second)
			s.End(executor.Result{Elapsed: 125 * time.Second})
			s.shoot("at the end")
		})
	}
}

// The failure with its cause is the last block, and the verdict the last line.
func TestScreensOfAFailure(t *testing.T) {
	compareScreens(t, "failure", func(s *shooter) {
		plan, lint, types, unit, slow := parallelPlan()
		deploy := taskStep("deploy", plan.Steps[4])
		plan.Steps, plan.Targets = append(plan.Steps, deploy), []planner.StepID{deploy.ID}
		s.Begin(plan)
		for _, step := range []*planner.Step{lint, types, unit, slow} {
			s.notify(executor.Started, step)
		}
		failing, chatty := s.StreamsOf(planner.TaskOf(unit)), s.StreamsOf(planner.TaskOf(slow))
		fmt.Fprint(failing.Out, "FAILED test_cart.py::test_total\nassert 3 == 4\n")
		failing.Close()
		s.advance(4 * time.Second)
		s.Notice(executor.Notice{
			Kind: executor.Failed, Step: unit, Verb: planner.Run, Code: 137, ExitReason: "out of memory (limit 8 MiB)",
			Elapsed: 4 * time.Second,
		})
		for _, step := range []*planner.Step{lint, types, slow} {
			s.notify(executor.Stopping, step)
		}
		s.advance(2 * time.Second)
		s.shoot("others are asked to end")
		for i := range 8 {
			fmt.Fprintf(chatty.Out, "closing %d\n", i)
		}
		for _, step := range []*planner.Step{lint, types, slow} {
			s.Notice(executor.Notice{Kind: executor.Cancelled, Step: step, Elapsed: 6 * time.Second})
		}
		s.End(executor.Result{
			Code: 137, Elapsed: 6 * time.Second,
			Failures: []executor.Failure{{
				Step: unit, Code: 137, ExitReason: "out of memory (limit 8 MiB)",
				Skipped: []executor.SkippedTask{{Step: plan.Steps[4]}, {Step: deploy}},
			}},
			ServiceLogs: []executor.ServiceLog{
				{Replica: "db", Service: "db"}, {Replica: "mq", Service: "mq"}, {},
				{Replica: "web", Service: "web", Problem: "exited with code 1", Text: "cannot bind\n"},
			},
		})
		s.shoot("at the end")
	})
}

// The failed assertion stays on the screen of a watch, and the verdict is the last line.
func TestScreensOfAFailingWatch(t *testing.T) {
	compareScreens(t, "watch", func(s *shooter) {
		lines := WatchLines{Printer: s.Printer, Tasks: []string{"test"}, LastRun: 5700 * time.Millisecond}
		lines.HoldVerdict()
		_, _, db := serviceSteps("db")
		test := taskStep("test", db)
		s.Targets = []string{"test"}
		for save := range 20 {
			if save > 0 {
				lines.PrintChanges([]string{"cart.py"}, nil)
			}
			s.Begin(planOf(db, test))
			s.notify(executor.Started, test)
			streams := s.StreamsOf(planner.TaskOf(test))
			s.advance(4 * time.Second)
			fmt.Fprintf(streams.Out, "FAILED test_cart.py::test_total - assert 3 == %d\n1 failed, 12 passed\n", save)
			streams.Close()
			s.fail(test, 1, 4*time.Second)
			s.End(executor.Result{
				Code: 1, Elapsed: 5700 * time.Millisecond, Failures: []executor.Failure{{Step: test, Code: 1}},
				ServiceLogs: []executor.ServiceLog{{Replica: "db", Service: "db"}, {Replica: "mq", Service: "mq"}},
			})
			lines.PrintExitCode(1)
			shown := s.screenText()
			if s.rows >= 24 && !strings.Contains(shown, fmt.Sprintf("assert 3 == %d\n", save)) {
				s.t.Errorf("%d rows: the assertion of save %d has left the screen:\n%s", s.rows, save, shown)
			}
			if !strings.HasSuffix(shown, "\nFAILED: test (exit code 1) after 5.7 s") {
				s.t.Errorf("the last line is no verdict:\n%s", shown)
			}
		}
		s.shoot("after twenty saves")
	})
}

func TestScreensOfAnInterrupt(t *testing.T) {
	compareScreens(t, "interrupt", func(s *shooter) {
		plan, lint, types, unit, slow := parallelPlan()
		s.Begin(plan)
		for _, step := range []*planner.Step{lint, types, unit, slow} {
			s.notify(executor.Started, step)
		}
		s.advance(1400 * time.Millisecond)
		s.echo("^C")
		s.Notice(executor.Notice{Kind: executor.Interrupted, Text: "interrupt"})
		for _, step := range []*planner.Step{lint, types, unit, slow} {
			s.notify(executor.Stopping, step)
		}
		s.advance(500 * time.Millisecond)
		s.shoot("asked to end")
		s.fail(types, 130, 1900*time.Millisecond)
		s.fail(unit, 3, 1900*time.Millisecond)
		s.end(lint, 1900*time.Millisecond)
		s.Notice(executor.Notice{Kind: executor.Cancelled, Step: slow, Elapsed: 1900 * time.Millisecond})
		s.End(executor.Result{
			Code: 130, Elapsed: 2 * time.Second,
			Failures: []executor.Failure{{Step: types, Code: 130}, {Step: unit, Code: 3}},
		})
		s.shoot("at the end")
	})
}

func TestScreensOfAResize(t *testing.T) {
	compareScreens(t, "resize", func(s *shooter) {
		var steps []*planner.Step
		for i := range 14 {
			_, _, wait := serviceSteps(fmt.Sprint("service", i))
			steps = append(steps, wait)
		}
		test := taskStep("test", steps...)
		s.Begin(planOf(append(steps, test)...))
		for _, step := range steps {
			s.notify(executor.Started, step)
			s.progress(step, "waiting until it is healthy (at most 2 m 50 s)")
		}
		s.advance(3 * time.Second)
		s.end(steps[0], 3*time.Second)
		s.shoot("before")
		rows, columns := s.rows, s.columns
		s.resize(rows, columns*2/3)
		s.advance(100 * time.Millisecond)
		s.shoot("narrower")
		s.resize(rows+4, columns)
		s.advance(100 * time.Millisecond)
		s.shoot("larger")
		s.End(executor.Result{})
		s.shoot("at the end")
	})
}
