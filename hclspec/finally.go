package hclspec

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// writtenFinally reads finally, whose entries are references to tasks and never evaluated.
func (c *checker) writtenFinally(a *attr) []Dependency {
	if isNull(a.expr) {
		return nil
	}
	return once(writtenList(c, a, "finally = [task.cleanup]", c.follower))
}

func (c *checker) follower(entry hclsyntax.Expression) (Dependency, *hcl.Diagnostic) {
	name, traversal, d := c.taskEntry("finally", entry)
	if d != nil {
		return Dependency{}, d
	}
	return c.taskDependency(name, traversal)
}

// taskEntry reads one entry of a list of references to tasks. It is nothing that depends_on would take besides.
func (c *checker) taskEntry(list string, entry hclsyntax.Expression) (string, hcl.Traversal, *hcl.Diagnostic) {
	at := entry.Range()
	traversal, diags := hcl.AbsTraversalForExpr(entry)
	if text, ok := literalString(entry); ok {
		meant := text
		if c.task(text) == nil {
			meant = nearest(text, c.known(refTask))
		}
		if meant == "" {
			meant = "name"
		}
		return "", nil, problem(at, "text in "+list, "Entries are references, not text. Write %s, not %q.", member("task", meant), text)
	}
	if diags.HasErrors() || refKind(traversal.RootName()) != refTask {
		return "", nil, problem(at, list+" holds references to tasks only", "They are read without evaluating anything: write task.name.")
	}
	name, named := stepName(traversal, 1)
	switch {
	case !named:
		return "", nil, problem(at, "incomplete reference", "Write task.name, or task[\"name\"] with the name written out.")
	case c.task(name) == nil:
		return "", nil, c.unknownMember(refTask, name, traversal)
	}
	return name, traversal, nil
}

// countCallers tells the tasks that something depends on, and how often each follows another one: the names of runs depend on
// it (see [evaluation.name]).
func (c *checker) countCallers() {
	for _, t := range c.file.tasks {
		for _, d := range t.dependencies() {
			if needed := c.file.taskByName[blockName(d.Task)]; needed != nil {
				needed.isNeeded = true
			}
		}
		for _, d := range t.finally {
			follower := c.file.taskByName[blockName(d.Task)]
			follower.follows++
			if t.attrs["matrix"] != nil {
				follower.follows++
			}
		}
	}
}

// declaredFollowers are those of the block, each task once, whichever of its runs is meant.
func (t *taskBlock) declaredFollowers() []Dependency {
	var deps []Dependency
	for _, d := range t.finally {
		d.Task = blockName(d.Task)
		deps = append(deps, d)
	}
	return once(deps)
}

// standsApart says that a run which follows another one cannot have the plain name of its task, which other runs may have.
func (t *taskBlock) standsApart() bool { return t.isNeeded || t.follows > 1 }

// followers gives the runs of other tasks that follow a run however it ends.
func (e *evaluation) followers(i *instance) []Dependency {
	var deps []Dependency
	for _, d := range i.block.finally {
		deps = append(deps, e.expand(d, call{after: i, from: i})...)
	}
	return deps
}

// lateAfter is the run whose end the words of another one tell of; nil: none.
func (e *evaluation) lateAfter(late *lateWords) *instance {
	for ; late != nil && late.by != nil; late = late.by.late {
		if late.by.after != nil && e.file.uses(late.args.refs, refResult) {
			return late.by.after
		}
	}
	return nil
}

// openEnd is the name, in [Results], of a run that who looks at a follower by itself leaves open.
const openEnd = ""

// ending is what result.* is in a run: how the run that it follows has ended, null where it follows none.
func (s *scope) ending() map[string]cty.Value {
	code, reason := cty.NullVal(cty.Number), cty.NullVal(cty.String)
	if name, follows := s.followed(); follows {
		code, reason = cty.UnknownVal(cty.Number).RefineNotNull(), cty.UnknownVal(cty.String).RefineNotNull()
		if r, known := s.results.Tasks[name]; known {
			code, reason = cty.NumberIntVal(int64(r.ExitCode)), cty.StringVal(string(r.Reason))
		}
	}
	return map[string]cty.Value{"exit_code": code, "reason": reason}
}

// followed is the name of the run that this one follows.
func (s *scope) followed() (name string, follows bool) {
	if s.inst.after != nil {
		return s.inst.after.name, true
	}
	return openEnd, s.looking && s.inst.block != nil && s.inst.block.follows > 0
}

// missingEnding reports that it is not known how the run has ended that another one follows.
func (e *evaluation) missingEnding(i *instance, ref reference, results Results) bool {
	if i.after == nil {
		return false
	}
	if _, known := results.Tasks[i.after.name]; known {
		return false
	}
	e.report(problem(ref.rng, fmt.Sprintf("%s is not known", ref), "Task %q has not ended.", i.after.name))
	return true
}
