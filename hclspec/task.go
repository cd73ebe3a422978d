package hclspec

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// task evaluates one task as it is asked for. What is wrong is reported.
func (e *evaluation) task(t *taskBlock, r request) *Task {
	return e.taskWith(t, r, nil)
}

// taskWith evaluates one task when some results are known already.
func (e *evaluation) taskWith(t *taskBlock, r request, results map[string]Result) *Task {
	s := e.scope(t.name, r.words, results)
	d := &draft{root: e.in.Root, in: e.in, task: Task{
		Name: t.name, Description: t.description, Kind: t.kind,
		Interactive: true, RM: true,
		DependsOn: slices.Clone(t.dependsOn),
		Dir:       t.dir, DeclRange: t.header, Ranges: map[string]hcl.Range{},
	}}
	if t.kind == Host {
		d.task.Workdir = d.root
	}
	for _, a := range t.sorted() {
		d.task.Ranges[a.name] = a.expr.Range()
		if a.static {
			continue
		}
		if !s.set(d, a) {
			d.task.Deferred = append(d.task.Deferred, a.name)
		}
	}
	slices.Sort(d.task.Deferred)
	d.task.Deferred = slices.Compact(d.task.Deferred)
	d.task.Watch = s.watch(t.blocks["watch"])
	e.checkServices(&d.task)
	return e.complete(t, d, r)
}

// complete lays what was asked for over the task and assembles its command, or leaves that to Resolve where a value is
// missing.
func (e *evaluation) complete(t *taskBlock, d *draft, r request) *Task {
	written := *d
	d.lay(r)
	deferred := d.task.Deferred
	if !slices.Contains(deferred, "command") && !slices.Contains(deferred, "script") {
		d.assemble(r.words)
	}
	if slices.Contains(deferred, "env") {
		d.task.Env = nil
	}
	task := d.task
	if len(deferred) > 0 {
		task.resolve = func(results map[string]Result) (*Task, hcl.Diagnostics) {
			return e.resolve(t, written, r, results)
		}
	}
	return &task
}

// resolve evaluates the deferred attributes anew. It works on copies: the evaluation may be shared by goroutines.
func (e *evaluation) resolve(t *taskBlock, d draft, r request, results map[string]Result) (*Task, hcl.Diagnostics) {
	fresh := newEvaluation(e.file, e.in)
	fresh.vars, fresh.project, fresh.concealed = maps.Clone(e.vars), e.project, e.concealed.clone()
	deferred := d.task.Deferred
	d.task.Deferred = nil
	s := fresh.scope(t.name, r.words, results)
	for _, name := range deferred {
		s.setAgain(&d, t.named(name), results)
	}
	if diags := fresh.finish(); diags.HasErrors() {
		return nil, diags
	}
	d.lay(r)
	d.assemble(r.words)
	d.task.Secrets = fresh.concealed.secrets()
	return &d.task, fresh.diags
}

// setAgain evaluates every value of one attribute, those beneath the last one too, now that results are known.
func (s *scope) setAgain(d *draft, values []*attr, results map[string]Result) {
	if len(values) > 1 {
		d.clear(values[0].name)
	}
	for _, a := range values {
		if !s.missingResults(a, results) {
			s.set(d, a)
		}
	}
}

// missingResults reports the tasks that an attribute needs and that have no result.
func (e *evaluation) missingResults(a *attr, results map[string]Result) bool {
	missing := false
	for use := range e.file.reach(a.refs) {
		if _, known := results[use.ref.task()]; use.ref.kind == refTask && !known {
			missing = true
			e.report(problem(use.ref.rng, fmt.Sprintf("%s is not known", use.ref), "Task %q has not run.", use.ref.task()))
		}
	}
	return missing
}

// set evaluates an attribute and stores its value. It is false where the value has to wait for a dependency.
func (s *scope) set(d *draft, a *attr) bool {
	v, ok := s.value(a.expression)
	if !ok {
		return true
	}
	known := v.IsWhollyKnown()
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
	d.dir = a.dir
	return a.set(d, v)
}

// wrongValue reports a wrong value at the innermost place that is written out.
func wrongValue(a *attr, err error) *hcl.Diagnostic {
	at := a.expr.Range()
	var wrong valueError
	if errors.As(err, &wrong) {
		at = narrow(a.expr, wrong.path)
	}
	return problem(at, fmt.Sprintf("wrong value of %s", a.name), "%s.", upperFirst(err.Error()))
}

// narrow follows a path into lists and maps that are written out.
func narrow(expr hclsyntax.Expression, path cty.Path) hcl.Range {
	for _, step := range path {
		next := child(expr, step)
		if next == nil {
			break
		}
		expr = next
	}
	return expr.Range()
}

func child(expr hclsyntax.Expression, step cty.PathStep) hclsyntax.Expression {
	index, ok := step.(cty.IndexStep)
	if !ok {
		return nil
	}
	switch expr := expr.(type) {
	case *hclsyntax.TupleConsExpr:
		if index.Key.Type() == cty.Number {
			if i, _ := index.Key.AsBigFloat().Int64(); int(i) < len(expr.Exprs) {
				return expr.Exprs[i]
			}
		}
	case *hclsyntax.ObjectConsExpr:
		for _, item := range expr.Items {
			if key, _ := item.KeyExpr.Value(nil); key.RawEquals(index.Key) {
				return item.ValueExpr
			}
		}
	}
	return nil
}

// checkServices reports services that the project lacks: the task's own, and those it waits for.
func (e *evaluation) checkServices(task *Task) {
	if task.Service != "" {
		e.checkService(task.Service, task.Range("service"))
	}
	for _, dep := range task.DependsOn {
		if dep.Service != "" {
			e.checkService(dep.Service, dep.Range)
		}
	}
}

// defaultDebounce is the quiet interval that ends a batch of changes.
const defaultDebounce = 50 * time.Millisecond

// watch evaluates the `watch` block.
func (s *scope) watch(n *node) *Watch {
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
		case "ignore":
			w.Ignore, err = asList(v)
		case "debounce":
			w.Debounce, err = asDuration(v)
		}
		if err != nil {
			s.report(wrongValue(a, err))
		}
	}
	return w
}

// asDuration takes text such as "200ms".
func asDuration(v cty.Value) (time.Duration, error) {
	text, err := asText(v)
	if err != nil {
		return 0, err
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 {
		return 0, fmt.Errorf("%q is not a duration: write \"50ms\" or \"1.5s\"", text)
	}
	return d, nil
}
