package hclspec

import (
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// conditions are the third step of service.x.healthy in depends_on.
func conditions() map[string]Condition {
	return map[string]Condition{"started": Started, "healthy": Healthy, "completed": Completed}
}

// writtenDependencies reads depends_on, whose entries are references and never evaluated.
func (c *checker) writtenDependencies(a *attr) []Dependency {
	c.mod = a.mod
	list, ok := a.expr.(*hclsyntax.TupleConsExpr)
	if !ok {
		c.report(problem(a.expr.Range(), "depends_on must be a list written out",
			"Write references in brackets: depends_on = [task.lint, service.db]."))
		return nil
	}
	var deps []Dependency
	for _, entry := range list.Exprs {
		dep, d := c.dependency(entry)
		if d != nil {
			c.report(d)
			continue
		}
		deps = addDependency(deps, dep)
	}
	return deps
}

// addDependency appends a dependency that is not there already.
func addDependency(deps []Dependency, dep Dependency) []Dependency {
	same := func(d Dependency) bool {
		return d.Task == dep.Task && d.Service == dep.Service && d.Condition == dep.Condition
	}
	if slices.ContainsFunc(deps, same) {
		return deps
	}
	return append(deps, dep)
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

// runtimeDependencies adds the tasks whose results a task uses.
func (c *checker) runtimeDependencies(t *taskBlock) {
	for a := range t.expressions {
		for use := range c.file.reach(a.refs) {
			if use.ref.kind != refTask || slices.ContainsFunc(t.dependsOn, func(d Dependency) bool { return d.Task == use.ref.task() }) {
				continue
			}
			t.dependsOn = append(t.dependsOn, Dependency{Task: use.ref.task(), RunTime: true, Range: use.at()})
		}
	}
}
