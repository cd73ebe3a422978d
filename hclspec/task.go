package hclspec

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"tasks/hclspec/internal/ctyconv"
	"tasks/hclspec/internal/diag"
)

// task evaluates one run of a task. What is wrong is reported.
func (e *evaluation) evaluateTask(run *taskRun) *Task {
	return e.evaluateTaskWith(run, RunResults{})
}

// evaluateTaskWith evaluates one run of a task when some results are known already.
func (e *evaluation) evaluateTaskWith(run *taskRun, results RunResults) *Task {
	t, s := run.block, e.scopeOf(run, results)
	d := &taskDraft{projectDir: e.in.Root, in: e.in, task: Task{
		run: run, Name: run.name, DeclaredName: t.name, Description: t.description, Kind: t.kind,
		Interactive: true, RM: true,
		Scope: t.mod.composeScope(), Dir: t.dir, DeclRange: t.headerRange, Ranges: map[string]hcl.Range{},
	}}
	if run.finallyOf != nil {
		d.task.FinallyOf = run.finallyOf.name
	}
	if enabled, reason := s.evaluateEnabled(); !enabled {
		d.task.Kind, d.task.DisabledReason = GroupTask, reason
		return &d.task
	}
	s.checkPreconditions()
	if t.kind == HostTask {
		d.task.Workdir = cmp.Or(t.mod.dir, d.projectDir)
	}
	s.evaluateAttributes(d)
	s.evaluateRetry(d, t.singleBlocks["retry"])
	d.task.Policy, d.task.PolicyRange, d.task.PrivateProjectRun = run.policy.value, run.policy.declaredAt, run.policy.privateProjectRun
	d.task.DependsOn, d.task.HostPorts = e.runDependencies(run), e.hostPorts(run)
	d.task.Finally = e.finallyDependencies(run)
	slices.Sort(d.task.Deferred)
	d.task.Deferred = slices.Compact(d.task.Deferred)
	d.task.DeferredAttributes = e.deferredAttributes(run, d.task.Deferred)
	d.task.Watch = s.evaluateWatch(t.singleBlocks["watch"], t.dir)
	e.checkTaskServices(&d.task)
	return e.completeTask(d, run)
}

// attributes evaluates those that have a field of their own.
func (s *scope) evaluateAttributes(d *taskDraft) {
	for _, a := range s.run.block.sortedAttrs() {
		d.task.Ranges[a.name] = a.expr.Range()
		if a.isStatic || a.set == nil || s.run.block.isOnlyInherited(a) || s.setAttribute(d, a) {
			continue
		}
		if !a.allowsRunTime {
			s.reportDeferred(a)
			continue
		}
		d.task.Deferred = append(d.task.Deferred, a.name)
	}
	if s.run.deferredArgs != nil && d.task.Kind != GroupTask {
		d.task.Deferred = append(d.task.Deferred, "command") // the words may be part of it
	}
}

// completeTask lays what was asked for over the task and assembles its command, or leaves that to Resolve where a value is
// missing.
func (e *evaluation) completeTask(d *taskDraft, run *taskRun) *Task {
	declared := *d
	d.applyOptions(run.commandLine)
	e.checkTaskOptions(&d.task)
	e.checkExecMode(&d.task, run)
	deferred := d.task.Deferred
	if !slices.Contains(deferred, "command") && !slices.Contains(deferred, "script") {
		d.assembleCommand(run.rest)
		if mistake := e.checkExecCommand(&d.task); mistake != nil {
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

// checkTaskOptions reports what cannot be together once the command line has had its say.
func (e *evaluation) checkTaskOptions(task *Task) {
	e.checkUpToDate(task)
	e.checkDetachPolicy(task)
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
			"What goes through a terminal is shown as it comes, and of a command that is left in the background nothing is. Take one of the two away from task %q.", task.Name))
	}
	if task.Detach && len(task.Finally) > 0 {
		e.report(diag.ErrorAt(task.Range("finally"), "finally with detach",
			"Nobody stays to see the command of task %q end. Take one of the two away.", task.Name))
	}
	if task.Detach && task.Lock != "" {
		e.report(diag.ErrorAt(task.Range("lock"), "lock with detach",
			"Nobody stays to hold the lock while the command of task %q runs. Take one of the two away.", task.Name))
	}
	if task.Detach && task.Retry != (Retry{}) {
		e.report(diag.ErrorAt(task.Range("retry"), "retry with detach",
			"Nobody stays to see how the command of task %q ends. Take one of the two away.", task.Name))
	}
}

