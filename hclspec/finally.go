package hclspec

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"tasks/hclspec/internal/diag"
	"tasks/internal/suggest"
)

// readFinally reads finally, whose entries are references to tasks and never evaluated.
func (c *checker) readFinally(a *decodedAttribute) []Dependency {
	if isNull(a.expr) {
		return nil
	}
	return uniqueDependencies(readReferenceList(c, a, "finally = [task.cleanup]", c.readFinallyEntry))
}

func (c *checker) readFinallyEntry(entry hclsyntax.Expression) (Dependency, *hcl.Diagnostic) {
	name, traversal, d := c.readTaskReference("finally", entry)
	if d != nil {
		return Dependency{}, d
	}
	return c.taskDependency(name, traversal)
}

// readTaskReference reads one entry of a list of references to tasks. It is nothing that depends_on would take besides.
func (c *checker) readTaskReference(list string, entry hclsyntax.Expression) (string, hcl.Traversal, *hcl.Diagnostic) {
	at := entry.Range()
	traversal, diags := hcl.AbsTraversalForExpr(entry)
	if text, ok := literalString(entry); ok {
		suggestion := text
		if c.findTask(text) == nil {
			suggestion = suggest.Nearest(text, c.memberNames(refTask))
		}
		if suggestion == "" {
			suggestion = "name"
		}
		return "", nil, diag.ErrorAt(at, "text in "+list, "Entries are references, not text. Write %s, not %q.", memberAccess("task", suggestion), text)
	}
	if diags.HasErrors() || refKind(traversal.RootName()) != refTask {
		return "", nil, diag.ErrorAt(at, list+" holds references to tasks only", "They are read without evaluating anything: write task.name.")
	}
	name, named := stepName(traversal, 1)
	switch {
	case !named:
		return "", nil, diag.ErrorAt(at, "incomplete reference", "Write task.name, or task[\"name\"] with the name written out.")
	case c.findTask(name) == nil:
		return "", nil, c.unknownMemberError(refTask, name, traversal)
	}
	return name, traversal, nil
}

// countReferrers tells the tasks that something depends on, and how often each follows another one: the names of runs depend on
// it (see [evaluation.name]).
func (c *checker) countReferrers() {
	for _, t := range c.file.tasks {
		for _, d := range t.dependencies() {
			if needed := c.file.taskByName[declaredName(d.Task)]; needed != nil {
				needed.isDependency = true
			}
		}
		for _, d := range t.finally {
			finallyTask := c.file.taskByName[declaredName(d.Task)]
			finallyTask.precedingRunCount++
			if t.attrs["matrix"] != nil {
				finallyTask.precedingRunCount++
			}
		}
	}
}

// declaredFinally are those of the block, each task once, whichever of its runs is meant.
func (t *taskBlock) declaredFinally() []Dependency {
	var deps []Dependency
	for _, d := range t.finally {
		d.Task = declaredName(d.Task)
		deps = append(deps, d)
	}
	return uniqueDependencies(deps)
}

// needsDistinctName says that a run which follows another one cannot have the plain name of its task, which other runs may have.
func (t *taskBlock) needsDistinctName() bool { return t.isDependency || t.precedingRunCount > 1 }

// finallyDependencies gives the runs of other tasks that follow a run however it ends.
func (e *evaluation) finallyDependencies(run *taskRun) []Dependency {
	var deps []Dependency
	for _, d := range run.block.finally {
		deps = append(deps, e.expandDependency(d, invocation{finallyOf: run, caller: run})...)
	}
	return deps
}

// finallyOfDeferredArgs is the run whose end the words of another one tell of; nil: none.
func (e *evaluation) finallyOfDeferredArgs(deferred *deferredArgs) *taskRun {
	for ; deferred != nil && deferred.caller != nil; deferred = deferred.caller.deferredArgs {
		if deferred.caller.finallyOf != nil && e.file.reachesKind(deferred.args.refs, refResult) {
			return deferred.caller.finallyOf
		}
	}
	return nil
}

// unknownPrecedingRun is the name, in [Results], of a run that who looks at a follower by itself leaves open.
const unknownPrecedingRun = ""

// endResult is what result.* is in a run: how the run that it follows has ended, null where it follows none.
func (s *scope) endResult() map[string]cty.Value {
	code, reason := cty.NullVal(cty.Number), cty.NullVal(cty.String)
	if name, follows := s.precedingRun(); follows {
		code, reason = cty.UnknownVal(cty.Number).RefineNotNull(), cty.UnknownVal(cty.String).RefineNotNull()
		if r, known := s.results.Tasks[name]; known {
			code, reason = cty.NumberIntVal(int64(r.ExitCode)), cty.StringVal(string(r.Reason))
		}
	}
	return map[string]cty.Value{"exit_code": code, "reason": reason}
}

// precedingRun is the name of the run that this one follows.
func (s *scope) precedingRun() (name string, follows bool) {
	if s.run.finallyOf != nil {
		return s.run.finallyOf.name, true
	}
	return unknownPrecedingRun, s.isReadOnly && s.run.block != nil && s.run.block.precedingRunCount > 0
}

// reportMissingResult reports that it is not known how the run has ended that another one follows.
func (e *evaluation) reportMissingResult(run *taskRun, ref reference, results RunResults) bool {
	if run.finallyOf == nil {
		return false
	}
	if _, known := results.Tasks[run.finallyOf.name]; known {
		return false
	}
	e.report(diag.ErrorAt(ref.rng, fmt.Sprintf("%s is not known", ref), "Task %q has not ended.", run.finallyOf.name))
	return true
}
