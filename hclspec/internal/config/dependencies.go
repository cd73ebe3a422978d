package config

import (
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"tasks/hclspec/internal/diag"
	"tasks/internal/suggest"
)

// serviceConditions returns the third steps of service.x.healthy in depends_on.
func serviceConditions() map[string]Condition {
	return map[string]Condition{"started": Started, "healthy": Healthy, "completed": Completed}
}

// readDependencies reads depends_on. Its entries are references, without evaluation.
func (r *dependencyReader) readDependencies(a *Attribute) []Dependency {
	return uniqueDependencies(readReferenceList(r, a, "depends_on = [task.lint, service.db]", r.readDependency))
}

// readSteps reads steps. Its entries are references as in depends_on, each with its place in the list.
func (r *dependencyReader) readSteps(a *Attribute) []Dependency {
	steps := readReferenceList(r, a, "steps = [task.migrate, service.web, task.warm]", r.readDependency)
	for i := range steps {
		steps[i].Position = i + 1
	}
	return steps
}

// readReferenceList reads a list of references. Wrong entries are reported and left out.
func readReferenceList[T any](r *dependencyReader, a *Attribute, example string,
	read func(hclsyntax.Expression) (T, *hcl.Diagnostic)) []T {
	r.module, r.list = a.Module, a.Name
	list, ok := a.Expr.(*hclsyntax.TupleConsExpr)
	if !ok {
		r.report(diag.ErrorAt(a.Expr.Range(), a.Name+" must be a list written out", "Write references in brackets: %s.",
			example))
		return nil
	}
	var all []T
	for _, entry := range list.Exprs {
		one, d := read(entry)
		if d != nil {
			r.report(d)
			continue
		}
		all = append(all, one)
	}
	return all
}

// uniqueDependencies keeps the first of equal dependencies.
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

func (r *dependencyReader) readDependency(entry hclsyntax.Expression) (Dependency, *hcl.Diagnostic) {
	at := entry.Range()
	traversal, diags := hcl.AbsTraversalForExpr(entry)
	if diags.HasErrors() {
		return Dependency{}, r.notReferenceError(entry)
	}
	name, named := StepName(traversal, 1)
	kind := RefKind(traversal.RootName())
	switch {
	case kind != RefTask && kind != RefService && kind != RefJob:
		return Dependency{}, r.notDependencyError(traversal)
	case !named && len(traversal) > 1:
		return Dependency{}, diag.ErrorAt(at, fmt.Sprintf("the name of a %s must be text", kind),
			"Write it in quotes: %s[\"name\"].", kind)
	case !named:
		return Dependency{}, diag.ErrorAt(at, "incomplete reference",
			"Write %s.name, or %s[\"name\"] with the name written out.", kind, kind)
	case kind == RefTask:
		return r.taskDependency(name, traversal)
	case kind == RefJob:
		return r.jobDependency(name, traversal)
	}
	return r.serviceDependency(name, traversal)
}

// notReferenceError explains a text or a computed value in a list of dependencies.
func (r *dependencyReader) notReferenceError(entry hclsyntax.Expression) *hcl.Diagnostic {
	name, ok := LiteralString(entry)
	switch {
	case !ok:
		return diag.ErrorAt(entry.Range(), r.list+" holds references only",
			"They are read without evaluating anything: write task.lint, task[\"a.b\"] or service.db, not a computed value.")
	case r.findTask(name) != nil:
		return diag.ErrorAt(entry.Range(), "text in "+r.list, "Write %s, not %q.", MemberAccess("task", name), name)
	}
	if suggestion := suggest.Nearest(name, r.memberNames(RefTask)); suggestion != "" {
		return diag.ErrorAt(entry.Range(), "text in "+r.list,
			"Entries are references, not text, and no task is called %q.%s",
			name, diag.Suggest(" Did you mean %s?", MemberAccess("task", suggestion)))
	}
	return diag.ErrorAt(entry.Range(), "text in "+r.list, "Entries are references, not text. Write %s or %s, not %q.",
		MemberAccess("task", name), MemberAccess("service", name), name)
}

