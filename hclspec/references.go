package hclspec

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"tasks/hclspec/internal/diag"
	"tasks/hclspec/internal/funcs"
	"tasks/internal/suggest"
)

// refKind says what a name in an expression stands for. It is the first word of the reference.
type refKind string

const (
	refVar      refKind = "var"
	refLocal    refKind = "local"
	refTask     refKind = "task"
	refArgs     refKind = "args"
	refSelf     refKind = "self"
	refPath     refKind = "path"
	refPlatform refKind = "platform"
	refProject  refKind = "project"
	// refFunction is the call of a function of one's own. It is no first word of a name.
	refFunction refKind = "function"
	refArg      refKind = "arg"
	refFlag     refKind = "flag"
	refMatrix   refKind = "matrix"
	// refResult is how the run has ended that a run follows.
	refResult refKind = "result"
	// refService is an attribute of a compose service, and in depends_on the service itself.
	refService refKind = "service"
)

// reference is one use of a name, such as var.x or task.x.stdout.
type reference struct {
	kind refKind
	// name is the second step: x. attr is the third one, for tasks: stdout.
	name, attr string
	// port is the one that service.db.port["5432"] means: "5432/tcp".
	port string
	rng  hcl.Range
	// mod is the module in which the name is looked up.
	mod *module
}

// task is the full name of the task that a reference to one means.
func (r reference) taskName() string { return r.mod.prefix + declaredName(r.name) }

// runName is the full name of the run that a reference means: task test, or its combination test@db=16.
func (r reference) runName() string { return r.mod.prefix + r.name }

func (r reference) local() *local { return r.mod.localByName[r.name] }

// expression is what stands behind the name of a local or a function, and nil for all others.
func (r reference) definition() *expression {
	switch r.kind {
	case refLocal:
		return &r.local().expression
	case refFunction:
		return r.mod.functionByName[r.name].result
	}
	return nil
}

// String writes the reference as its author would.
func (r reference) String() string {
	if r.kind == refFunction {
		return r.name + "()"
	}
	s := string(r.kind)
	if r.name != "" {
		s = memberAccess(s, r.name)
	}
	if r.port != "" {
		return r.hostPort().String()
	}
	if r.attr != "" {
		s += "." + r.attr
	}
	return s
}

// memberAccess writes the access to a name in an object, with an index where a dot would not do.
func memberAccess(object, name string) string {
	if hclsyntax.ValidIdentifier(name) {
		return object + "." + name
	}
	return fmt.Sprintf("%s[%q]", object, name)
}

// fixedMembers are the roots whose members are known in advance.
func fixedMembers(kind refKind) []string {
	switch kind {
	case refSelf, refProject:
		return []string{"name"}
	case refPath:
		return []string{"root", "module", "cwd"}
	case refPlatform:
		return []string{"os", "arch"}
	case refResult:
		return []string{"exit_code", "reason"}
	}
	return nil
}

// taskResultNames are what is known of a task once it has run: task.x.stdout.
func taskResultNames() []string { return []string{"stdout", "exit_code"} }

// referenceRoots are all first words that have a meaning in an expression.
func referenceRoots() []string {
	return []string{"var", "local", "task", "args", "arg", "flag", "matrix", "self", "path", "platform", "project", "service", "result"}
}

// analyse finds what an expression refers to and reports the names that do not exist.
func (c *checker) analyse(e expression) []reference {
	c.mod, c.loopVariables = e.mod, loopNames(e.expr)
	var refs []reference
	for _, traversal := range e.expr.Variables() {
		if slices.Contains(c.functionParams, traversal.RootName()) {
			continue
		}
		ref, d := c.resolveReference(traversal)
		if d != nil {
			c.report(d)
			continue
		}
		refs = append(refs, ref)
	}
	return append(refs, c.checkCalls(e.expr)...)
}

