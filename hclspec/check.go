package hclspec

import (
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// check makes all checks that need the whole program.
func (c *checker) check() {
	c.extend()
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
		t.dropNulls()
	}
	for _, m := range c.file.modules {
		c.checkSettings(m)
		c.checkDefaults(m)
	}
	c.checkAliases()
	for _, t := range c.file.tasks {
		c.checkTask(t)
	}
	c.checkServicesOnce()
	for _, s := range c.file.services {
		c.checkService(s)
	}
	c.countCallers()
	c.checkCycles()
}

// checkAllowed reports the references that have no meaning, or no value yet, at this place of the file.
func (c *checker) checkAllowed(e expression, where string, allowed ...refKind) {
	for use := range c.file.reach(e.refs) {
		if slices.Contains(allowed, use.ref.kind) || use.ref.kind == refFunction {
			continue
		}
		if use.via != nil {
			c.report(problem(use.via.rng, fmt.Sprintf("%s cannot be used here", use.via),
				"It uses %s (%s), which has no value in %s.", use.ref, place(use.ref.rng), where))
			continue
		}
		c.report(problem(use.ref.rng, fmt.Sprintf("%s cannot be used here", use.ref), "It has no value in %s.", where))
	}
}

func (c *checker) checkTask(t *taskBlock) {
	c.taskParams(t)
	for _, a := range t.sorted() {
		if a.name == "depends_on" {
			t.dependsOn = c.writtenDependencies(a)
			continue
		}
		if a.name == "finally" {
			t.finally = c.writtenFinally(a)
			continue
		}
		c.checkTaskAttr(t, a)
	}
	for _, n := range slices.Concat(t.all("precondition"), t.all("depends")) {
		c.checkInner(t, n)
	}
	t.dependsWith = c.wordedDependencies(t)
	c.checkMatrix(t)
	c.checkRetry(t)
	if watch := t.blocks["watch"]; watch != nil {
		for _, a := range watch.sorted() {
			c.analyseTaskAttr(a)
			c.checkOwnNames(t, a)
		}
		c.checkWatch(t, watch)
	}
	c.checkTogether(t)
	c.runtimeDependencies(t)
}

func (c *checker) checkTaskAttr(t *taskBlock, a *attr) {
	if a.static {
		return
	}
	c.analyseTaskAttr(a)
	if t.onlyInherited(a) {
		return
	}
	c.checkOwnNames(t, a)
	if !c.canAct(t, a) {
		c.report(problem(a.nameRange, fmt.Sprintf("%q cannot act on %s task", a.name, article(t.kind.String())),
			"It acts on %s. Task %q %s.%s", kindList(a.kinds), t.name, whyKind(t.kind), extensionNote(t, a.nameRange)))
	}
	if t.kind != Group && (a.name == "command" || a.name == "entrypoint") && isTemplate(a.expr) && c.file.uses(a.refs, refArgs) {
		c.report(problem(a.expr.Range(), fmt.Sprintf("args inside the text of %s", a.name),
			"The words would be split anew at their spaces. Write a list: %s = [\"…\", args].", a.name))
	}
}

// canAct says whether an attribute means something for a task. Where a name is misspelt, the task's kind is not sure,
// and service and image together are reported as such.
func (c *checker) canAct(t *taskBlock, a *attr) bool {
	return slices.Contains(a.kinds, t.kind) || a.name == "image" && t.kind == Service || t.kind != Service && t.misnamed
}

// analyseTaskAttr finds an attribute's references and reports those that would shape the plan with a value that only
// the run can tell.
func (c *checker) analyseTaskAttr(a *attr) {
	a.refs = c.analyse(a.expression)
	if a.runtime {
		return
	}
	for use := range c.file.reach(a.refs) {
		if !use.ref.atRunTime() {
			continue
		}
		at, through := use.ref.rng, ""
		if use.via != nil {
			at, through = use.via.rng, fmt.Sprintf(" %s uses it at %s.", use.via, place(use.ref.rng))
		}
		c.report(problem(at, fmt.Sprintf("%s is not known before the run", use.ref),
			"%s shapes the plan, so it cannot wait for a %s. Such a value may stand in command, script, env and the args of depends.%s", a.name, use.ref.kind, through))
	}
}

