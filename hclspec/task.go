package hclspec

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"tasks/hclspec/internal/config"
	"tasks/hclspec/internal/ctyconv"
	"tasks/hclspec/internal/diag"
)

// evaluateTask evaluates a task run. Mistakes are reported.
func (e *evaluation) evaluateTask(run *taskRun) *Task {
	return e.evaluateTaskWith(run, RunResults{})
}

// evaluateTaskWith evaluates a task run with known results.
func (e *evaluation) evaluateTaskWith(run *taskRun, results RunResults) *Task {
	t, s := run.block, e.scopeOf(run, results)
	d := &taskDraft{projectDir: e.in.Root, in: e.in, task: Task{
		run: run, Name: run.name, DeclaredName: t.Name, Description: t.Description, Kind: t.Kind,
		Interactive: true, RM: true, IsJobRun: t.Job != "", Shard: run.shard,
		Scope: t.Module.ComposeScope(), Dir: t.Dir, DeclRange: t.HeaderRange, Ranges: map[string]hcl.Range{},
	}}
	if run.finallyOf != nil {
		d.task.FinallyOf = run.finallyOf.name
	}
	s.evaluateOverlay(d)
	if enabled, reason := s.evaluateEnabled(); !enabled {
		d.task.DisabledReason = reason
		if !run.isPreview || !usesParams(e.file, t.Attrs["enabled"]) {
			d.task.Kind = GroupTask
			return &d.task
		}
	}
	checkPreconditions(s)
	if t.Kind == HostTask {
		d.task.Workdir = cmp.Or(t.Module.Dir, d.projectDir)
	}
	s.evaluateAttributes(d)
	evaluateRetry(s, d, t.SingleBlocks["retry"])
	d.task.Policy, d.task.PolicyRange, d.task.PolicySource = run.policy.value, run.policy.declaredAt, run.policy.source
	d.task.PrivateProjectRun = run.policy.privateProjectRun
	d.task.DependsOn, d.task.HostPorts = runDependencies(e, run), hostPorts(e, run)
	d.task.Finally = finallyDependencies(e, run)
	slices.Sort(d.task.Deferred)
	d.task.Deferred = slices.Compact(d.task.Deferred)
	d.task.DeferredAttributes = deferredAttributes(e, run, d.task.Deferred)
	d.task.Watch = evaluateWatch(s, t.SingleBlocks["watch"], &d.task)
	checkTaskServices(e, &d.task)
	return e.completeTask(d, run)
}

// evaluateAttributes evaluates the attributes with setters.
func (s *scope) evaluateAttributes(d *taskDraft) {
	for _, a := range s.run.block.SortedAttrs() {
		d.task.Ranges[a.Name] = a.Expr.Range()
		isDone := slices.Contains(overlayAttributes(), a.Name)
		if isDone || a.IsStatic || s.setters[a.Name] == nil || s.run.block.IsOnlyInherited(a) || s.setAttribute(d, a) {
			continue
		}
		if !a.AllowsRunTime {
			s.reportDeferred(a)
			continue
		}
		d.task.Deferred = append(d.task.Deferred, a.Name)
	}
	if s.run.deferredArgs != nil && d.task.Kind != GroupTask {
		d.task.Deferred = append(d.task.Deferred, "command") // the words may be part of it
	}
}

// completeTask applies the command line to the task and assembles its command. Without all values, Resolve
// assembles the command.
func (e *evaluation) completeTask(d *taskDraft, run *taskRun) *Task {
	declared := *d
	d.applyOptions(run.commandLine)
	checkTaskOptions(e, &d.task)
	checkExecMode(e, &d.task, run)
	deferred := d.task.Deferred
	if !slices.Contains(deferred, "command") && !slices.Contains(deferred, "script") {
		d.assembleCommand(run.rest)
		if mistake := checkExecCommand(e, &d.task); mistake != nil {
			e.report(mistake)
		}
	}
	if slices.Contains(deferred, "env") {
		d.task.Env = nil
	}
	task := d.task
	if len(deferred) > 0 {
		task.resolveDeferred = func(results RunResults) (*Task, hcl.Diagnostics) {
			return e.resolveDeferred(declared, run, results)
		}
	}
	return &task
}

