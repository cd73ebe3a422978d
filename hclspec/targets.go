package hclspec

import (
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"

	"tasks/hclspec/internal/config"
	"tasks/hclspec/internal/diag"
	"tasks/internal/suggest"
)

// Target is a task on the command line, with the arguments behind the name and the flags before the name.
type Target struct {
	Name    string
	Args    []string
	Options Options
	// SkipDependencies leaves out the tasks of depends_on.
	SkipDependencies bool
	// IsIsolated replaces the task's dependency policy by PolicyEphemeral.
	IsIsolated bool
	// Shards replaces the shards of the task. With an index, only this shard runs.
	Shards Shard
	// HasUnknownArgs leaves the values of declared arguments open. Preconditions need not hold then.
	HasUnknownArgs bool
	// IsPreview evaluates the task for people to read: arguments have their defaults, required arguments are open, and
	// preconditions need not hold.
	IsPreview bool
}

// Evaluate evaluates the targets and everything that the targets reach into plain values, and nothing else of the
// file. With errors among the diagnostics, errors of Parse included, the Spec is nil. If the arguments of a target
// ask for help, the Spec has only the help text.
func (f *File) Evaluate(in Inputs, targets []Target) (*Spec, hcl.Diagnostics) {
	e := newEvaluation(f.config, in)
	e.addInvocations(targets)
	if f.config.Diags.HasErrors() {
		return nil, evaluateUnaffected(e)
	}
	for _, c := range e.invocations {
		if asksForHelp(f.config, c.name, c.commandLine.rawArgs) {
			return &Spec{Help: f.HelpText(c.name)}, nil
		}
	}
	return evaluateInvocations(e)
}

// targetInvocation is the invocation of a target. The task of the name is not known yet.
type targetInvocation struct {
	invocation
	name           string
	hasUnknownArgs bool
	shards         Shard
}

// addInvocations adds an invocation for each target. The options are still as given.
func (e *evaluation) addInvocations(targets []Target) {
	for _, target := range targets {
		e.invocations = append(e.invocations, targetInvocation{
			name: target.Name, hasUnknownArgs: target.HasUnknownArgs || target.IsPreview,
			shards: target.Shards,
			invocation: invocation{
				isPreview:   target.IsPreview,
				commandLine: commandLine{rawArgs: target.Args, options: target.Options},
				isTarget:    true, skipDependencies: target.SkipDependencies, isIsolated: target.IsIsolated,
			},
		})
	}
}

// unknownInvocation is the invocation of a task with unknown arguments.
func unknownInvocation(task string) targetInvocation {
	return targetInvocation{name: task, hasUnknownArgs: true, invocation: invocation{isTarget: true}}
}

// allInvocations returns an invocation of each task, with unknown arguments.
func allInvocations(f *config.File) []targetInvocation {
	var invocations []targetInvocation
	for _, t := range f.Tasks {
		invocations = append(invocations, unknownInvocation(t.Name))
	}
	return invocations
}

// targetRuns returns the names of the runs of each invocation, and reports unknown tasks.
func (e *evaluation) targetRuns() [][]string {
	var sequence [][]string
	seen := map[*taskRun]bool{}
	for _, c := range e.invocations {
		if !e.resolveTarget(&c) {
			continue
		}
		var names []string
		for _, run := range e.runsOf(c.invocation) {
			if seen[run] {
				e.report(diag.Error(fmt.Sprintf("task %q is asked for twice", c.name),
					"One run does a task once with the same words. Name it once, or run `tasks` twice."))
				continue
			}
			seen[run] = true
			names = append(names, run.name)
		}
		sequence = append(sequence, names)
	}
	return sequence
}

