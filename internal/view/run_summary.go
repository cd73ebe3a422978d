package view

import (
	"fmt"
	"strings"
	"time"

	"tasks/executor"
	"tasks/executor/command"
	"tasks/internal/plaintext"
	"tasks/planner"
)

// Begin prepares the output for a plan. A watch runs several plans in turn.
func (c *Output) Begin(plan *planner.Plan) {
	c.tails.reset()
	c.pending.reset()
	c.failedTasks, c.isReaderGone = nil, false
	c.times.begin(plan)
}

// Notice prints a notice. The output of a failed quiet task comes first.
func (c *Output) Notice(n executor.Notice) {
	c.times.record(time.Now(), n)
	c.flushTaskOutput(n)
	if n.Kind == executor.Failed && n.Code == command.CodeReaderGone && c.Printer != nil {
		if c.isReaderGone = c.Printer.CheckStdout() != nil; c.isReaderGone {
			return
		}
	}
	c.NoticePrinter.Notice(n)
}

// flushTaskOutput prints or drops the output of a finished task.
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

// End prints the summary of a run: the last output of failed tasks if other output followed, the logs of needed
// services, tasks not run, and the time.
func (c *Output) End(result executor.Result) {
	c.resetLive()
	if c.isReaderGone {
		return
	}
	for _, task := range c.failedTasks {
		if text := c.tails.unseenTail(task); text != "" {
			c.printText(fmt.Sprintf("task %s  last output:\n%s", c.tails.tailOf(task, "").name, text))
		}
	}
	for _, log := range result.ServiceLogs {
		if text := strings.TrimRight(log.Text, "\n"); text != "" {
			text = strings.ReplaceAll(plaintext.EscapeLines(plaintext.WithoutColors(text)), "\n", "\n  ")
			c.printText(fmt.Sprintf("service %s  last output:\n  %s\n", plaintext.Escape(log.Replica), text))
		}
	}
	c.printText(skippedText(result.Failures))
	if line := c.times.summary(result.Elapsed, result.Cleanup); line != "" && !c.Quiet {
		c.printText(line + "\n")
	}
}

// skippedText lists the tasks not run with the reason, and repeats several failures. A single failure was printed
// before.
func skippedText(failures []executor.Failure) string {
	var text, failed strings.Builder
	for i, f := range failures {
		kind, name := f.Step.Subject()
		for _, s := range f.Skipped {
			if task := planner.TaskOf(s.Step); task != nil && !task.IsOnce {
				line := fmt.Sprintf("task %s  not run: %s %s has failed%s", task.Name, kind, name, entryText(s, kind+" "+name))
				text.WriteString(plaintext.Escape(line) + "\n")
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
		fmt.Fprintf(&text, "%d have failed: %s\n", len(failures), plaintext.Escape(failed.String()))
	}
	return text.String()
}

// entryText names the entry of a task's steps with a failure.
func entryText(s executor.SkippedTask, failed string) string {
	switch {
	case s.EntryCount == 0:
		return ""
	case s.Entry.Name == failed:
		return fmt.Sprintf(" (step %d of %d)", s.Entry.Position, s.EntryCount)
	}
	return fmt.Sprintf(" (step %d of %d: %s)", s.Entry.Position, s.EntryCount, s.Entry.Name)
}

// printText writes text between other lines.
func (p *NoticePrinter) printText(text string) {
	if text == "" {
		return
	}
	p.printAbove(executor.Notice{}, func() { fmt.Fprint(p.out, text) })
}