// resolveDeferred evaluates the deferred attributes anew. It works on copies: the evaluation may be shared by goroutines.
func (e *evaluation) resolveDeferred(d taskDraft, run *taskRun, results RunResults) (*Task, hcl.Diagnostics) {
	fresh := newEvaluation(e.file, e.in)
	fresh.variables, fresh.projects, fresh.secretSet = maps.Clone(e.variables), maps.Clone(e.projects), e.secretSet.Clone()
	fresh.runs = taskRuns{byIdentity: maps.Clone(e.runs.byIdentity), policyByName: maps.Clone(e.runs.policyByName), argsCache: maps.Clone(e.runs.argsCache)}
	fresh.matrices, fresh.disabledRuns = maps.Clone(e.matrices), maps.Clone(e.disabledRuns)
	fresh.isReadOnly = e.isReadOnly
	deferred := d.task.Deferred
	d.task.Deferred, d.task.DeferredAttributes = nil, nil
	run = fresh.withResolvedArgs(run, results)
	s := fresh.scopeOf(run, results)
	for _, name := range deferred {
		s.resolveAttribute(&d, run.block.allLayers(name), results)
	}
	if diags := fresh.finalDiagnostics(); diags.HasErrors() {
		return nil, diags
	}
	d.applyOptions(run.commandLine)
	d.assembleCommand(run.rest)
	if mistake := fresh.checkExecCommand(&d.task); mistake != nil {
		return nil, hcl.Diagnostics{mistake}
	}
	d.task.Secrets = fresh.secretSet.Secrets()
	return &d.task, fresh.diags
}

// resolveAttribute evaluates every value of one attribute, those beneath the last one too, now that results are known.
func (s *scope) resolveAttribute(d *taskDraft, values []*decodedAttribute, results RunResults) {
	if len(values) > 1 {
		d.clearMerged(values[0].name)
	}
	for _, a := range values {
		if !s.reportMissingResults(s.run, a, results) {
			s.setAttribute(d, a)
		}
	}
}

// reportMissingResults reports the tasks that an attribute needs and that have no result, and the ports without a place.
func (e *evaluation) reportMissingResults(i *taskRun, a *decodedAttribute, results RunResults) bool {
	missing := false
	for use := range e.file.reachableReferences(a.refs) {
		if _, known := results.Ports[use.ref.name][use.ref.port]; use.ref.port != "" && !known {
			missing = true
			e.report(diag.ErrorAt(use.ref.rng, fmt.Sprintf("%s is not known", use.ref), "Service %q has no host port for it.", use.ref.name))
		}
		if use.ref.kind == refResult {
			missing = e.reportMissingResult(i, use.ref, results) || missing
		}
		if use.ref.kind != refTask {
			continue
		}
		for _, run := range e.runsOf(invocation{block: e.file.taskByName[use.ref.taskName()], combination: combinationOf(use.ref.name), caller: i, sourceRange: use.ref.rng}) {
			if _, known := results.Tasks[run.name]; known || e.isDisabled(run) {
				continue
			}
			missing = true
			e.report(diag.ErrorAt(use.ref.rng, fmt.Sprintf("%s is not known", use.ref), "Task %q has not run.", run.name))
		}
	}
	return missing
}

// setAttribute evaluates an attribute and stores its value. It is false where the value has to wait for a dependency.
func (s *scope) setAttribute(d *taskDraft, a *decodedAttribute) bool {
	v, ok := s.attributeValue(a)
	if !ok {
		return true
	}
	known := v.IsWhollyKnown()
	if !known && s.run.deferredArgs != nil {
		return false // its type alone says nothing of words
	}
	if !known {
		// What is there already is checked on a scratch copy, so that a plan does not begin with it.
		if v, ok = ctyconv.WithPlaceholders(v); !ok {
			return false
		}
		d = &taskDraft{task: d.task, projectDir: d.projectDir, in: d.in}
	}
	if err := s.storeAttribute(d, a, v); err != nil {
		s.report(wrongValueError(a, err))
	}
	return known
}

// attribute evaluates an attribute, as what it is used for demands.
func (s *scope) attributeValue(a *decodedAttribute) (cty.Value, bool) {
	switch {
	case a.isMessage:
		return s.messageValue(a.expression)
	case a.nameOf != "":
		return s.nameValue(a)
	default:
		return s.value(a.expression)
	}
}

