package config

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"tasks/hclspec/internal/diag"
	"tasks/internal/suggest"
)

// readFinally reads finally. Its entries are references to tasks, without evaluation.
func (r *dependencyReader) readFinally(a *Attribute) []Dependency {
	if IsNull(a.Expr) {
		return nil
	}
	return uniqueDependencies(readReferenceList(r, a, "finally = [task.cleanup]", r.readFinallyEntry))
}

func (r *dependencyReader) readFinallyEntry(entry hclsyntax.Expression) (Dependency, *hcl.Diagnostic) {
	name, traversal, d := r.readTaskReference("finally", entry)
	if d != nil {
		return Dependency{}, d
	}
	return r.taskDependency(name, traversal)
}

// readTaskReference reads an entry of a list of tasks. Services are errors there.
func (r *dependencyReader) readTaskReference(list string, entry hclsyntax.Expression) (string, hcl.Traversal,
	*hcl.Diagnostic) {
	at := entry.Range()
	traversal, diags := hcl.AbsTraversalForExpr(entry)
	if text, ok := LiteralString(entry); ok {
		suggestion := text
		if r.findTask(text) == nil {
			suggestion = suggest.Nearest(text, r.memberNames(RefTask))
		}
		if suggestion == "" {
			suggestion = "name"
		}
		return "", nil, diag.ErrorAt(at, "text in "+list, "Entries are references, not text. Write %s, not %q.",
			MemberAccess("task", suggestion), text)
	}
	if diags.HasErrors() || RefKind(traversal.RootName()) != RefTask {
		return "", nil, diag.ErrorAt(at, list+" holds references to tasks only",
			"They are read without evaluating anything: write task.name.")
	}
	name, named := StepName(traversal, 1)
	switch {
	case !named:
		return "", nil, diag.ErrorAt(at, "incomplete reference",
			"Write task.name, or task[\"name\"] with the name written out.")
	case r.findTask(name) == nil:
		return "", nil, r.unknownMemberError(RefTask, name, traversal)
	}
	return name, traversal, nil
}

// countReferrers marks the tasks with dependents, and counts the tasks before each finally task. The names of runs
// depend on both.
func (c *checker) countReferrers() {
	for _, t := range c.file.Tasks {
		for _, d := range t.Dependencies() {
			if needed := c.file.TaskByName[DeclaredName(d.Task)]; needed != nil {
				needed.isDependency = true
			}
		}
		for _, d := range t.Finally {
			finallyTask := c.file.TaskByName[DeclaredName(d.Task)]
			finallyTask.PrecedingRunCount++
			if t.Attrs["matrix"] != nil || t.Attrs["shards"] != nil {
				finallyTask.PrecedingRunCount++
			}
		}
	}
}

// DeclaredFinally returns the finally tasks of the block, each once. Matrix cells count as their task.
func (t *Task) DeclaredFinally() []Dependency {
	var deps []Dependency
	for _, d := range t.Finally {
		d.Task = DeclaredName(d.Task)
		deps = append(deps, d)
	}
	return uniqueDependencies(deps)
}

// NeedsDistinctName reports whether a finally run cannot have the plain name of its task, because other runs may
// have the name.
func (t *Task) NeedsDistinctName() bool { return t.isDependency || t.PrecedingRunCount > 1 }
