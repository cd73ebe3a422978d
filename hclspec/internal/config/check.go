package config

import (
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"tasks/hclspec/internal/diag"
)

// checkAll makes all checks across blocks.
func (c *checker) checkAll() {
	c.mergeExtends()
	for _, l := range c.file.Locals() {
		l.Refs = c.analyse(l.Expression)
	}
	for _, m := range c.file.Modules {
		for _, f := range m.Functions {
			c.checkFunction(f)
		}
	}
	for _, m := range c.file.Modules {
		for _, n := range m.includes {
			c.checkInclude(n)
		}
	}
	for _, v := range c.file.Variables() {
		if v.DefaultValue != nil {
			v.DefaultValue.Refs = c.analyse(*v.DefaultValue)
			c.checkAllowed(*v.DefaultValue, "the default of a variable", RefPath, RefPlatform)
		}
		c.checkValidations(v)
	}
	for _, m := range c.file.Modules {
		c.checkCompose(m.Compose)
	}
	c.applyDefaults()
	for _, t := range c.file.Tasks {
		t.dropNullAttributes()
	}
	for _, m := range c.file.Modules {
		c.checkSettings(m)
		c.checkDefaults(m)
	}
	c.checkAliases()
	for _, t := range c.file.Tasks {
		c.checkTask(t)
	}
	c.checkDuplicateServices()
	for _, s := range c.file.ServiceBlocks {
		c.checkServiceBlock(s)
	}
	for _, n := range c.file.EngineBlocks {
		c.checkEngine(n)
	}
	c.countReferrers()
	c.cycles.checkCycles()
}

// checkAllowed reports references without a meaning, or without a value yet, at this place of the file.
func (r *resolver) checkAllowed(e Expression, where string, allowed ...RefKind) {
	for use := range r.file.ReachableReferences(e.Refs) {
		if slices.Contains(allowed, use.Ref.Kind) || use.Ref.Kind == RefFunction {
			continue
		}
		if use.via != nil {
			r.report(diag.ErrorAt(use.via.Range, fmt.Sprintf("%s cannot be used here", use.via),
				"It uses %s (%s), which has no value in %s.", use.Ref, diag.Place(use.Ref.Range), where))
			continue
		}
		r.report(diag.ErrorAt(use.Ref.Range, fmt.Sprintf("%s cannot be used here", use.Ref), "It has no value in %s.", where))
	}
}

func (c *taskChecker) checkTask(t *Task) {
	c.readParams(t)
	for _, a := range t.SortedAttrs() {
		if a.Name == "depends_on" {
			t.DependsOn = c.readDependencies(a)
			continue
		}
		if a.Name == "steps" { // after depends_on, by name
			t.DependsOn = uniqueDependencies(append(t.DependsOn, c.readSteps(a)...))
			continue
		}
		if a.Name == "finally" {
			t.Finally = c.readFinally(a)
			continue
		}
		c.checkTaskAttribute(t, a)
	}
	for _, n := range slices.Concat(t.BlocksOfType("precondition"), t.BlocksOfType("depends")) {
		c.checkInnerBlock(t, n)
	}
	t.DependsBlocks = c.readDependsBlocks(t)
	c.checkMatrix(t)
	c.checkShards(t)
	c.checkOverlay(t)
	c.checkRetry(t)
	if watch := t.SingleBlocks["watch"]; watch != nil {
		for _, a := range watch.SortedAttrs() {
			c.analyseTaskAttribute(a)
			c.checkTaskMembers(t, a)
		}
		c.checkWatch(t, watch)
	}
	c.checkAttributeCombinations(t)
	c.addRunTimeDependencies(t)
}

func (c *taskChecker) checkTaskAttribute(t *Task, a *Attribute) {
	if a.IsStatic {
		return
	}
	c.analyseTaskAttribute(a)
	if t.IsOnlyInherited(a) {
		return
	}
	c.checkTaskMembers(t, a)
	if !c.isApplicable(t, a) {
		c.report(diag.ErrorAt(a.NameRange, fmt.Sprintf("%q cannot act on %s task", a.Name, diag.Article(t.Kind.String())),
			"It acts on %s. Task %q %s.%s", KindList(a.Kinds), t.Name, KindExplanation(t.Kind), InheritedNote(t, a.NameRange)))
	}
	if t.Kind != GroupTask && (a.Name == "command" || a.Name == "entrypoint") && isTemplate(a.Expr) &&
		c.file.ReachesKind(a.Refs, RefArgs) {
		c.report(diag.ErrorAt(a.Expr.Range(), fmt.Sprintf("args inside the text of %s", a.Name),
			"The words would be split anew at their spaces. Write a list: %s = [\"…\", args].", a.Name))
	}
}

// isApplicable reports whether an attribute has a meaning for a task. Under a misspelt name the kind of the task
// is not sure. An image beside a service has a message of its own.
func (c *taskChecker) isApplicable(t *Task, a *Attribute) bool {
	return slices.Contains(a.Kinds, t.Kind) || a.Name == "image" && t.Kind == ServiceTask ||
		t.Kind != ServiceTask && t.hasUnknownNames
}

