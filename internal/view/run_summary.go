package view

import (
	"tasks/executor"
	"tasks/executor/command"
	"tasks/planner"
)

// Begin prepares the output for a plan. A watch runs several plans in turn.
func (c *Output) Begin(plan *planner.Plan) {
	c.tails.reset()
	c.pending.reset()
	c.failedTasks, c.isReaderGone, c.plan = nil, false, plan
	c.times.begin(plan)
	c.prefixes = c.newPrefixes(plan)
	c.NoticePrinter.begin(plan)
}

// Notice prints a notice. The output of a failed quiet task comes first.
func (c *Output) Notice(n executor.Notice) {
	c.times.record(c.now(), n)
	c.flushTaskOutput(n)
	if n.Kind == executor.Failed && n.Code == command.CodeReaderGone && c.Printer != nil {
		if c.isReaderGone = c.Printer.CheckStdout() != nil; c.isReaderGone {
			return
		}
	}
	c.NoticePrinter.Notice(n)
	isFailed := n.Kind == executor.Failed || n.Kind == executor.Warned && n.Elapsed > 0
	if isFailed && planner.RunsCommand(n.Step) {
		name := planner.TaskOf(n.Step).Name
		c.failedTasks = append(c.failedTasks, failedTask{name: name, textCount: c.textCount.Load()})
	}
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
			flush()
		}
	}
}
