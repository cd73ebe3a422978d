package hclspec

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// task evaluates one run of a task. What is wrong is reported.
func (e *evaluation) task(i *instance) *Task {
	return e.taskWith(i, Results{})
}

// taskWith evaluates one run of a task when some results are known already.
func (e *evaluation) taskWith(i *instance, results Results) *Task {
	t, s := i.block, e.scopeOf(i, results)
	d := &draft{root: e.in.Root, in: e.in, task: Task{
		run: i, Name: i.name, Declared: t.name, Description: t.description, Kind: t.kind,
		Interactive: true, RM: true,
		Scope: t.mod.home(), Dir: t.dir, DeclRange: t.header, Ranges: map[string]hcl.Range{},
	}}
	if i.after != nil {
		d.task.After = i.after.name
	}
	if enabled, reason := s.enabled(); !enabled {
		d.task.Kind, d.task.Disabled = Group, reason
		return &d.task
	}
	s.preconditions()
	if t.kind == Host {
		d.task.Workdir = cmp.Or(t.mod.dir, d.root)
	}
	s.attributes(d)
	s.retry(d, t.blocks["retry"])
	d.task.Policy, d.task.PolicyRange, d.task.Private = i.under.policy, i.under.at, i.under.private
	d.task.DependsOn, d.task.HostPorts = e.dependencies(i), e.hostPorts(i)
	d.task.Finally = e.followers(i)
	slices.Sort(d.task.Deferred)
	d.task.Deferred = slices.Compact(d.task.Deferred)
	d.task.Unknown = e.unknowns(i, d.task.Deferred)
	d.task.Watch = s.watch(t.blocks["watch"], t.dir)
	e.checkServices(&d.task)
	return e.complete(d, i)
}

// attributes evaluates those that have a field of their own.
func (s *scope) attributes(d *draft) {
	for _, a := range s.inst.block.sorted() {
		d.task.Ranges[a.name] = a.expr.Range()
		if a.static || a.set == nil || s.inst.block.onlyInherited(a) || s.set(d, a) {
			continue
		}
		if !a.runtime {
			s.notYet(a)
			continue
		}
		d.task.Deferred = append(d.task.Deferred, a.name)
	}
	if s.inst.late != nil && d.task.Kind != Group {
		d.task.Deferred = append(d.task.Deferred, "command") // the words may be part of it
	}
}

// complete lays what was asked for over the task and assembles its command, or leaves that to Resolve where a value is
// missing.
func (e *evaluation) complete(d *draft, i *instance) *Task {
	written := *d
	d.lay(i.request)
	e.checkLaid(&d.task)
	e.checkExec(&d.task, i)
	deferred := d.task.Deferred
	if !slices.Contains(deferred, "command") && !slices.Contains(deferred, "script") {
		d.assemble(i.rest)
		if mistake := e.checkExecCommand(&d.task); mistake != nil {
			e.report(mistake)
		}
	}
	if slices.Contains(deferred, "env") {
		d.task.Env = nil
	}
	task := d.task
	if len(deferred) > 0 {
		task.resolve = func(results Results) (*Task, hcl.Diagnostics) {
			return e.resolve(written, i, results)
		}
	}
	return &task
}

// checkLaid reports what cannot be together once the command line has had its say.
func (e *evaluation) checkLaid(task *Task) {
	e.checkUpToDate(task)
	e.checkStanding(task)
	if task.Detach && (task.AllowFailure.All || len(task.AllowFailure.Codes) > 0) {
		e.report(problem(task.Range("allow_failure"), "allow_failure with detach",
			"Nobody stays to see how the command of task %q ends. Take one of the two away.", task.Name))
	}
	if task.Detach && task.Timeout > 0 {
		e.report(problem(task.Range("timeout"), "timeout with detach",
			"Nobody stays to end the command of task %q. Take one of the two away.", task.Name))
	}
	if with := noStyle(task); task.OutputStyle != "" && with != "" {
		e.report(problem(task.Range("output_style"), "output_style with "+with,
			"What goes through a terminal is shown as it comes, and of a command that is left in the background nothing is. Take one of the two away from task %q.", task.Name))
	}
	if task.Detach && len(task.Finally) > 0 {
		e.report(problem(task.Range("finally"), "finally with detach",
			"Nobody stays to see the command of task %q end. Take one of the two away.", task.Name))
	}
	if task.Detach && task.Lock != "" {
		e.report(problem(task.Range("lock"), "lock with detach",
			"Nobody stays to hold the lock while the command of task %q runs. Take one of the two away.", task.Name))
	}
	if task.Detach && task.Retry != (Retry{}) {
		e.report(problem(task.Range("retry"), "retry with detach",
			"Nobody stays to see how the command of task %q ends. Take one of the two away.", task.Name))
	}
}

