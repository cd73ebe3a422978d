package hclspec

import (
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"tasks/hclspec/internal/ctyconv"
	"tasks/hclspec/internal/diag"
	"tasks/internal/suggest"
)

// serviceConditions are the third step of service.x.healthy in depends_on.
func serviceConditions() map[string]Condition {
	return map[string]Condition{"started": Started, "healthy": Healthy, "completed": Completed}
}

// readDependencies reads depends_on, whose entries are references and never evaluated.
func (c *checker) readDependencies(a *decodedAttribute) []Dependency {
	return uniqueDependencies(readReferenceList(c, a, "depends_on = [task.lint, service.db]", c.readDependency))
}

// readReferenceList reads a list of references. It leaves out the entries that are wrong, after reporting them.
func readReferenceList[T any](c *checker, a *decodedAttribute, example string, read func(hclsyntax.Expression) (T, *hcl.Diagnostic)) []T {
	c.mod = a.mod
	list, ok := a.expr.(*hclsyntax.TupleConsExpr)
	if !ok {
		c.report(diag.ErrorAt(a.expr.Range(), a.name+" must be a list written out", "Write references in brackets: %s.", example))
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

// uniqueDependencies keeps the first of dependencies on the same.
func uniqueDependencies(deps []Dependency) []Dependency {
	type dependencyKey struct {
		task, service string
		condition     Condition
	}
	seen := make(map[dependencyKey]bool, len(deps))
	return slices.DeleteFunc(deps, func(d Dependency) bool {
		key := dependencyKey{d.Task, d.Service, d.Condition}
		repeated := seen[key]
		seen[key] = true
		return repeated
	})
}

func (c *checker) readDependency(entry hclsyntax.Expression) (Dependency, *hcl.Diagnostic) {
	at := entry.Range()
	traversal, diags := hcl.AbsTraversalForExpr(entry)
	if diags.HasErrors() {
		return Dependency{}, c.notReferenceError(entry)
	}
	name, named := stepName(traversal, 1)
	kind := refKind(traversal.RootName())
	switch {
	case kind != refTask && kind != refService:
		return Dependency{}, c.notDependencyError(traversal)
	case !named && len(traversal) > 1:
		return Dependency{}, diag.ErrorAt(at, fmt.Sprintf("the name of a %s must be text", kind), "Write it in quotes: %s[\"name\"].", kind)
	case !named:
		return Dependency{}, diag.ErrorAt(at, "incomplete reference", "Write %s.name, or %s[\"name\"] with the name written out.", kind, kind)
	case kind == refTask:
		return c.taskDependency(name, traversal)
	}
	return c.serviceDependency(name, traversal)
}

// notReferenceError answers a text or a computed value in depends_on.
func (c *checker) notReferenceError(entry hclsyntax.Expression) *hcl.Diagnostic {
	name, ok := literalString(entry)
	switch {
	case !ok:
		return diag.ErrorAt(entry.Range(), "depends_on holds references only",
			"They are read without evaluating anything: write task.lint, task[\"a.b\"] or service.db, not a computed value.")
	case c.findTask(name) != nil:
		return diag.ErrorAt(entry.Range(), "text in depends_on", "Write %s, not %q.", memberAccess("task", name), name)
	}
	if suggestion := suggest.Nearest(name, c.memberNames(refTask)); suggestion != "" {
		return diag.ErrorAt(entry.Range(), "text in depends_on", "Entries are references, not text, and no task is called %q.%s",
			name, diag.Suggest(" Did you mean %s?", memberAccess("task", suggestion)))
	}
	return diag.ErrorAt(entry.Range(), "text in depends_on", "Entries are references, not text. Write %s or %s, not %q.",
		memberAccess("task", name), memberAccess("service", name), name)
}

func (c *checker) notDependencyError(t hcl.Traversal) *hcl.Diagnostic {
	name := t.RootName()
	if len(t) == 1 && c.findTask(name) != nil {
		return diag.ErrorAt(t.SourceRange(), fmt.Sprintf("unknown name %q", name), "%s", diag.Suggest("Did you mean %q?", "task."+name))
	}
	return diag.ErrorAt(traversalRange(t, 2), "neither a task nor a service",
		"depends_on holds task.name, service.name, service.name.started, .healthy and .completed.%s",
		diag.DidYouMean(name, []string{"task", "service"}))
}

func (c *checker) taskDependency(name string, t hcl.Traversal) (Dependency, *hcl.Diagnostic) {
	dep := Dependency{Task: c.mod.prefix + name, Range: t.SourceRange()}
	if c.findTask(name) == nil {
		return dep, c.unknownMemberError(refTask, name, t)
	}
	if d := c.checkCombination(name, dep.Range); d != nil {
		return dep, d
	}
	if len(t) > 2 {
		return dep, diag.ErrorAt(dep.Range, "superfluous part of a reference", "Write %s.", memberAccess("task", name))
	}
	return dep, nil
}

func (c *checker) serviceDependency(name string, t hcl.Traversal) (Dependency, *hcl.Diagnostic) {
	dep := Dependency{Service: name, Condition: Ready, Range: t.SourceRange()}
	if len(t) == 2 {
		return dep, nil
	}
	condition, _ := stepName(t, 2)
	dep.Condition = serviceConditions()[condition]
	if dep.Condition == "" || len(t) > 3 {
		names := []string{"started", "healthy", "completed"}
		return dep, diag.ErrorAt(dep.Range, "unknown condition of a service",
			"A service can be waited for as %s, or with .started, .healthy or .completed behind it.%s",
			memberAccess("service", name), diag.DidYouMean(condition, names))
	}
	return dep, nil
}

// addRunTimeDependencies adds the tasks whose results a task uses, and the services whose host ports it does.
func (c *checker) addRunTimeDependencies(t *taskBlock) {
	for a := range t.expressions {
		for use := range c.file.reachableReferences(a.refs) {
			if use.ref.port != "" && !waitsForService(t.dependsOn, use.ref.name) {
				t.dependsOn = append(t.dependsOn, portDependency(use))
			}
			if use.ref.kind != refTask || slices.ContainsFunc(t.dependsOn, func(d Dependency) bool { return d.Task == use.ref.runName() }) {
				continue
			}
			t.dependsOn = append(t.dependsOn, Dependency{Task: use.ref.runName(), IsRunTime: true, Range: use.rangeInExpression()})
		}
	}
}

// dependsBlock is a `depends` block: a task, and the words that it is given.
type dependsBlock struct {
	Dependency
	// args is nil where no words are given.
	args *decodedAttribute
}

// readDependsBlocks reads the `depends` blocks of a task.
func (c *checker) readDependsBlocks(t *taskBlock) []dependsBlock {
	var deps []dependsBlock
	for _, n := range t.blocksOfType("depends") {
		a := n.attrs["task"]
		if a == nil {
			if !n.hasUnknownNames {
				c.report(diag.ErrorAt(n.headerRange, "depends without a task", "Write which one: task = task.name."))
			}
			continue
		}
		c.mod = a.mod
		dep, d := c.readDependency(a.expr)
		if d == nil && dep.Task == "" {
			d = diag.ErrorAt(a.expr.Range(), "a service takes no words", "Write %s into depends_on.", memberAccess("service", dep.Service))
		}
		if d != nil {
			c.report(d)
			continue
		}
		deps = append(deps, dependsBlock{Dependency: dep, args: n.attrs["args"]})
	}
	return deps
}

// runDependencies gives the runs of other tasks that come before one, and services.
func (e *evaluation) runDependencies(run *taskRun) []Dependency {
	var deps []Dependency
	var used map[string]bool
	if run.skipDependencies {
		used = e.file.tasksWithUsedResults(run.block)
	}
	for _, d := range run.block.dependsOn {
		if run.skipDependencies && d.Task != "" && !used[d.Task] {
			continue
		}
		deps = append(deps, e.expandDependency(d, invocation{caller: run})...)
	}
	for _, d := range run.block.dependsBlocks {
		if !run.skipDependencies {
			deps = append(deps, e.expandDependency(d.Dependency, e.dependsInvocation(run, d))...)
		}
	}
	return append(deps, e.deferredArgDependencies(run.deferredArgs)...)
}

// expandDependency replaces a task by its runs.
func (e *evaluation) expandDependency(d Dependency, c invocation) []Dependency {
	if d.Task == "" {
		return []Dependency{d}
	}
	c.block, c.combination, c.sourceRange = e.file.taskByName[declaredName(d.Task)], combinationOf(d.Task), d.Range
	var deps []Dependency
	for _, run := range e.runsOf(c) {
		dep := d
		dep.Task = run.name
		deps = append(deps, dep)
	}
	return deps
}

// dependsInvocation evaluates the words of a `depends` block, or leaves that to the run.
func (e *evaluation) dependsInvocation(run *taskRun, d dependsBlock) invocation {
	if d.args == nil {
		return invocation{caller: run}
	}
	v, ok := e.scopeOf(run, RunResults{}).value(d.args.expression)
	if !ok {
		return invocation{caller: run}
	}
	if !v.IsWhollyKnown() {
		deferred := &deferredArgs{caller: run, args: d.args, sourceRange: d.Range}
		return invocation{deferredArgs: deferred, finallyOf: e.finallyOfDeferredArgs(deferred), caller: run}
	}
	return invocation{commandLine: commandLine{rawArgs: e.evaluateArgs(d.args, v)}, caller: run, argsRange: d.args.expr.Range()}
}

// words makes words of the args of a `depends` block.
func (e *evaluation) evaluateArgs(a *decodedAttribute, v cty.Value) []string {
	if v.IsNull() {
		return nil
	}
	if !ctyconv.IsSequence(v.Type()) {
		e.report(wrongValueError(a, ctyconv.WrongTypeError("a list of words", v)))
		return nil
	}
	args, err := ctyconv.AsWords(v)
	if err != nil {
		e.report(wrongValueError(a, err))
	}
	return args
}

// deferredArgDependencies are the tasks and services whose run-time values make the words of a run.
func (e *evaluation) deferredArgDependencies(deferred *deferredArgs) []Dependency {
	if deferred == nil || deferred.caller == nil {
		return nil
	}
	var deps []Dependency
	for use := range e.file.reachableReferences(deferred.args.refs) {
		if use.ref.kind == refTask {
			deps = append(deps, e.expandDependency(Dependency{Task: use.ref.runName(), IsRunTime: true, Range: use.rangeInExpression()}, invocation{caller: deferred.caller})...)
		}
		if use.ref.port != "" {
			deps = append(deps, portDependency(use))
		}
	}
	return append(deps, e.deferredArgDependencies(deferred.caller.deferredArgs)...)
}

// withResolvedArgs is a run whose words are known, now that results are.
func (e *evaluation) withResolvedArgs(run *taskRun, results RunResults) *taskRun {
	if run.deferredArgs == nil {
		return run
	}
	resolved := *run
	resolved.deferredArgs = nil
	if run.deferredArgs.caller == nil {
		resolved.parsedArgs = placeholderArgs(run.block)
		return &resolved
	}
	if e.reportMissingResults(run.deferredArgs.caller, run.deferredArgs.args, results) {
		return run
	}
	v, ok := e.scopeOf(e.withResolvedArgs(run.deferredArgs.caller, results), results).value(run.deferredArgs.args.expression)
	if !ok || !v.IsWhollyKnown() {
		return run
	}
	e.parseArgs(&resolved, e.evaluateArgs(run.deferredArgs.args, v), run.deferredArgs.args.expr.Range())
	return &resolved
}

// tasksWithUsedResults are the tasks whose results a task uses: it cannot do without them.
func (f *File) tasksWithUsedResults(t *taskBlock) map[string]bool {
	used := map[string]bool{}
	for a := range t.expressions {
		for use := range f.reachableReferences(a.refs) {
			if use.ref.kind == refTask {
				used[use.ref.runName()] = true
			}
		}
	}
	return used
}