// loopNames are the variables of the `for` expressions in an expression, for suggestions.
func loopNames(expr hclsyntax.Expression) []string {
	var names []string
	_ = hclsyntax.VisitAll(expr, func(n hclsyntax.Node) hcl.Diagnostics {
		if loop, ok := n.(*hclsyntax.ForExpr); ok {
			names = append(names, loop.KeyVar, loop.ValVar)
		}
		return nil
	})
	return slices.DeleteFunc(names, func(name string) bool { return name == "" })
}

// resolve makes a reference of a traversal, or says what is wrong with it.
func (c *checker) resolveReference(t hcl.Traversal) (reference, *hcl.Diagnostic) {
	kind := refKind(t.RootName())
	ref := reference{kind: kind, rng: traversalRange(t, 2), mod: c.mod}
	switch kind {
	case refArgs:
		ref.rng = traversalRange(t, 1)
		return ref, nil
	case refService:
		return c.resolveService(ref, t)
	case refVar, refLocal, refTask, refSelf, refPath, refPlatform, refProject, refArg, refFlag, refMatrix, refResult:
	default:
		return ref, c.unknownRootError(t)
	}
	name, ok := stepName(t, 1)
	if !ok {
		return ref, c.missingStepError(kind, t)
	}
	ref.name = name
	if !c.hasMember(kind, name) {
		return ref, c.unknownMemberError(kind, name, t)
	}
	if kind == refTask {
		return c.resolveTask(ref, t)
	}
	return ref, nil
}

// resolveTask reads the third step of task.x.stdout.
func (c *checker) resolveTask(ref reference, t hcl.Traversal) (reference, *hcl.Diagnostic) {
	ref.rng = traversalRange(t, 3)
	results := taskResultNames()
	attr, ok := stepName(t, 2)
	if !ok {
		return ref, diag.ErrorAt(ref.rng, "a task is not a value",
			"Of a task, %s.stdout and %s.exit_code are known once it has run. To run it first, name it in depends_on.", ref, ref)
	}
	if !slices.Contains(results, attr) {
		return ref, diag.ErrorAt(ref.rng, fmt.Sprintf("unknown value %q of a task", attr),
			"Of a task, stdout and exit_code are known once it has run.%s", diag.DidYouMean(attr, results))
	}
	task := c.file.taskByName[ref.taskName()]
	if task.attrs["matrix"] != nil && combinationOf(ref.name) == "" {
		return ref, diag.ErrorAt(ref.rng, fmt.Sprintf("task %q runs several times", ref.name),
			"It has a matrix, so that there is no single %s. Name one run, by all keys: task[\"%s@key=value\"].%s.", attr, ref.name, attr)
	}
	if d := c.checkCombination(ref.name, ref.rng); d != nil {
		return ref, d
	}
	if t := task; t.kind == GroupTask && !t.hasUnknownNames {
		return ref, diag.ErrorAt(ref.rng, fmt.Sprintf("task %q runs nothing", ref.name),
			"It only names its dependencies, so it has no %s. Name one of the tasks that it groups.", attr)
	}
	ref.attr = attr
	return ref, nil
}

// task looks a task up by the name that it has in the module.
func (c *checker) findTask(name string) *taskBlock {
	return c.file.taskByName[c.mod.prefix+declaredName(name)]
}

// hasMember says whether a root has a member.
func (c *checker) hasMember(kind refKind, name string) bool {
	switch kind {
	case refVar:
		return c.mod.variableByName[name] != nil
	case refLocal:
		return c.mod.localByName[name] != nil
	case refTask:
		return c.findTask(name) != nil
	case refArg, refFlag, refMatrix:
		return true // the task that the expression belongs to tells
	}
	return slices.Contains(fixedMembers(kind), name)
}