// checkTaskOptions reports contradictions between options of the file and of the command line.
func checkTaskOptions(e *evaluation, task *Task) {
	checkUpToDate(e, task)
	checkDetachPolicy(e, task)
	if task.Detach && (task.AllowFailure.All || len(task.AllowFailure.Codes) > 0) {
		e.report(diag.ErrorAt(task.Range("allow_failure"), "allow_failure with detach",
			"Nobody stays to see how the command of task %q ends. Take one of the two away.", task.Name))
	}
	if task.Detach && task.Timeout > 0 {
		e.report(diag.ErrorAt(task.Range("timeout"), "timeout with detach",
			"Nobody stays to end the command of task %q. Take one of the two away.", task.Name))
	}
	if conflict := outputStyleConflict(task); task.OutputStyle != "" && conflict != "" {
		e.report(diag.ErrorAt(task.Range("output_style"), "output_style with "+conflict,
			"What goes through a terminal is shown as it comes, and of a command that is left in the background nothing is. "+
				"Take one of the two away from task %q.", task.Name))
	}
	if task.Detach && len(task.Finally) > 0 {
		e.report(diag.ErrorAt(task.Range("finally"), "finally with detach",
			"Nobody stays to see the command of task %q end. Take one of the two away.", task.Name))
	}
	if task.Detach && task.Lock != "" {
		e.report(diag.ErrorAt(task.Range("lock"), "lock with detach",
			"Nobody stays to hold the lock while the command of task %q runs. Take one of the two away.", task.Name))
	}
	if task.Detach && task.RetriesLost {
		e.report(diag.ErrorAt(task.Range("on_lost"), "on_lost with detach",
			"Nobody stays to see whether the container of task %q is lost. Take one of the two away.", task.Name))
	}
	if task.Detach && task.Retry != (Retry{}) {
		e.report(diag.ErrorAt(task.Range("retry"), "retry with detach",
			"Nobody stays to see how the command of task %q ends. Take one of the two away.", task.Name))
	}
}

// resolveDeferred evaluates the deferred attributes again. It works on copies, because goroutines may share the
// evaluation.
func (e *evaluation) resolveDeferred(d taskDraft, run *taskRun, results RunResults) (*Task, hcl.Diagnostics) {
	fresh := e.clone()
	deferred := d.task.Deferred
	d.task.Deferred, d.task.DeferredAttributes = nil, nil
	run = withResolvedArgs(fresh, run, results)
	s := fresh.scopeOf(run, results)
	for _, name := range deferred {
		resolveAttribute(s, &d, run.block.AllLayers(name), results)
	}
	if diags := fresh.finalDiagnostics(); diags.HasErrors() {
		return nil, diags
	}
	d.task.DisabledReason = s.idleShardReason()
	d.applyOptions(run.commandLine)
	d.assembleCommand(run.rest)
	if mistake := checkExecCommand(fresh, &d.task); mistake != nil {
		return nil, hcl.Diagnostics{mistake}
	}
	d.task.Secrets = fresh.secretSet.Secrets()
	return &d.task, fresh.diags
}

// clone returns an evaluation with the same values and runs, and without diagnostics.
func (e *evaluation) clone() *evaluation {
	fresh := newEvaluation(e.file, e.in)
	fresh.variables, fresh.projects.loaded, fresh.secretSet = maps.Clone(e.variables), maps.Clone(e.projects.loaded),
		e.secretSet.Clone()
	fresh.runs = taskRuns{byIdentity: maps.Clone(e.runs.byIdentity), policyByName: maps.Clone(e.runs.policyByName),
		argsCache: maps.Clone(e.runs.argsCache)}
	fresh.matrices, fresh.disabledRuns = maps.Clone(e.matrices), maps.Clone(e.disabledRuns)
	fresh.isReadOnly = e.isReadOnly
	fresh.shardRequests, fresh.timings = maps.Clone(e.shardRequests), maps.Clone(e.timings)
	return fresh
}

// resolveAttribute evaluates all values of an attribute, also the layers below, with known results.
func resolveAttribute(s *scope, d *taskDraft, values []*config.Attribute, results RunResults) {
	if len(values) > 1 {
		d.clearMerged(values[0].Name)
	}
	for _, a := range values {
		if !reportMissingResults(s.evaluation, s.run, a, results) {
			s.setAttribute(d, a)
		}
	}
}

