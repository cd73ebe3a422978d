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

// A reminder would break an open line of a command with direct access to the output.
func TestNoReminderDuringDirectOutput(t *testing.T) {
	g := newFakeScreen(t, 40, 100)
	g.EnableReminders(g.Secrets)
	g.useClock()
	g.Targets = []string{"test"}
	test := taskStep("test")
	g.Begin(planOf(test))
	g.notify(executor.Started, test)
	streams := g.StreamsOf(planner.TaskOf(test))
	fmt.Fprint(streams.Out, "an open line")
	g.advance(time.Minute)
	g.expect("during the command", "task test  started\nan open line")
	streams.Close()
}