// analyseTaskAttribute finds the references of an attribute. A deferred value may not shape the plan: such a
// reference is reported.
func (c *taskChecker) analyseTaskAttribute(a *Attribute) {
	a.Refs = c.analyse(a.Expression)
	if a.AllowsRunTime {
		return
	}
	for use := range c.file.ReachableReferences(a.Refs) {
		if !use.Ref.IsRunTime() {
			continue
		}
		at, through := use.Ref.Range, diag.Text{}
		if use.via != nil {
			at, through = use.via.Range, diag.Textf(" %s uses it at %s.", use.via, diag.Place(use.Ref.Range))
		}
		c.report(diag.ErrorAt(at, fmt.Sprintf("%s is not known before the run", use.Ref),
			"%s shapes the plan, so it cannot wait for a %s. Such a value may stand in command, script, env and the args of "+
				"depends.%s", a.Name, use.Ref.Kind, through))
	}
}

// KindExplanation says why a task has its kind.
func KindExplanation(k TaskKind) string {
	switch k {
	case HostTask:
		return "has neither service, job nor image, so it runs on the host"
	case ImageTask:
		return "has an image and no service"
	}
	return "has neither service, job, image, command nor script, so it runs nothing"
}

// isTemplate reports whether an expression is text with interpolations.
func isTemplate(expr hclsyntax.Expression) bool {
	switch expr.(type) {
	case *hclsyntax.TemplateExpr, *hclsyntax.TemplateWrapExpr:
		return true
	}
	return false
}

// checkAttributeCombinations reports attributes that contradict or need each other.
func (c *taskChecker) checkAttributeCombinations(t *Task) {
	c.checkExclusive(t, "service", "image", "A one-off is either of a service or of an image.")
	c.checkExclusive(t, "service", "job", "A one-off is either of a service or of a job.")
	c.checkExclusive(t, "job", "image", "A one-off is either of a job or of an image.")
	c.checkExclusive(t, "command", "script", "A script takes the command's place.")
	for _, other := range stepsReplace() {
		c.checkExclusive(t, "steps", other, "A task with steps runs other tasks, and no command of its own.")
	}
	c.checkExclusive(t, "ports", "service_ports", "Either the ports that are listed are published, or the service's own.")
	if shell := t.Attrs["shell"]; shell != nil && t.Attrs["script"] == nil && t.Kind != GroupTask && !t.hasUnknownNames {
		c.report(diag.ErrorAt(shell.NameRange, "shell without script",
			"A shell is what a script is given to. Write a script, or remove shell."))
	}
	if t.Kind == GroupTask && t.Attrs["depends_on"] == nil && t.Attrs["steps"] == nil &&
		t.Attrs["finally"] == nil && len(t.BlocksOfType("depends")) == 0 && !t.hasUnknownNames && !t.isBase {
		c.report(diag.WarningAt(t.HeaderRange, fmt.Sprintf("task %q does nothing", t.Name),
			"It has neither service, job, image, command nor script, and depends on nothing."))
	}
}

// stepsReplace returns the attributes that a task with steps cannot have.
func stepsReplace() []string { return []string{"command", "script", "service", "job", "image"} }

func (c *taskChecker) checkExclusive(t *Task, one, other, why string) {
	a, b := t.Attrs[one], t.Attrs[other]
	if a == nil || b == nil {
		return
	}
	if b.NameRange.Start.Byte < a.NameRange.Start.Byte {
		a, b = b, a
	}
	c.report(diag.ErrorAt(b.NameRange, fmt.Sprintf("%s and %s together", a.Name, b.Name),
		"%s The other one is at %s; remove one of the two.", why, diag.Place(a.NameRange)))
}

// checkWatch reports a watch block with nothing to watch: no paths, no inputs, no service and no other tasks.
func (c *taskChecker) checkWatch(t *Task, watch *Block) {
	if t.Kind == ServiceTask || t.Kind == GroupTask || watch.Attrs["paths"] != nil || watch.Attrs["graph"] != nil ||
		t.Attrs["inputs"] != nil || t.hasUnknownNames || watch.hasUnknownNames {
		return
	}
	c.report(diag.ErrorAt(watch.HeaderRange, "watch without paths",
		"Without a service there are no bind mounts and build contexts to watch. Write paths = [\"…\"], or give the task "+
			"inputs."))
}

// checkInnerBlock checks the expressions of a block inside a task.
func (c *taskChecker) checkInnerBlock(t *Task, n *Block) {
	for _, a := range n.SortedAttrs() {
		if !a.IsStatic {
			c.analyseTaskAttribute(a)
			c.checkTaskMembers(t, a)
		}
	}
	if n.Type.Name == "precondition" {
		c.checkConditionBlock(n)
	}
}

// Expressions yields all evaluated expressions of a task and of its inner blocks.
func (t *Task) Expressions(yield func(*Attribute) bool) {
	all := t.SortedAttrs()
	for _, name := range slices.Sorted(maps.Keys(t.SingleBlocks)) {
		all = append(all, t.SingleBlocks[name].SortedAttrs()...)
	}
	for _, n := range t.RepeatedBlocks {
		all = append(all, n.SortedAttrs()...)
	}
	for _, a := range all {
		if !a.IsStatic && !yield(a) {
			return
		}
	}
}

// DeclaredDependencies returns the dependencies of the block with each task once. Matrix cells count as their
// task.
func (t *Task) DeclaredDependencies() []Dependency {
	deps := t.Dependencies()
	for i := range deps {
		deps[i].Task = DeclaredName(deps[i].Task)
	}
	return uniqueDependencies(deps)
}

// Dependencies returns all dependencies of the block.
func (t *Task) Dependencies() []Dependency {
	deps := slices.Clone(t.DependsOn)
	for _, d := range t.DependsBlocks {
		deps = append(deps, d.Dependency)
	}
	return deps
}
