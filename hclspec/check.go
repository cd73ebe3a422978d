package hclspec

import (
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"tasks/hclspec/internal/diag"
)

// checkAll makes all checks that need the whole program.
func (c *checker) checkAll() {
	c.mergeExtends()
	for _, l := range c.file.locals() {
		l.refs = c.analyse(l.expression)
	}
	for _, m := range c.file.modules {
		for _, f := range m.functions {
			c.checkFunction(f)
		}
	}
	for _, m := range c.file.modules {
		for _, n := range m.includes {
			c.checkInclude(n)
		}
	}
	for _, v := range c.file.variables() {
		if v.defaultValue != nil {
			v.defaultValue.refs = c.analyse(*v.defaultValue)
			c.checkAllowed(*v.defaultValue, "the default of a variable", refPath, refPlatform)
		}
		c.checkValidations(v)
	}
	for _, m := range c.file.modules {
		c.checkCompose(m.compose)
	}
	c.applyDefaults()
	for _, t := range c.file.tasks {
		t.dropNullAttributes()
	}
	for _, m := range c.file.modules {
		c.checkSettings(m)
		c.checkDefaults(m)
	}
	c.checkAliases()
	for _, t := range c.file.tasks {
		c.checkTask(t)
	}
	c.checkDuplicateServices()
	for _, s := range c.file.serviceBlocks {
		c.checkServiceBlock(s)
	}
	c.countReferrers()
	c.checkCycles()
}

// checkAllowed reports the references that have no meaning, or no value yet, at this place of the file.
func (c *checker) checkAllowed(e expression, where string, allowed ...refKind) {
	for use := range c.file.reachableReferences(e.refs) {
		if slices.Contains(allowed, use.ref.kind) || use.ref.kind == refFunction {
			continue
		}
		if use.via != nil {
			c.report(diag.ErrorAt(use.via.rng, fmt.Sprintf("%s cannot be used here", use.via),
				"It uses %s (%s), which has no value in %s.", use.ref, diag.Place(use.ref.rng), where))
			continue
		}
		c.report(diag.ErrorAt(use.ref.rng, fmt.Sprintf("%s cannot be used here", use.ref), "It has no value in %s.", where))
	}
}

func (c *checker) checkTask(t *taskBlock) {
	c.readParams(t)
	for _, a := range t.sortedAttrs() {
		if a.name == "depends_on" {
			t.dependsOn = c.readDependencies(a)
			continue
		}
		if a.name == "finally" {
			t.finally = c.readFinally(a)
			continue
		}
		c.checkTaskAttribute(t, a)
	}
	for _, n := range slices.Concat(t.blocksOfType("precondition"), t.blocksOfType("depends")) {
		c.checkInnerBlock(t, n)
	}
	t.dependsBlocks = c.readDependsBlocks(t)
	c.checkMatrix(t)
	c.checkRetry(t)
	if watch := t.singleBlocks["watch"]; watch != nil {
		for _, a := range watch.sortedAttrs() {
			c.analyseTaskAttribute(a)
			c.checkTaskMembers(t, a)
		}
		c.checkWatch(t, watch)
	}
	c.checkAttributeCombinations(t)
	c.addRunTimeDependencies(t)
}

func (c *checker) checkTaskAttribute(t *taskBlock, a *decodedAttribute) {
	if a.isStatic {
		return
	}
	c.analyseTaskAttribute(a)
	if t.isOnlyInherited(a) {
		return
	}
	c.checkTaskMembers(t, a)
	if !c.isApplicable(t, a) {
		c.report(diag.ErrorAt(a.nameRange, fmt.Sprintf("%q cannot act on %s task", a.name, diag.Article(t.kind.String())),
			"It acts on %s. Task %q %s.%s", kindList(a.kinds), t.name, kindExplanation(t.kind), inheritedNote(t, a.nameRange)))
	}
	if t.kind != GroupTask && (a.name == "command" || a.name == "entrypoint") && isTemplate(a.expr) && c.file.reachesKind(a.refs, refArgs) {
		c.report(diag.ErrorAt(a.expr.Range(), fmt.Sprintf("args inside the text of %s", a.name),
			"The words would be split anew at their spaces. Write a list: %s = [\"…\", args].", a.name))
	}
}

// isApplicable says whether an attribute means something for a task. Where a name is misspelt, the task's kind is not sure,
// and service and image together are reported as such.
func (c *checker) isApplicable(t *taskBlock, a *decodedAttribute) bool {
	return slices.Contains(a.kinds, t.kind) || a.name == "image" && t.kind == ServiceTask || t.kind != ServiceTask && t.hasUnknownNames
}

// analyseTaskAttribute finds an attribute's references and reports those that would shape the plan with a value that only
// the run can tell.
func (c *checker) analyseTaskAttribute(a *decodedAttribute) {
	a.refs = c.analyse(a.expression)
	if a.allowsRunTime {
		return
	}
	for use := range c.file.reachableReferences(a.refs) {
		if !use.ref.isRunTime() {
			continue
		}
		at, through := use.ref.rng, diag.Text{}
		if use.via != nil {
			at, through = use.via.rng, diag.Textf(" %s uses it at %s.", use.via, diag.Place(use.ref.rng))
		}
		c.report(diag.ErrorAt(at, fmt.Sprintf("%s is not known before the run", use.ref),
			"%s shapes the plan, so it cannot wait for a %s. Such a value may stand in command, script, env and the args of depends.%s", a.name, use.ref.kind, through))
	}
}