// resolve evaluates the deferred attributes anew. It works on copies: the evaluation may be shared by goroutines.
func (e *evaluation) resolve(d draft, i *instance, results Results) (*Task, hcl.Diagnostics) {
	fresh := newEvaluation(e.file, e.in)
	fresh.vars, fresh.projects, fresh.concealed = maps.Clone(e.vars), maps.Clone(e.projects), e.concealed.clone()
	fresh.runs = instances{byIdentity: maps.Clone(e.runs.byIdentity), names: maps.Clone(e.runs.names), heard: maps.Clone(e.runs.heard)}
	fresh.matrices, fresh.skipped = maps.Clone(e.matrices), maps.Clone(e.skipped)
	fresh.looking = e.looking
	deferred := d.task.Deferred
	d.task.Deferred, d.task.Unknown = nil, nil
	i = fresh.settled(i, results)
	s := fresh.scopeOf(i, results)
	for _, name := range deferred {
		s.setAgain(&d, i.block.named(name), results)
	}
	if diags := fresh.finish(); diags.HasErrors() {
		return nil, diags
	}
	d.lay(i.request)
	d.assemble(i.rest)
	if mistake := fresh.checkExecCommand(&d.task); mistake != nil {
		return nil, hcl.Diagnostics{mistake}
	}
	d.task.Secrets = fresh.concealed.secrets()
	return &d.task, fresh.diags
}

// setAgain evaluates every value of one attribute, those beneath the last one too, now that results are known.
func (s *scope) setAgain(d *draft, values []*attr, results Results) {
	if len(values) > 1 {
		d.clear(values[0].name)
	}
	for _, a := range values {
		if !s.missingResults(s.inst, a, results) {
			s.set(d, a)
		}
	}
}

// missingResults reports the tasks that an attribute needs and that have no result, and the ports without a place.
func (e *evaluation) missingResults(i *instance, a *attr, results Results) bool {
	missing := false
	for use := range e.file.reach(a.refs) {
		if _, known := results.Ports[use.ref.name][use.ref.port]; use.ref.port != "" && !known {
			missing = true
			e.report(problem(use.ref.rng, fmt.Sprintf("%s is not known", use.ref), "Service %q has no host port for it.", use.ref.name))
		}
		if use.ref.kind == refResult {
			missing = e.missingEnding(i, use.ref, results) || missing
		}
		if use.ref.kind != refTask {
			continue
		}
		for _, run := range e.runsOf(call{block: e.file.taskByName[use.ref.task()], combination: combinationOf(use.ref.name), from: i, at: use.ref.rng}) {
			if _, known := results.Tasks[run.name]; known || e.disabled(run) {
				continue
			}
			missing = true
			e.report(problem(use.ref.rng, fmt.Sprintf("%s is not known", use.ref), "Task %q has not run.", run.name))
		}
	}
	return missing
}

// set evaluates an attribute and stores its value. It is false where the value has to wait for a dependency.
func (s *scope) set(d *draft, a *attr) bool {
	v, ok := s.attribute(a)
	if !ok {
		return true
	}
	known := v.IsWhollyKnown()
	if !known && s.inst.late != nil {
		return false // its type alone says nothing of words
	}
	if !known {
		// What is there already is checked on a scratch copy, so that a plan does not begin with it.
		if v, ok = assume(v); !ok {
			return false
		}
		d = &draft{task: d.task, root: d.root, in: d.in}
	}
	if err := s.store(d, a, v); err != nil {
		s.report(wrongValue(a, err))
	}
	return known
}

// attribute evaluates an attribute, as what it is used for demands.
func (s *scope) attribute(a *attr) (cty.Value, bool) {
	switch {
	case a.told:
		return s.told(a.expression)
	case a.named != "":
		return s.named(a)
	default:
		return s.value(a.expression)
	}
}

