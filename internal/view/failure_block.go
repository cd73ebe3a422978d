package view

import (
	"fmt"
	"slices"
	"strings"

	"tasks/executor"
	"tasks/internal/durations"
	"tasks/internal/plaintext"
	"tasks/planner"
)

const (
	// nearTexts is the number of later texts up to which a failure counts as visible.
	nearTexts = 5
	// maxNamedFailures is the number of failures that the verdict names.
	maxNamedFailures = 3
)

// failedTask is a failed command, with the number of texts printed up to the failure.
type failedTask struct {
	name      string
	textCount int64
}

// End prints the end of a run: the needed services with a problem, each failure with its last output, the tasks not
// run, and the time. The verdict about a failed run is the last line.
func (c *Output) End(result executor.Result) {
	c.endLive()
	if c.isReaderGone {
		return
	}
	logs := result.ServiceLogs
	if c.holdsVerdict() {
		logs = withoutKeptLogs(logs)
	}
	c.printText(serviceLogsText(logs))
	for _, failed := range c.failedTasks {
		c.printText(c.failedTaskText(failed, result.Failures))
	}
	for _, f := range result.Failures {
		if !planner.RunsCommand(f.Step) {
			c.printText(c.chainText(f))
		}
	}
	c.printText(skippedText(result.Failures) + logsHint(logs))
	if line := c.times.summary(result.Elapsed, result.Cleanup); line != "" && !c.Quiet {
		c.printText(line + "\n")
	}
	if !c.Quiet && !c.isInterrupted {
		c.printText(c.shardText())
	}
	c.annotateFailures(result.Failures)
	c.endVerdict(c.verdict(result))
}

// failedTaskText repeats a failure and the last output, unless both are visible.
func (c *Output) failedTaskText(failed failedTask, failures []executor.Failure) string {
	isVisible := c.textCount.Load()-failed.textCount <= nearTexts
	tail, line := c.tails.unseenTail(failed.name), ""
	if i := slices.IndexFunc(failures, func(f executor.Failure) bool { return isStepOf(f.Step, failed.name) }); i >= 0 {
		if line = c.chainText(failures[i]); line == "" && (tail != "" || !isVisible) {
			line = c.failureLine(failures[i], subjectText(failures[i].Step))
		}
	}
	if tail != "" {
		tail = fmt.Sprintf("task %s  last output:\n%s", c.tails.tailOf(failed.name, "").name, tail)
	}
	return line + tail
}

// isStepOf reports whether a step runs the command of a task.
func isStepOf(s *planner.Step, task string) bool {
	return planner.RunsCommand(s) && planner.TaskOf(s).Name == task
}

func subjectText(s *planner.Step) string {
	kind, name := s.Subject()
	return kind + " " + name
}

// chainText is the failure with the chain from the requested task; empty for a failure of a requested task itself.
func (c *Output) chainText(f executor.Failure) string {
	chain := failureChain(c.plan, f.Step)
	if len(chain) < 2 || c.isInterrupted {
		return ""
	}
	return c.failureLine(f, strings.Join(chain, " → "))
}

// failureLine describes a failure on one line.
func (c *Output) failureLine(f executor.Failure, subject string) string {
	text := exitCodeText(f.Code, f.ExitReason)
	if f.Err != nil {
		text, _, _ = strings.Cut(c.NoticePrinter.failureText(f.Err), "\n")
	}
	return c.paint(dim, plaintext.Escape(subject)) + "  " + c.paint(red, "failed: "+text) + "\n"
}

// failureChain returns the shortest way along the needs from a requested step to a failed step, without repetitions.
func failureChain(plan *planner.Plan, failed *planner.Step) []string {
	if plan == nil {
		return nil
	}
	steps := make(map[planner.StepID]*planner.Step, len(plan.Steps))
	for _, s := range plan.Steps {
		steps[s.ID] = s
	}
	dependents, next := map[planner.StepID]planner.StepID{}, slices.Clone(plan.Targets)
	for _, id := range plan.Targets {
		dependents[id] = ""
	}
	for i := 0; i < len(next); i++ {
		for _, need := range needIDs(steps[next[i]]) {
			if _, isKnown := dependents[need]; !isKnown && steps[need] != nil {
				dependents[need] = next[i]
				next = append(next, need)
			}
		}
	}
	if _, isKnown := dependents[failed.ID]; !isKnown {
		return nil // a finally task
	}
	var chain []string
	for id := failed.ID; id != ""; id = dependents[id] {
		t := thingOf(steps[id])
		chain = append(chain, t.kind+" "+t.name)
	}
	slices.Reverse(chain)
	return slices.Compact(chain)
}