// resolveTarget finds the task of an invocation and reads the files of the options. resolveTarget reports wrong
// options, and returns false for an unknown task.
func (e *evaluation) resolveTarget(c *targetInvocation) bool {
	t := e.file.FindTask(config.DeclaredName(c.name))
	if t == nil {
		e.report(unknownTargetError(e, config.DeclaredName(c.name)))
		return false
	}
	options := e.in.withProjectEnv(t.Module.ComposeScope(), c.commandLine.options)
	line, mistake := newCommandLine(e.in, c.commandLine.rawArgs, options)
	if mistake != nil {
		e.report(mistake)
	}
	checkOptions(e, t, &c.commandLine.options)
	requestShards(e, t, c.shards)
	if c.skipDependencies && t.Kind == GroupTask {
		e.report(diag.Error(fmt.Sprintf("--only cannot act on group task %q", t.Name),
			"It leaves out the tasks in depends_on, and there is nothing else. Name the tasks that are to run."))
	}
	c.block, c.combination, c.commandLine = t, config.CombinationOf(c.name), line
	e.isReadOnly = e.isReadOnly || c.hasUnknownArgs
	if c.hasUnknownArgs && t.HasDeclaredParams() && (!c.isPreview || hasRequiredParam(t)) {
		c.deferredArgs = &deferredArgs{}
	}
	return true
}

func hasRequiredParam(t *config.Task) bool {
	return slices.ContainsFunc(slices.Concat(t.Args, t.Flags), (*config.Param).IsRequired)
}

// unknownTargetError returns an error for a name without a task. The hint is the service with the same name, else
// the nearest task, else the nearest service.
func unknownTargetError(e *evaluation, name string) *hcl.Diagnostic {
	var services, jobs []string
	if e.in.Project != nil {
		if project, err := e.in.Project(); err == nil {
			services, jobs = project.ServiceNames(), project.JobNames()
		}
	}
	summary := fmt.Sprintf("unknown task %q", name)
	for noun, all := range map[string][]string{"service": services, "job": jobs} {
		if slices.Contains(all, name) {
			hint := diag.Suggest("did you mean `%s`?", "tasks once "+name)
			return diag.Error(summary, "%q is a %s of the compose file: %s", name, noun, hint)
		}
	}
	names := taskNames(e)
	detail := "No task is declared."
	if len(names) > 0 {
		detail = "`tasks list` shows what there is."
	}
	hint := config.SuggestTask(name, names)
	if near := suggest.Nearest(name, services); hint.IsEmpty() && near != "" {
		call := diag.Suggest("did you mean `%s`?", "tasks once "+near)
		hint = diag.Textf(" %q is a service of the compose file: %s", near, call)
	}
	return diag.Error(summary, "%s%s", detail, hint)
}

func taskNames(e *evaluation) []string {
	return slices.Collect(maps.Keys(e.file.TaskByName))
}

// Only returns the spec of a part of the task runs, with all that the runs need. The order of the sequence stays.
func (s *Spec) Only(runs []string) *Spec {
	part := *s
	part.Targets, part.Sequence, part.Tasks = nil, nil, map[string]*Task{}
	remaining := map[string]bool{}
	for _, name := range runs {
		remaining[name] = true
	}
	for _, batch := range s.Sequence {
		names := s.runsBelow(batch, remaining)
		if len(names) > 0 {
			part.Sequence = append(part.Sequence, names)
			part.Targets = append(part.Targets, names...)
		}
	}
	for _, name := range part.Targets {
		s.addReachable(part.Tasks, name)
	}
	return &part
}

// runsBelow takes the remaining runs that some runs reach.
func (s *Spec) runsBelow(names []string, remaining map[string]bool) []string {
	reachable := map[string]*Task{}
	for _, name := range names {
		s.addReachable(reachable, name)
	}
	var found []string
	for _, name := range slices.Sorted(maps.Keys(reachable)) {
		if remaining[name] {
			delete(remaining, name)
			found = append(found, name)
		}
	}
	return found
}

// addReachable adds a task run with its dependencies and finally tasks.
func (s *Spec) addReachable(tasks map[string]*Task, name string) {
	task := s.Tasks[name]
	if task == nil || tasks[name] != nil {
		return
	}
	tasks[name] = task
	for _, dep := range slices.Concat(task.DependsOn, task.Finally) {
		if dep.Task != "" {
			s.addReachable(tasks, dep.Task)
		}
	}
}
