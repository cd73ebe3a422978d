package hclspec

import (
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// conditions are the third step of service.x.healthy in depends_on.
func conditions() map[string]Condition {
	return map[string]Condition{"started": Started, "healthy": Healthy, "completed": Completed}
}

// writtenDependencies reads depends_on, whose entries are references and never evaluated.
func (c *checker) writtenDependencies(a *attr) []Dependency {
	return once(writtenList(c, a, "depends_on = [task.lint, service.db]", c.dependency))
}

// writtenList reads a list of references. It leaves out the entries that are wrong, after reporting them.
func writtenList[T any](c *checker, a *attr, example string, read func(hclsyntax.Expression) (T, *hcl.Diagnostic)) []T {
	c.mod = a.mod
	list, ok := a.expr.(*hclsyntax.TupleConsExpr)
	if !ok {
		c.report(problem(a.expr.Range(), a.name+" must be a list written out", "Write references in brackets: %s.", example))
		return nil
	}
	var all []T
	for _, entry := range list.Exprs {
		one, d := read(entry)
		if d != nil {
			c.report(d)
			continue
		}
		all = append(all, one)
	}
	return all
}

// once keeps the first of dependencies on the same.
func once(deps []Dependency) []Dependency {
	type what struct {
		task, service string
		condition     Condition
	}
	seen := make(map[what]bool, len(deps))
	return slices.DeleteFunc(deps, func(d Dependency) bool {
		on := what{d.Task, d.Service, d.Condition}
		repeated := seen[on]
		seen[on] = true
		return repeated
	})
}

func (c *checker) dependency(entry hclsyntax.Expression) (Dependency, *hcl.Diagnostic) {
	at := entry.Range()
	traversal, diags := hcl.AbsTraversalForExpr(entry)
	if diags.HasErrors() {
		return Dependency{}, c.notAReference(entry)
	}
	name, named := stepName(traversal, 1)
	kind := refKind(traversal.RootName())
	switch {
	case kind != refTask && kind != refService:
		return Dependency{}, c.notADependency(traversal)
	case !named && len(traversal) > 1:
		return Dependency{}, problem(at, fmt.Sprintf("the name of a %s must be text", kind), "Write it in quotes: %s[\"name\"].", kind)
	case !named:
		return Dependency{}, problem(at, "incomplete reference", "Write %s.name, or %s[\"name\"] with the name written out.", kind, kind)
	case kind == refTask:
		return c.taskDependency(name, traversal)
	}
	return c.serviceDependency(name, traversal)
}

// notAReference answers a text or a computed value in depends_on.
func (c *checker) notAReference(entry hclsyntax.Expression) *hcl.Diagnostic {
	name, ok := literalString(entry)
	switch {
	case !ok:
		return problem(entry.Range(), "depends_on holds references only",
			"They are read without evaluating anything: write task.lint, task[\"a.b\"] or service.db, not a computed value.")
	case c.task(name) != nil:
		return problem(entry.Range(), "text in depends_on", "Write %s, not %q.", member("task", name), name)
	}
	if meant := nearest(name, c.known(refTask)); meant != "" {
		return problem(entry.Range(), "text in depends_on", "Entries are references, not text, and no task is called %q. Did you mean %s?",
			name, member("task", meant))
	}
	return problem(entry.Range(), "text in depends_on", "Entries are references, not text. Write %s or %s, not %q.",
		member("task", name), member("service", name), name)
}

func (c *checker) notADependency(t hcl.Traversal) *hcl.Diagnostic {
	name := t.RootName()
	if len(t) == 1 && c.task(name) != nil {
		return problem(t.SourceRange(), fmt.Sprintf("unknown name %q", name), "Did you mean \"task.%s\"?", name)
	}
	return problem(sourceRange(t, 2), "neither a task nor a service",
		"depends_on holds task.name, service.name, service.name.started, .healthy and .completed.%s",
		didYouMean(name, []string{"task", "service"}))
}

func (c *checker) taskDependency(name string, t hcl.Traversal) (Dependency, *hcl.Diagnostic) {
	dep := Dependency{Task: c.mod.prefix + name, Range: t.SourceRange()}
	if c.task(name) == nil {
		return dep, c.unknownMember(refTask, name, t)
	}
	if d := c.checkCombination(name, dep.Range); d != nil {
		return dep, d
	}
	if len(t) > 2 {
		return dep, problem(dep.Range, "superfluous part of a reference", "Write %s.", member("task", name))
	}
	return dep, nil
}

func (c *checker) serviceDependency(name string, t hcl.Traversal) (Dependency, *hcl.Diagnostic) {
	dep := Dependency{Service: name, Condition: Ready, Range: t.SourceRange()}
	if len(t) == 2 {
		return dep, nil
	}
	condition, _ := stepName(t, 2)
	dep.Condition = conditions()[condition]
	if dep.Condition == "" || len(t) > 3 {
		names := []string{"started", "healthy", "completed"}
		return dep, problem(dep.Range, "unknown condition of a service",
			"A service can be waited for as %s, or with .started, .healthy or .completed behind it.%s",
			member("service", name), didYouMean(condition, names))
	}
	return dep, nil
}

// runtimeDependencies adds the tasks whose results a task uses, and the services whose host ports it does.
func (c *checker) runtimeDependencies(t *taskBlock) {
	for a := range t.expressions {
		for use := range c.file.reach(a.refs) {
			if use.ref.port != "" && !awaits(t.dependsOn, use.ref.name) {
				t.dependsOn = append(t.dependsOn, portDependency(use))
			}
			if use.ref.kind != refTask || slices.ContainsFunc(t.dependsOn, func(d Dependency) bool { return d.Task == use.ref.run() }) {
				continue
			}
			t.dependsOn = append(t.dependsOn, Dependency{Task: use.ref.run(), RunTime: true, Range: use.at()})
		}
	}
}

// wordedDependency is a `depends` block: a task, and the words that it is given.
type wordedDependency struct {
	Dependency
	// args is nil where no words are given.
	args *attr
}

// wordedDependencies reads the `depends` blocks of a task.
func (c *checker) wordedDependencies(t *taskBlock) []wordedDependency {
	var deps []wordedDependency
	for _, n := range t.all("depends") {
		a := n.attrs["task"]
		if a == nil {
			if !n.misnamed {
				c.report(problem(n.header, "depends without a task", "Write which one: task = task.name."))
			}
			continue
		}
		c.mod = a.mod
		dep, d := c.dependency(a.expr)
		if d == nil && dep.Task == "" {
			d = problem(a.expr.Range(), "a service takes no words", "Write %s into depends_on.", member("service", dep.Service))
		}
		if d != nil {
			c.report(d)
			continue
		}
		deps = append(deps, wordedDependency{Dependency: dep, args: n.attrs["args"]})
	}
	return deps
}

// dependencies gives the runs of other tasks that come before one, and services.
func (e *evaluation) dependencies(i *instance) []Dependency {
	var deps []Dependency
	var used map[string]bool
	if i.only {
		used = e.file.usedTasks(i.block)
	}
	for _, d := range i.block.dependsOn {
		if i.only && d.Task != "" && !used[d.Task] {
			continue
		}
		deps = append(deps, e.expand(d, call{from: i})...)
	}
	for _, d := range i.block.dependsWith {
		if !i.only {
			deps = append(deps, e.expand(d.Dependency, e.wordsOf(i, d))...)
		}
	}
	return append(deps, e.lateDependencies(i.late)...)
}

// expand replaces a task by its runs.
func (e *evaluation) expand(d Dependency, c call) []Dependency {
	if d.Task == "" {
		return []Dependency{d}
	}
	c.block, c.combination, c.at = e.file.taskByName[blockName(d.Task)], combinationOf(d.Task), d.Range
	var deps []Dependency
	for _, run := range e.runsOf(c) {
		dep := d
		dep.Task = run.name
		deps = append(deps, dep)
	}
	return deps
}

// wordsOf evaluates the words of a `depends` block, or leaves that to the run.
func (e *evaluation) wordsOf(i *instance, d wordedDependency) call {
	if d.args == nil {
		return call{from: i}
	}
	v, ok := e.scopeOf(i, Results{}).value(d.args.expression)
	if !ok {
		return call{from: i}
	}
	if !v.IsWhollyKnown() {
		late := &lateWords{by: i, args: d.args, at: d.Range}
		return call{late: late, after: e.lateAfter(late), from: i}
	}
	return call{request: request{words: e.words(d.args, v)}, from: i, wordsAt: d.args.expr.Range()}
}

// words makes words of the args of a `depends` block.
func (e *evaluation) words(a *attr, v cty.Value) []string {
	if v.IsNull() {
		return nil
	}
	if !isSequence(v.Type()) {
		e.report(wrongValue(a, wrongType("a list of words", v)))
		return nil
	}
	words, err := asWords(v)
	if err != nil {
		e.report(wrongValue(a, err))
	}
	return words
}

// lateDependencies are the tasks and services whose run-time values make the words of a run.
func (e *evaluation) lateDependencies(late *lateWords) []Dependency {
	if late == nil || late.by == nil {
		return nil
	}
	var deps []Dependency
	for use := range e.file.reach(late.args.refs) {
		if use.ref.kind == refTask {
			deps = append(deps, e.expand(Dependency{Task: use.ref.run(), RunTime: true, Range: use.at()}, call{from: late.by})...)
		}
		if use.ref.port != "" {
			deps = append(deps, portDependency(use))
		}
	}
	return append(deps, e.lateDependencies(late.by.late)...)
}

// settled is a run whose words are known, now that results are.
func (e *evaluation) settled(i *instance, results Results) *instance {
	if i.late == nil {
		return i
	}
	known := *i
	known.late = nil
	if i.late.by == nil {
		known.spoken = standIns(i.block)
		return &known
	}
	if e.missingResults(i.late.by, i.late.args, results) {
		return i
	}
	v, ok := e.scopeOf(e.settled(i.late.by, results), results).value(i.late.args.expression)
	if !ok || !v.IsWhollyKnown() {
		return i
	}
	e.hear(&known, e.words(i.late.args, v), i.late.args.expr.Range())
	return &known
}

// usedTasks are the tasks whose results a task uses: it cannot do without them.
func (f *File) usedTasks(t *taskBlock) map[string]bool {
	used := map[string]bool{}
	for a := range t.expressions {
		for use := range f.reach(a.refs) {
			if use.ref.kind == refTask {
				used[use.ref.run()] = true
			}
		}
	}
	return used
}