func (r *dependencyReader) notDependencyError(t hcl.Traversal) *hcl.Diagnostic {
	name := t.RootName()
	if len(t) == 1 && r.findTask(name) != nil {
		return diag.ErrorAt(t.SourceRange(), fmt.Sprintf("unknown name %q", name), "%s",
			diag.Suggest("Did you mean %q?", "task."+name))
	}
	return diag.ErrorAt(traversalRange(t, 2), "neither a task nor a service",
		"%s holds task.name, job.name, service.name, service.name.started, .healthy and .completed.%s", r.list,
		diag.DidYouMean(name, []string{"task", "service", "job"}))
}

func (r *dependencyReader) taskDependency(name string, t hcl.Traversal) (Dependency, *hcl.Diagnostic) {
	dep := Dependency{Task: r.module.Prefix + name, Range: t.SourceRange()}
	if r.findTask(name) == nil {
		return dep, r.unknownMemberError(RefTask, name, t)
	}
	if d := r.checkCombination(name, dep.Range); d != nil {
		return dep, d
	}
	if len(t) > 2 {
		return dep, diag.ErrorAt(dep.Range, "superfluous part of a reference", "Write %s.", MemberAccess("task", name))
	}
	return dep, nil
}

func (r *dependencyReader) serviceDependency(name string, t hcl.Traversal) (Dependency, *hcl.Diagnostic) {
	dep := Dependency{Service: name, Condition: Ready, Range: t.SourceRange()}
	if len(t) == 2 {
		return dep, nil
	}
	condition, _ := StepName(t, 2)
	dep.Condition = serviceConditions()[condition]
	if dep.Condition == "" || len(t) > 3 {
		names := []string{"started", "healthy", "completed"}
		return dep, diag.ErrorAt(dep.Range, "unknown condition of a service",
			"Use %[1]s, %[1]s.started, .healthy or .completed.%[2]s",
			MemberAccess("service", name), diag.DidYouMean(condition, names))
	}
	return dep, nil
}

// addRunTimeDependencies adds the tasks with results, and the services with host ports, that a task uses.
func (c *taskChecker) addRunTimeDependencies(t *Task) {
	for a := range t.Expressions {
		for use := range c.file.ReachableReferences(a.Refs) {
			if use.Ref.Port != "" && !WaitsForService(t.DependsOn, use.Ref.Name) {
				t.DependsOn = append(t.DependsOn, PortDependency(use))
			}
			if use.Ref.Kind != RefTask || slices.ContainsFunc(t.DependsOn,
				func(d Dependency) bool { return d.Task == use.Ref.RunName() }) {
				continue
			}
			t.DependsOn = append(t.DependsOn, Dependency{Task: use.Ref.RunName(), IsRunTime: true,
				Range: use.RangeInExpression()})
		}
	}
}

// DependsBlock is a `depends` block: a task with its words.
type DependsBlock struct {
	Dependency
	// Args is nil without words.
	Args *Attribute
}

// readDependsBlocks reads the `depends` blocks of a task.
func (r *dependencyReader) readDependsBlocks(t *Task) []DependsBlock {
	var deps []DependsBlock
	for _, n := range t.BlocksOfType("depends") {
		a := n.Attrs["task"]
		if a == nil {
			if !n.hasUnknownNames {
				r.report(diag.ErrorAt(n.HeaderRange, "depends without a task", "Write which one: task = task.name."))
			}
			continue
		}
		r.module, r.list = a.Module, "depends_on"
		dep, d := r.readDependency(a.Expr)
		if d == nil && dep.Task == "" {
			d = diag.ErrorAt(a.Expr.Range(), "a service takes no words", "Write %s into depends_on.",
				MemberAccess("service", dep.Service))
		}
		if d != nil {
			r.report(d)
			continue
		}
		deps = append(deps, DependsBlock{Dependency: dep, Args: n.Attrs["args"]})
	}
	return deps
}

// TasksWithUsedResults returns the tasks with results that a task uses. The task cannot run without them.
func (f *File) TasksWithUsedResults(t *Task) map[string]bool {
	used := map[string]bool{}
	for a := range t.Expressions {
		for use := range f.ReachableReferences(a.Refs) {
			if use.Ref.Kind == RefTask {
				used[use.Ref.RunName()] = true
			}
		}
	}
	return used
}
