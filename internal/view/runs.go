package view

import (
	"fmt"
	"strings"
	"time"

	"tasks/executor"
	"tasks/planner"
)

// Begin is called before a plan is run. The plans of a watch come one after the other.
func (c *Console) Begin(plan *planner.Plan) {
	c.heard.forget()
	c.held.forget()
	c.failed = nil
	c.times.begin(plan)
}

// Notice shows one notice, and before that of a failure what a quiet task wrote.
func (c *Console) Notice(n executor.Notice) {
	c.times.notice(time.Now(), n)
	c.outputOf(n)
	c.Plain.Notice(n)
}

// outputOf sees to the output of a task that has ended.
func (c *Console) outputOf(n executor.Notice) {
	if n.Step == nil || !planner.RunsCommand(n.Step) {
		return
	}
	name := planner.TaskOf(n.Step).Name
	switch {
	case n.Happening == executor.Done:
		c.held.take(name)
	case n.Happening == executor.Failed, n.Happening == executor.Warned && n.Elapsed > 0:
		if show := c.held.take(name); show != nil {
			ended := c.writes()
			show()
			ended()
		}
		c.failed = append(c.failed, name)
	}
}

// End is called with the result of the plan. It shows the last lines of what has failed once more, where others wrote after
// them, those of the services that it needed, what was not run because of it, and where the time went.
func (c *Console) End(result executor.Result) {
	c.forgetLive()
	for _, task := range c.failed {
		if text := c.heard.again(task); text != "" {
			c.tell(fmt.Sprintf("task %s  its last lines:\n%s", c.heard.of(task, "").name, text))
		}
	}
	for _, log := range result.ServiceLogs {
		if text := strings.TrimRight(log.Text, "\n"); text != "" {
			c.tell(fmt.Sprintf("service %s  its last lines:\n  %s\n", log.Service, strings.ReplaceAll(text, "\n", "\n  ")))
		}
	}
	c.tell(leftOut(result.Failures))
	if line := c.times.line(result.Elapsed, result.Cleanup); line != "" && !c.Quiet {
		c.tell(line + "\n")
	}
}

// leftOut says which tasks were not run and why, and where more than one thing has failed, once more what. One failure was
// told when it happened.
func leftOut(failures []executor.Failure) string {
	var text, all strings.Builder
	for i, f := range failures {
		kind, name := f.Step.What()
		for _, s := range f.Skipped {
			if task := planner.TaskOf(s); task != nil && !task.Once {
				fmt.Fprintf(&text, "task %s  not run: %s %s has failed\n", task.Name, kind, name)
			}
		}
		if i > 0 {
			all.WriteString(", ")
		}
		all.WriteString(kind + " " + name)
		if f.Code != 0 {
			fmt.Fprintf(&all, " (exit code %d)", f.Code)
		}
	}
	if len(failures) > 1 {
		fmt.Fprintf(&text, "%d have failed: %s\n", len(failures), all.String())
	}
	return text.String()
}

// tell writes text between other lines.
func (p *Plain) tell(text string) {
	if text == "" {
		return
	}
	p.above(executor.Notice{}, func() { fmt.Fprint(p.out, text) })
}