// assume puts something harmless into the place of each value that is not known yet. It is not ok where even the type
// is open.
func assume(v cty.Value) (cty.Value, bool) {
	typed := true
	assumed, err := cty.Transform(v, func(_ cty.Path, v cty.Value) (cty.Value, error) {
		switch {
		case v.IsKnown():
			return v, nil
		case v.Type() == cty.String:
			return cty.StringVal("x"), nil
		case v.Type() == cty.Number:
			return cty.Zero, nil
		case v.Type() == cty.Bool:
			return cty.False, nil
		}
		typed = false
		return v, nil
	})
	return assumed, typed && err == nil
}

func (s *scope) store(d *draft, a *attr, v cty.Value) error {
	needed := a.name == "service" || a.name == "image" || d.task.Kind == Host && (a.name == "command" || a.name == "script")
	switch {
	case v.IsNull() && needed:
		return errors.New("it is null")
	case v.IsNull():
		d.clear(a.name)
		return nil
	case (a.name == "command" || a.name == "entrypoint") && v.Type() == cty.String && s.file.uses(a.refs, refArgs):
		return fmt.Errorf("the words (args) are inside the text, which would be split anew at its spaces: write a list, %s = [\"…\", args]", a.name)
	}
	d.dir, d.expr = a.dir, a.expr
	if a.byDefault && !a.byKey {
		d.byDefault = layered(d.byDefault, map[string]bool{a.name: true})
	}
	return a.set(d, v)
}

// wrongValue reports a wrong value at the innermost place that is written out.
func wrongValue(a *attr, err error) *hcl.Diagnostic {
	at := a.expr.Range()
	var wrong valueError
	if errors.As(err, &wrong) {
		at = narrow(a.expr, wrong.path, wrong.key)
	}
	return problem(at, fmt.Sprintf("wrong value of %s", a.name), "%s", wholeSentence(err))
}

// narrow follows a path into lists and maps that are written out, to a value or to its key.
func narrow(expr hclsyntax.Expression, path cty.Path, toKey bool) hcl.Range {
	for i, step := range path {
		value, key := child(expr, step)
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

// child is what a step leads to, nil where it is not written out, and what it is called in a map.
func child(expr hclsyntax.Expression, step cty.PathStep) (value, key hclsyntax.Expression) {
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

// checkServices reports services that the project lacks: the task's own, and those it waits for.
func (e *evaluation) checkServices(task *Task) {
	if task.Service != "" {
		e.checkService(task.Scope, task.Service, task.Range("service"))
	}
	for _, dep := range task.DependsOn {
		if dep.Service != "" && !dep.RunTime { // the use of its port was checked where it is
			e.checkService(task.Scope, dep.Service, dep.Range)
		}
	}
}

// defaultDebounce is the quiet interval that ends a batch of changes.
const defaultDebounce = 50 * time.Millisecond

// watch evaluates the `watch` block of a task in a directory.
func (s *scope) watch(n *node, dir string) *Watch {
	if n == nil {
		return nil
	}
	w := &Watch{Debounce: defaultDebounce, Range: n.header}
	for _, a := range n.sorted() {
		v, ok := s.value(a.expression)
		if !ok || v.IsNull() {
			continue
		}
		var err error
		switch a.name {
		case "paths":
			w.Paths, err = asList(v)
			w.Paths = globsFrom(a.dir, dir, w.Paths)
		case "ignore":
			w.Ignore, err = asList(v)
			w.Ignore = globsFrom(a.dir, dir, w.Ignore)
		case "debounce":
			w.Debounce, err = asDuration(v)
		}
		if err != nil {
			s.report(wrongValue(a, err))
		}
	}
	return w
}

// globsFrom makes globs absolute that start at another directory than the task's: a base may be in another one.
func globsFrom(from, dir string, globs []string) []string {
	if from == dir {
		return globs
	}
	for i, glob := range globs {
		globs[i] = absolute(glob, from)
	}
	return globs
}

// asDuration takes text such as "200ms".
func asDuration(v cty.Value) (time.Duration, error) {
	text, err := asText(v)
	if err != nil {
		return 0, err
	}
	d, err := time.ParseDuration(text)
	if _, unitless := strconv.ParseFloat(text, 64); unitless == nil && d == 0 && err != nil {
		return 0, fmt.Errorf("%q is not a duration: write the unit, as in \"%ss\"", text, text)
	}
	if err != nil || d < 0 {
		return 0, fmt.Errorf("%q is not a duration: write \"50ms\", \"1.5s\" or \"10m\"", text)
	}
	return d, nil
}
