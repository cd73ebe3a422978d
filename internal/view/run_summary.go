package view

import (
	"fmt"
	"strings"

	"tasks/executor"
	"tasks/executor/command"
	"tasks/internal/plaintext"
	"tasks/planner"
)

// Begin prepares the output for a plan. A watch runs several plans in turn.
func (c *Output) Begin(plan *planner.Plan) {
	c.tails.reset()
	c.pending.reset()
	c.failedTasks, c.isReaderGone, c.plan = nil, false, plan
	c.times.begin(plan)
	c.shardEnds = map[planner.StepID]executor.Notice{}
	c.prefixes = c.newPrefixes(plan)
	c.NoticePrinter.begin(plan)
}

// Notice prints a notice. The output of a failed quiet task comes first.
func (c *Output) Notice(n executor.Notice) {
	c.times.record(c.now(), n)
	if n.Step != nil && n.Kind != executor.Progressed && isShard(n.Step) && c.shardEnds != nil {
		c.shardEnds[n.Step.ID] = n
	}
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

// isShard reports whether a step is the run of a shard.
func isShard(s *planner.Step) bool {
	t := planner.TaskOf(s)
	return t != nil && t.Shard.Count > 0 && planner.IsTask(s)
}

// shardText has a line for each task with several shards in the run: "test: 7 of 8 ok, 1 failed (3/8)".
func (c *Output) shardText() string {
	if c.plan == nil {
		return ""
	}
	shards := map[string][]*planner.Step{}
	var names []string
	for _, s := range c.plan.Steps {
		if !isShard(s) {
			continue
		}
		t := planner.TaskOf(s)
		name := strings.Replace(t.Name, " "+t.Shard.String(), "", 1)
		if shards[name] == nil {
			names = append(names, name)
		}
		shards[name] = append(shards[name], s)
	}
	text := ""
	for _, name := range names {
		if len(shards[name]) > 1 {
			text += plaintext.Escape(name) + ": " + c.shardCounts(shards[name]) + "\n"
		}
	}
	return text
}

// shardCounts counts the ends of the shards of a task. A skipped shard counts as done.
func (c *Output) shardCounts(steps []*planner.Step) string {
	ok, skipped, repeated, unfinished, failed := 0, 0, 0, 0, []string(nil)
	for _, s := range steps {
		switch n := c.shardEnds[s.ID]; {
		case n.Kind == executor.Failed:
			failed = append(failed, planner.TaskOf(s).Shard.String())
		case n.Kind != executor.Done:
			unfinished++
		default:
			ok++
			if n.Verb == planner.Skip {
				skipped++
			}
			if len(n.FailedAttempts) > 0 {
				repeated++
			}
		}
	}
	text := fmt.Sprintf("%d of %d ok", ok, len(steps))
	if skipped > 0 {
		text += fmt.Sprintf(", %d of them skipped", skipped)
	}
	if repeated > 0 {
		text += fmt.Sprintf(", %d of them at another attempt", repeated)
	}
	if len(failed) > 0 {
		text += fmt.Sprintf(", %d failed (%s)", len(failed), strings.Join(failed, ", "))
	}
	if unfinished > 0 {
		text += fmt.Sprintf(", %d not finished", unfinished)
	}
	return text
}