func (s *scope) storeAttribute(d *taskDraft, a *decodedAttribute, v cty.Value) error {
	needed := a.name == "service" || a.name == "image" || d.task.Kind == HostTask && (a.name == "command" || a.name == "script")
	switch {
	case v.IsNull() && needed:
		return errors.New("it is null")
	case v.IsNull():
		d.clearMerged(a.name)
		return nil
	case (a.name == "command" || a.name == "entrypoint") && v.Type() == cty.String && s.file.reachesKind(a.refs, refArgs):
		return fmt.Errorf("the words (args) are inside the text, which would be split anew at its spaces: write a list, %s = [\"…\", args]", a.name)
	}
	d.attributeDir, d.attributeExpr = a.dir, a.expr
	if a.isFromDefaults && !a.mergesByKey {
		d.fromDefaults = mergeMaps(d.fromDefaults, map[string]bool{a.name: true})
	}
	return a.set(d, v)
}

// wrongValueError reports a wrong value at the innermost place that is written out.
func wrongValueError(a *decodedAttribute, err error) *hcl.Diagnostic {
	at := a.expr.Range()
	var wrong ctyconv.ValueError
	if errors.As(err, &wrong) {
		at = innermostRange(a.expr, wrong.Path, wrong.IsKey)
	}
	return diag.ErrorAt(at, fmt.Sprintf("wrong value of %s", a.name), "%s", diag.SentenceOf(err))
}

// innermostRange follows a path into lists and maps that are written out, to a value or to its key.
func innermostRange(expr hclsyntax.Expression, path cty.Path, toKey bool) hcl.Range {
	for i, step := range path {
		value, key := childExpression(expr, step)
		switch {
		case value == nil:
			return expr.Range()
		case toKey && key != nil && i == len(path)-1:
			return key.Range()
		}
		expr = value
	}
	return expr.Range()
}

// childExpression is what a step leads to, nil where it is not written out, and what it is called in a map.
func childExpression(expr hclsyntax.Expression, step cty.PathStep) (value, key hclsyntax.Expression) {
	index, ok := step.(cty.IndexStep)
	if attr, member := step.(cty.GetAttrStep); member {
		index, ok = cty.IndexStep{Key: cty.StringVal(attr.Name)}, true
	}
	if !ok {
		return nil, nil
	}
	switch expr := expr.(type) {
	case *hclsyntax.TupleConsExpr:
		if index.Key.Type() == cty.Number {
			if i, _ := index.Key.AsBigFloat().Int64(); int(i) < len(expr.Exprs) {
				return expr.Exprs[i], nil
			}
		}
	case *hclsyntax.ObjectConsExpr:
		for _, item := range expr.Items {
			if key, _ := item.KeyExpr.Value(nil); key.RawEquals(index.Key) {
				return item.ValueExpr, item.KeyExpr
			}
		}
	}
	return nil, nil
}

// checkTaskServices reports services that the project lacks: the task's own, and those it waits for.
func (e *evaluation) checkTaskServices(task *Task) {
	if task.Service != "" {
		e.checkServiceExists(task.Scope, task.Service, task.Range("service"))
	}
	for _, dep := range task.DependsOn {
		if dep.Service != "" && !dep.IsRunTime { // the use of its port was checked where it is
			e.checkServiceExists(task.Scope, dep.Service, dep.Range)
		}
	}
}

// defaultDebounce is the quiet interval that ends a batch of changes.
const defaultDebounce = 50 * time.Millisecond

// evaluateWatch evaluates the `watch` block of a task in a directory.
func (s *scope) evaluateWatch(n *decodedBlock, dir string) *Watch {
	if n == nil {
		return nil
	}
	w := &Watch{Debounce: defaultDebounce, Range: n.headerRange}
	for _, a := range n.sortedAttrs() {
		v, ok := s.value(a.expression)
		if !ok || v.IsNull() {
			continue
		}
		var err error
		switch a.name {
		case "paths":
			w.Paths, err = ctyconv.AsList(v)
			w.Paths = ctyconv.RebaseGlobs(a.dir, dir, w.Paths)
		case "ignore":
			w.Ignore, err = ctyconv.AsList(v)
			w.Ignore = ctyconv.RebaseGlobs(a.dir, dir, w.Ignore)
		case "debounce":
			w.Debounce, err = ctyconv.AsDuration(v)
		}
		if err != nil {
			s.report(wrongValueError(a, err))
		}
	}
	return w
}