// memberNames lists the members of a root, for suggestions.
func (c *checker) memberNames(kind refKind) []string {
	var names []string
	switch kind {
	case refVar:
		for _, v := range c.mod.variables {
			names = append(names, v.name)
		}
	case refLocal:
		for _, l := range c.mod.locals {
			names = append(names, l.name)
		}
	case refTask:
		for _, t := range c.file.tasks {
			if name, ours := strings.CutPrefix(t.name, c.mod.prefix); ours {
				names = append(names, name)
			}
		}
	default:
		names = fixedMembers(kind)
	}
	return names
}

// stepName gives the name of a step that is an attribute or an index with a literal text.
func stepName(t hcl.Traversal, i int) (string, bool) {
	if i >= len(t) {
		return "", false
	}
	switch step := t[i].(type) {
	case hcl.TraverseAttr:
		return step.Name, true
	case hcl.TraverseIndex:
		if step.Key.Type() == cty.String && step.Key.IsKnown() && !step.Key.IsNull() {
			return step.Key.AsString(), true
		}
	}
	return "", false
}

func (c *checker) missingStepError(kind refKind, t hcl.Traversal) *hcl.Diagnostic {
	at := traversalRange(t, 1)
	if kind == refTask && len(t) > 1 {
		return diag.ErrorAt(traversalRange(t, 2), "the name of a task must be text", "Write it in quotes: task[\"name\"].")
	}
	if names := fixedMembers(kind); names != nil {
		return diag.ErrorAt(at, fmt.Sprintf("%s is not a value", kind), "It has members: write %s.%s.", kind, strings.Join(names, fmt.Sprintf(" or %s.", kind)))
	}
	return diag.ErrorAt(at, fmt.Sprintf("%s is not a value", kind),
		"Write the name behind it: %s.name, or %s[\"name\"] with the name written out.", kind, kind)
}

func (c *checker) unknownMemberError(kind refKind, name string, t hcl.Traversal) *hcl.Diagnostic {
	noun := map[refKind]string{refVar: "variable", refLocal: "local", refTask: "task"}[kind]
	if noun == "" {
		return diag.ErrorAt(traversalRange(t, 2), fmt.Sprintf("unknown name \"%s.%s\"", kind, name),
			"There is no %q in %s.%s", name, kind, diag.DidYouMean(name, fixedMembers(kind)))
	}
	if kind == refTask {
		name = declaredName(name)
	}
	if namespace, _, colon := strings.Cut(name, ":"); colon && c.includeBlock(namespace) != nil && c.includeBlock(namespace).includedModule == nil {
		d := diag.ErrorAt(traversalRange(t, 2), "unknown task", "It is of an include that cannot be read.")
		diag.SetKind(d, diag.FollowUp{})
		return d
	}
	detail := diag.Textf("No %s has this name.", noun)
	if dotted, ok := stepName(t, 2); ok && kind == refTask && c.findTask(name+"."+dotted) != nil {
		return diag.ErrorAt(traversalRange(t, 3), fmt.Sprintf("unknown task %q", name), "%s A name with a dot goes into brackets: task[%q].", detail, name+"."+dotted)
	}
	if other := c.file.taskByAlias[c.mod.prefix+name]; kind == refTask && other != nil {
		return diag.ErrorAt(traversalRange(t, 2), fmt.Sprintf("%q is an alias", name), "It is for the command line only. Write %s.", memberAccess("task", other.label))
	}
	if hint := suggestTask(name, c.memberNames(kind)); !hint.IsEmpty() {
		return diag.ErrorAt(traversalRange(t, 2), fmt.Sprintf("unknown %s %q", noun, name), "%s%s", detail, hint)
	}
	return diag.ErrorAt(traversalRange(t, 2), fmt.Sprintf("unknown %s %q", noun, name), "%s %s", detail, c.declareHint(kind, name))
}