// reportMissingResults reports references of an attribute to tasks without results and to ports without a host
// port.
func reportMissingResults(e *evaluation, i *taskRun, a *config.Attribute, results RunResults) bool {
	missing := false
	for use := range e.file.ReachableReferences(a.Refs) {
		if _, known := results.Ports[use.Ref.Name][use.Ref.Port]; use.Ref.Port != "" && !known {
			missing = true
			e.report(diag.ErrorAt(use.Ref.Range, fmt.Sprintf("%s is not known", use.Ref), "Service %q has no host port for it.",
				use.Ref.Name))
		}
		if use.Ref.Kind == config.RefResult {
			missing = reportMissingResult(e, i, use.Ref, results) || missing
		}
		if use.Ref.Kind != config.RefTask {
			continue
		}
		for _, run := range e.runsOf(invocation{block: e.file.TaskByName[use.Ref.TaskName()],
			combination: config.CombinationOf(use.Ref.Name), caller: i, sourceRange: use.Ref.Range}) {
			if _, known := results.Tasks[run.name]; known || e.isDisabled(run) {
				continue
			}
			missing = true
			e.report(diag.ErrorAt(use.Ref.Range, fmt.Sprintf("%s is not known", use.Ref), "Task %q has not run.", run.name))
		}
	}
	return missing
}

// setAttribute evaluates an attribute and stores its value. The result is false for a value that waits for a
// dependency.
func (s *scope) setAttribute(d *taskDraft, a *config.Attribute) bool {
	v, ok := s.attributeValue(a)
	if !ok {
		return true
	}
	known := v.IsWhollyKnown()
	if !known && s.run.deferredArgs != nil {
		return false // its type alone says nothing of words
	}
	if !known {
		// The known part is checked on a scratch copy, so the plan does not begin with a wrong value.
		if v, ok = ctyconv.WithPlaceholders(v); !ok {
			return false
		}
		d = &taskDraft{task: d.task, projectDir: d.projectDir, in: d.in}
	}
	if err := storeAttribute(s, d, a, v); err != nil {
		s.reportWrongValue(a, err)
	}
	return known
}

// attributeValue evaluates an attribute for its purpose: a message, a name, or a value.
func (s *scope) attributeValue(a *config.Attribute) (cty.Value, bool) {
	switch {
	case a.IsMessage:
		return s.messageValue(a.Expression)
	case a.NameOf != "":
		return s.nameValue(a)
	default:
		return s.value(a.Expression)
	}
}

func storeAttribute(s *scope, d *taskDraft, a *config.Attribute, v cty.Value) error {
	needed := a.Name == "service" || a.Name == "job" || a.Name == "image" ||
		d.task.Kind == HostTask && (a.Name == "command" || a.Name == "script")
	switch {
	case v.IsNull() && needed:
		return errors.New("it is null")
	case v.IsNull():
		d.clearMerged(a.Name)
		return nil
	case (a.Name == "command" || a.Name == "entrypoint") && v.Type() == cty.String && s.file.ReachesKind(a.Refs,
		config.RefArgs):
		return fmt.Errorf("the words (args) are inside the text, which would be split anew at its spaces: write a list, %s "+
			"= [\"…\", args]", a.Name)
	}
	d.attributeDir, d.attributeExpr = a.Dir, a.Expr
	if v.Type() == cty.String && (a.Name == "command" || a.Name == "entrypoint" || a.Name == "shell") {
		s.secretSet.AddWords(v.AsString())
	}
	if a.IsFromDefaults && !a.MergesByKey {
		d.fromDefaults = mergeMaps(d.fromDefaults, map[string]bool{a.Name: true})
	}
	return s.setters[a.Name](d, v)
}

// checkTaskServices reports unknown services: the task's own, and its dependencies.
func checkTaskServices(e *evaluation, task *Task) {
	switch {
	case task.IsJob && task.Service != "":
		e.projects.checkJob(task.Scope, task.Service, task.Range("job"))
	case task.Service != "":
		e.projects.checkService(task.Scope, task.Service, task.Range("service"))
	}
	for _, dep := range task.DependsOn {
		if dep.Service != "" && !dep.IsRunTime { // the use of its port was checked where it is
			e.projects.checkService(task.Scope, dep.Service, dep.Range)
		}
	}
}