// whyKind says what makes a task of a kind that fewer attributes act on.
func whyKind(k Kind) string {
	switch k {
	case Host:
		return "has neither service nor image, so it runs on the host"
	case Image:
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

// checkTogether reports attributes that contradict or need each other.
func (c *checker) checkTogether(t *taskBlock) {
	c.exclude(t, "service", "image", "A one-off is either of a service or of an image.")
	c.exclude(t, "command", "script", "A script takes the command's place.")
	c.exclude(t, "ports", "service_ports", "Either the ports that are listed are published, or the service's own.")
	if shell := t.attrs["shell"]; shell != nil && t.attrs["script"] == nil && t.kind != Group && !t.misnamed {
		c.report(problem(shell.nameRange, "shell without script", "A shell is what a script is given to. Write a script, or remove shell."))
	}
	if t.kind == Group && t.attrs["depends_on"] == nil && t.attrs["finally"] == nil && len(t.all("depends")) == 0 && !t.misnamed && !t.isBase {
		c.report(notice(t.header, fmt.Sprintf("task %q does nothing", t.name),
			"It has neither service, image, command nor script, and depends on nothing."))
	}
}

func (c *checker) exclude(t *taskBlock, one, other, why string) {
	a, b := t.attrs[one], t.attrs[other]
	if a == nil || b == nil {
		return
	}
	if b.nameRange.Start.Byte < a.nameRange.Start.Byte {
		a, b = b, a
	}
	c.report(problem(b.nameRange, fmt.Sprintf("%s and %s together", a.name, b.name),
		"%s The other one is at %s; remove one of the two.", why, place(a.nameRange)))
}

// checkWatch wants paths where there are neither inputs nor a service to take them from.
func (c *checker) checkWatch(t *taskBlock, watch *node) {
	if t.kind == Service || t.kind == Group && t.isBase || watch.attrs["paths"] != nil || t.attrs["inputs"] != nil || t.misnamed || watch.misnamed {
		return
	}
	c.report(problem(watch.header, "watch without paths",
		"Without a service there are no bind mounts and build contexts to watch. Write paths = [\"…\"], or give the task inputs."))
}

// use is a reference that an expression makes: itself, or through the local that via names.
type use struct {
	ref reference
	via *reference
}

// at is the place in the expression itself.
func (u use) at() hcl.Range {
	if u.via != nil {
		return u.via.rng
	}
	return u.ref.rng
}

// reach yields what references refer to, themselves and through locals and functions, each of those once. It survives
// cycles.
func (f *File) reach(refs []reference) func(yield func(use) bool) {
	return func(yield func(use) bool) {
		seen := map[*expression]bool{}
		var walk func(refs []reference, via *reference) bool
		walk = func(refs []reference, via *reference) bool {
			for _, ref := range refs {
				if !yield(use{ref: ref, via: via}) {
					return false
				}
				inner := ref.expression()
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

// uses says whether references reach a kind, through locals too.
func (f *File) uses(refs []reference, kind refKind) bool {
	for use := range f.reach(refs) {
		if use.ref.kind == kind {
			return true
		}
	}
	return false
}

// checkInner checks the expressions of a block inside a task.
func (c *checker) checkInner(t *taskBlock, n *node) {
	for _, a := range n.sorted() {
		if !a.static {
			c.analyseTaskAttr(a)
			c.checkOwnNames(t, a)
		}
	}
	if n.typ.name == "precondition" {
		c.checkCondition(n)
	}
}

// expressions yields every evaluated expression of a task, those of its blocks too.
func (t *taskBlock) expressions(yield func(*attr) bool) {
	all := t.sorted()
	for _, name := range slices.Sorted(maps.Keys(t.blocks)) {
		all = append(all, t.blocks[name].sorted()...)
	}
	for _, n := range t.repeated {
		all = append(all, n.sorted()...)
	}
	for _, a := range all {
		if !a.static && !yield(a) {
			return
		}
	}
}

// declaredDependencies are those of the block, each task once, whichever of its runs is meant.
func (t *taskBlock) declaredDependencies() []Dependency {
	deps := t.dependencies()
	for i := range deps {
		deps[i].Task = blockName(deps[i].Task)
	}
	return once(deps)
}

// dependencies are all that a task's block asks for.
func (t *taskBlock) dependencies() []Dependency {
	deps := slices.Clone(t.dependsOn)
	for _, d := range t.dependsWith {
		deps = append(deps, d.Dependency)
	}
	return deps
}
