package view

import (
	"fmt"
	"strings"
	"time"

	"tasks/executor"
	"tasks/planner"
)

// Begin is called before a plan is run. The plans of a watch come one after the other.
func (c *Output) Begin(plan *planner.Plan) {
	c.tails.reset()
	c.pending.reset()
	c.failedTasks = nil
	c.times.begin(plan)
}

// Notice shows one notice, and before that of a failure what a quiet task wrote.
func (c *Output) Notice(n executor.Notice) {
	c.times.record(time.Now(), n)
	c.flushTaskOutput(n)
	c.NoticePrinter.Notice(n)
}

// flushTaskOutput sees to the output of a task that has ended.
func (c *Output) flushTaskOutput(n executor.Notice) {
	if n.Step == nil || !planner.RunsCommand(n.Step) {
		return
	}
	name := planner.TaskOf(n.Step).Name
	switch {
	case n.Kind == executor.Done:
		c.pending.remove(name)
	case n.Kind == executor.Failed, n.Kind == executor.Warned && n.Elapsed > 0:
		if flush := c.pending.remove(name); flush != nil {
			resumeLive := c.suspendLive()
			flush()
			resumeLive()
		}
		c.failedTasks = append(c.failedTasks, name)
	}
}

// End is called with the result of the plan. It shows the last lines of what has failed once more, where others wrote after
// them, those of the services that it needed, what was not run because of it, and where the time went.
func (c *Output) End(result executor.Result) {
	c.resetLive()
	for _, task := range c.failedTasks {
		if text := c.tails.unseenTail(task); text != "" {
			c.printText(fmt.Sprintf("task %s  last output:\n%s", c.tails.tailOf(task, "").name, text))
		}
	}
	for _, log := range result.ServiceLogs {
		if text := strings.TrimRight(log.Text, "\n"); text != "" {
			c.printText(fmt.Sprintf("service %s  last output:\n  %s\n", log.Replica, strings.ReplaceAll(text, "\n", "\n  ")))
		}
	}
	c.printText(skippedText(result.Failures))
	if line := c.times.summary(result.Elapsed, result.Cleanup); line != "" && !c.Quiet {
		c.printText(line + "\n")
	}
}

// skippedText says which tasks were not run and why, and where more than one thing has failed, once more what. One failure was
// told when it happened.
func skippedText(failures []executor.Failure) string {
	var text, failed strings.Builder
	for i, f := range failures {
		kind, name := f.Step.Subject()
		for _, s := range f.Skipped {
			if task := planner.TaskOf(s); task != nil && !task.IsOnce {
				fmt.Fprintf(&text, "task %s  not run: %s %s has failed\n", task.Name, kind, name)
			}
		}
		if i > 0 {
			failed.WriteString(", ")
		}
		failed.WriteString(kind + " " + name)
		if f.Code != 0 {
			fmt.Fprintf(&failed, " (exit code %d)", f.Code)
		}
	}
	if len(failures) > 1 {
		fmt.Fprintf(&text, "%d have failed: %s\n", len(failures), failed.String())
	}
	return text.String()
}

// printText writes text between other lines.
func (p *NoticePrinter) printText(text string) {
	if text == "" {
		return
	}
	p.printAbove(executor.Notice{}, func() { fmt.Fprint(p.out, text) })
}