// serviceLogsText has the logs of the services with a problem, or without a log after the run.
func serviceLogsText(logs []executor.ServiceLog) string {
	var text strings.Builder
	for _, log := range logs {
		lines := plaintext.EscapeLines(plaintext.WithoutColors(strings.TrimRight(log.Text, "\n")))
		replica, problem := plaintext.Escape(log.Replica), plaintext.Escape(log.Problem)
		switch {
		case log.Replica == "" || log.Problem == "" && lines == "":
			continue
		case log.Problem == "":
			fmt.Fprintf(&text, "service %s  last output:\n", replica)
		case lines == "":
			fmt.Fprintf(&text, "service %s  %s, without output\n", replica, problem)
			continue
		default:
			fmt.Fprintf(&text, "service %s  %s; last output:\n", replica, problem)
		}
		fmt.Fprintf(&text, "  %s\n", strings.ReplaceAll(lines, "\n", "\n  "))
	}
	return text.String()
}

// withoutKeptLogs drops the texts of transient services without a problem: in a watch, these services and their logs
// stay.
func withoutKeptLogs(logs []executor.ServiceLog) []executor.ServiceLog {
	logs = slices.Clone(logs)
	for i := range logs {
		if logs[i].IsTransient && logs[i].Problem == "" {
			logs[i].Text, logs[i].IsTransient = "", false
		}
	}
	return logs
}

// holdsVerdict reports whether the run is a part of a watch.
func (c *Output) holdsVerdict() bool { return c.Printer != nil && c.Printer.holdsVerdict.Load() }

// logsHint names the command for the logs of the needed services that run well; empty without such services.
func logsHint(logs []executor.ServiceLog) string {
	var services []string
	for _, log := range logs {
		if log.Service != "" && log.Text == "" && !log.IsTransient && !slices.Contains(services, log.Service) {
			services = append(services, log.Service)
		}
	}
	if len(services) == 0 {
		return ""
	}
	return "logs: tasks logs " + plaintext.Escape(strings.Join(services, " ")) + "\n"
}

// skippedText lists the tasks not run with the reason.
func skippedText(failures []executor.Failure) string {
	var text strings.Builder
	for _, f := range failures {
		kind, name := f.Step.Subject()
		for _, s := range f.Skipped {
			if task := planner.TaskOf(s.Step); task != nil && !task.IsOnce {
				line := fmt.Sprintf("task %s  skipped: %s %s failed%s", task.Name, kind, name, entryText(s, kind+" "+name))
				text.WriteString(plaintext.Escape(line) + "\n")
			}
		}
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

// verdict is the last line of a failed or interrupted run; empty: the run has succeeded, or a watch has stopped the
// run. `tasks once` has no verdict, like docker-compose run.
func (c *Output) verdict(result executor.Result) string {
	switch {
	case c.plan == nil || result.Code == 0 || isOncePlan(c.plan):
		return ""
	case c.isInterrupted:
		return c.paint(yellow, "INTERRUPTED after "+durations.Text(result.Elapsed))
	case len(result.Failures) == 0:
		return ""
	}
	var names []string
	for _, f := range result.Failures[:min(len(result.Failures), maxNamedFailures)] {
		t := thingOf(f.Step)
		name := strings.TrimPrefix(t.kind+" "+t.name, "task ")
		if f.Code != 0 {
			name += fmt.Sprintf(" (exit code %d)", f.Code)
		}
		names = append(names, name)
	}
	text := plaintext.Escape(strings.Join(names, ", "))
	if more := len(result.Failures) - len(names); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return c.paint(red, fmt.Sprintf("FAILED: %s after %s", text, durations.Text(result.Elapsed)))
}

// endVerdict prints the verdict, or leaves the verdict to [WatchLines.PrintExitCode].
func (c *Output) endVerdict(text string) {
	if c.holdsVerdict() {
		c.Printer.verdict.Store(&text)
	} else if text != "" {
		c.printText(text + "\n")
	}
}
