package view

import (
	"fmt"
	"testing"
	"time"

	"tasks/executor"
	"tasks/planner"
)

// Without a terminal, a task has a line at the start and at the end, and a long step a line from time to time.
func TestLinesWithoutATerminal(t *testing.T) {
	g := newFakeScreen(t, 40, 100)
	g.isOutTerminal, g.isErrTerminal = false, false
	g.EnableReminders(g.Secrets)
	g.useClock()
	_, _, wait := serviceSteps("db")
	lint, slow := taskStep("lint"), taskStep("slow", wait)
	g.Begin(planOf(wait, lint, slow))
	g.notify(executor.Started, wait)
	g.notify(executor.Started, lint)
	streams := g.StreamsOf(planner.TaskOf(lint))
	g.Notice(executor.Notice{Kind: executor.Answered, Step: wait, Text: "connection refused (exit code 2)"})
	g.advance(10 * time.Second)
	fmt.Fprint(streams.Out, "12 files\n")
	streams.Close()
	g.end(lint, 10*time.Second)
	g.advance(55 * time.Second)
	g.end(wait, 65*time.Second)
	g.notify(executor.Started, slow)
	g.StreamsOf(planner.TaskOf(slow)).Close()
	g.StreamsOf(planner.TaskOf(slow)).Close() // another attempt
	g.end(slow, time.Second)
	g.End(executor.Result{})
	g.expect("at the end", `task lint  started
lint | 12 files
task lint  done (10.0 s)
service db  still waiting (30.0 s): connection refused (exit code 2)
service db  still waiting (1 m 00 s): connection refused (exit code 2)
service db  healthy (1 m 05 s)
task slow  started
task slow  done (1.0 s)`)
	if g.advance(time.Hour); len(g.scheduled) != 0 {
		t.Error("nothing is under way, and lines are still printed")
	}
}

// A line about the target comes while the target streams its output, but not within a line of the output.
func TestReminderDuringDirectOutput(t *testing.T) {
	for name, test := range map[string]struct{ output, want string }{
		"silent":       {"", "task test  still running (30.0 s)\ntask test  still running (1 m 00 s)"},
		"a whole line": {"ok\n", "ok\ntask test  still running (30.0 s)\ntask test  still running (1 m 00 s)"},
		"an open line": {"half", "half"},
	} {
		t.Run(name, func(t *testing.T) {
			g := newFakeScreen(t, 40, 100)
			g.EnableReminders(g.Secrets)
			g.live.holdsReminder = func() bool { return holdsReminder(g.Printer) }
			g.useClock()
			g.Targets = []string{"test"}
			step := taskStep("test")
			g.Begin(planOf(step))
			g.notify(executor.Started, step)
			streams := g.StreamsOf(planner.TaskOf(step))
			fmt.Fprint(streams.Out, test.output)
			g.advance(time.Minute)
			g.expect("during the command", "task test  started\n"+test.want)
			streams.Close()
		})
	}
}

// `tasks once` writes what its command writes, and nothing between.
func TestNoReminderDuringOnce(t *testing.T) {
	g := newFakeScreen(t, 40, 100)
	g.EnableReminders(g.Secrets)
	g.useClock()
	g.Targets = []string{"web"}
	once := taskStep("web")
	planner.TaskOf(once).IsOnce = true
	g.Begin(planOf(once))
	g.notify(executor.Started, once)
	streams := g.StreamsOf(planner.TaskOf(once))
	g.advance(time.Minute)
	g.expect("during the command", "")
	streams.Close()
}

// Each step has its lines at its own times, also a removal of the cleanup.
func TestReminderOfACleanup(t *testing.T) {
	g := newFakeScreen(t, 40, 100)
	g.EnableReminders(g.Secrets)
	g.useClock()
	lint := taskStep("lint")
	g.Begin(planOf(lint))
	g.notify(executor.Started, lint)
	g.advance(20 * time.Second)
	g.cleanup(executor.CleanupStarted, planner.Remove, "container shop-test-run-1")
	g.end(lint, 20*time.Second)
	g.advance(30 * time.Second)
	g.cleanup(executor.CleanupEnded, planner.Remove, "container shop-test-run-1")
	g.advance(time.Hour)
	g.expect("at the end", "task lint  done (20.0 s)\ncontainer shop-test-run-1  still removing (30.0 s)")
}