// declareHint says how a missing name is made.
func (c *checker) declareHint(kind refKind, name string) diag.Text {
	if kind == refLocal {
		return diag.Textf("Define it: `locals { %s = … }`.", name)
	}
	if namespace, task, colon := strings.Cut(name, ":"); colon {
		return c.includeHint(namespace, task)
	}
	if kind == refTask && c.includeBlock(name) != nil {
		return diag.Textf("It is an include: its tasks are written as in task[\"%s:build\"].", name)
	}
	return diag.Textf("Define it: `%s %q { … }`.", map[refKind]string{refVar: "variable", refTask: "task"}[kind], name)
}

func (c *checker) unknownRootError(t hcl.Traversal) *hcl.Diagnostic {
	name := t.RootName()
	return diag.ErrorAt(traversalRange(t, 1), fmt.Sprintf("unknown name %q", name), "%s", c.rootHint(name))
}

// rootHint says how a value with a wrong first word is written.
func (c *checker) rootHint(name string) diag.Text {
	switch {
	case c.mod.variableByName[name] != nil:
		return diag.Suggest("Did you mean %q?", "var."+name)
	case c.mod.localByName[name] != nil:
		return diag.Suggest("Did you mean %q?", "local."+name)
	case slices.Contains(funcs.Names(), name) || c.mod.functionByName[name] != nil:
		return diag.Textf("%s is a function: call it with parentheses.", name)
	case name == strings.ToUpper(name):
		return diag.Textf("A variable of the environment is read with env(%q).", name)
	}
	if near := suggest.Nearest(name, slices.Concat(referenceRoots(), c.functionParams, c.loopVariables)); near != "" {
		return diag.Suggest("Did you mean %q?", near)
	}
	first, last := referenceRoots()[:len(referenceRoots())-1], referenceRoots()[len(referenceRoots())-1]
	return diag.Textf("A value starts with %s or %s; text stands in quotes.", strings.Join(first, ", "), last)
}

// checkCalls reports unknown functions and wrong numbers of arguments, and gives the calls of functions of one's own.
func (c *checker) checkCalls(expr hclsyntax.Expression) []reference {
	var calls []reference
	// The callback gives no diagnostics of its own.
	_ = hclsyntax.VisitAll(expr, func(n hclsyntax.Node) hcl.Diagnostics {
		if call, ok := n.(*hclsyntax.FunctionCallExpr); ok {
			c.checkCall(call)
			if c.mod.functionByName[call.Name] != nil {
				calls = append(calls, reference{kind: refFunction, name: call.Name, rng: call.NameRange, mod: c.mod})
			}
		}
		return nil
	})
	return calls
}

func (c *checker) checkCall(call *hclsyntax.FunctionCallExpr) {
	if c.functions == nil {
		c.functions = funcs.Build(funcs.Inputs{})
	}
	f, ok := c.functions[call.Name]
	if own := c.mod.functionByName[call.Name]; own != nil {
		f, ok = own.ctyFunction(nil), true
	}
	if !ok {
		c.report(diag.ErrorAt(call.NameRange, fmt.Sprintf("unknown function %q", call.Name),
			"There is no function with this name.%s", diag.DidYouMean(call.Name, append(funcs.Names(), slices.Collect(maps.Keys(c.mod.functionByName))...))))
		return
	}
	given, required := len(call.Args), len(f.Params())
	switch {
	case call.ExpandFinal, c.mod.functionByName[call.Name] != nil && c.mod.functionByName[call.Name].hasUnknownNames:
	case given < required:
		c.report(diag.ErrorAt(call.Range(), fmt.Sprintf("too few arguments for %s()", call.Name),
			"It takes %s: %s. Given: %d.", funcs.ArgCountText(f), funcs.Signature(call.Name, f), given))
	case given > required && f.VarParam() == nil:
		c.report(diag.ErrorAt(call.Args[required].Range(), fmt.Sprintf("too many arguments for %s()", call.Name),
			"It takes %s: %s. Given: %d.", funcs.ArgCountText(f), funcs.Signature(call.Name, f), given))
	}
}