// kindExplanation says what makes a task of a kind that fewer attributes act on.
func kindExplanation(k TaskKind) string {
	switch k {
	case HostTask:
		return "has neither service nor image, so it runs on the host"
	case ImageTask:
		return "has an image and no service"
	}
	return "has neither service, image, command nor script, so it runs nothing"
}

// isTemplate says that an expression is text with something interpolated.
func isTemplate(expr hclsyntax.Expression) bool {
	switch expr.(type) {
	case *hclsyntax.TemplateExpr, *hclsyntax.TemplateWrapExpr:
		return true
	}
	return false
}

// checkAttributeCombinations reports attributes that contradict or need each other.
func (c *checker) checkAttributeCombinations(t *taskBlock) {
	c.checkExclusive(t, "service", "image", "A one-off is either of a service or of an image.")
	c.checkExclusive(t, "command", "script", "A script takes the command's place.")
	c.checkExclusive(t, "ports", "service_ports", "Either the ports that are listed are published, or the service's own.")
	if shell := t.attrs["shell"]; shell != nil && t.attrs["script"] == nil && t.kind != GroupTask && !t.hasUnknownNames {
		c.report(diag.ErrorAt(shell.nameRange, "shell without script", "A shell is what a script is given to. Write a script, or remove shell."))
	}
	if t.kind == GroupTask && t.attrs["depends_on"] == nil && t.attrs["finally"] == nil && len(t.blocksOfType("depends")) == 0 && !t.hasUnknownNames && !t.isBase {
		c.report(diag.WarningAt(t.headerRange, fmt.Sprintf("task %q does nothing", t.name),
			"It has neither service, image, command nor script, and depends on nothing."))
	}
}

func (c *checker) checkExclusive(t *taskBlock, one, other, why string) {
	a, b := t.attrs[one], t.attrs[other]
	if a == nil || b == nil {
		return
	}
	if b.nameRange.Start.Byte < a.nameRange.Start.Byte {
		a, b = b, a
	}
	c.report(diag.ErrorAt(b.nameRange, fmt.Sprintf("%s and %s together", a.name, b.name),
		"%s The other one is at %s; remove one of the two.", why, diag.Place(a.nameRange)))
}

// checkWatch wants paths where there are neither inputs nor a service to take them from.
func (c *checker) checkWatch(t *taskBlock, watch *decodedBlock) {
	if t.kind == ServiceTask || t.kind == GroupTask && t.isBase || watch.attrs["paths"] != nil || t.attrs["inputs"] != nil || t.hasUnknownNames || watch.hasUnknownNames {
		return
	}
	c.report(diag.ErrorAt(watch.headerRange, "watch without paths",
		"Without a service there are no bind mounts and build contexts to watch. Write paths = [\"…\"], or give the task inputs."))
}

// referenceUse is a reference that an expression makes: itself, or through the local that via names.
type referenceUse struct {
	ref reference
	via *reference
}

// at is the place in the expression itself.
func (u referenceUse) rangeInExpression() hcl.Range {
	if u.via != nil {
		return u.via.rng
	}
	return u.ref.rng
}

// reachableReferences yields what references refer to, themselves and through locals and functions, each of those once. It survives
// cycles.
func (f *File) reachableReferences(refs []reference) func(yield func(referenceUse) bool) {
	return func(yield func(referenceUse) bool) {
		seen := map[*expression]bool{}
		var walk func(refs []reference, via *reference) bool
		walk = func(refs []reference, via *reference) bool {
			for _, ref := range refs {
				if !yield(referenceUse{ref: ref, via: via}) {
					return false
				}
				inner := ref.definition()
				if inner == nil || seen[inner] {
					continue
				}
				seen[inner] = true
				next := via
				if next == nil {
					next = &ref
				}
				if !walk(inner.refs, next) {
					return false
				}
			}
			return true
		}
		walk(refs, nil)
	}
}

// reachesKind says whether references reach a kind, through locals too.
func (f *File) reachesKind(refs []reference, kind refKind) bool {
	for use := range f.reachableReferences(refs) {
		if use.ref.kind == kind {
			return true
		}
	}
	return false
}

// checkInnerBlock checks the expressions of a block inside a task.
func (c *checker) checkInnerBlock(t *taskBlock, n *decodedBlock) {
	for _, a := range n.sortedAttrs() {
		if !a.isStatic {
			c.analyseTaskAttribute(a)
			c.checkTaskMembers(t, a)
		}
	}
	if n.typ.name == "precondition" {
		c.checkConditionBlock(n)
	}
}

// expressions yields every evaluated expression of a task, those of its blocks too.
func (t *taskBlock) expressions(yield func(*decodedAttribute) bool) {
	all := t.sortedAttrs()
	for _, name := range slices.Sorted(maps.Keys(t.singleBlocks)) {
		all = append(all, t.singleBlocks[name].sortedAttrs()...)
	}
	for _, n := range t.repeatedBlocks {
		all = append(all, n.sortedAttrs()...)
	}
	for _, a := range all {
		if !a.isStatic && !yield(a) {
			return
		}
	}
}

// declaredDependencies are those of the block, each task once, whichever of its runs is meant.
func (t *taskBlock) declaredDependencies() []Dependency {
	deps := t.dependencies()
	for i := range deps {
		deps[i].Task = declaredName(deps[i].Task)
	}
	return uniqueDependencies(deps)
}

// dependencies are all that a task's block asks for.
func (t *taskBlock) dependencies() []Dependency {
	deps := slices.Clone(t.dependsOn)
	for _, d := range t.dependsBlocks {
		deps = append(deps, d.Dependency)
	}
	return deps
}
