package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"tasks/hclspec/internal/diag"
	"tasks/hclspec/internal/funcs"
	"tasks/internal/suggest"
)

// RefKind is the kind of a name in an expression: the first word of the reference.
type RefKind string

const (
	RefVar      RefKind = "var"
	RefLocal    RefKind = "local"
	RefTask     RefKind = "task"
	RefArgs     RefKind = "args"
	RefSelf     RefKind = "self"
	RefPath     RefKind = "path"
	RefPlatform RefKind = "platform"
	RefProject  RefKind = "project"
	// RefCompose is a variable of compose files: compose.env.NAME. Attr is the name.
	RefCompose RefKind = "compose"
	// RefFunction is the call of a user function. No reference begins with this word.
	RefFunction RefKind = "function"
	RefArg      RefKind = "arg"
	RefFlag     RefKind = "flag"
	RefMatrix   RefKind = "matrix"
	// RefShard is the shard of the run: shard.index.
	RefShard RefKind = "shard"
	// RefResult is the end of the run before a finally run.
	RefResult RefKind = "result"
	// RefJob is a job of the compose file. The reference becomes a reference to the task of the job.
	RefJob RefKind = "job"
	// RefService is an attribute of a compose service. In depends_on, RefService is the service.
	RefService RefKind = "service"
)

// Reference is a use of a name, such as var.x or task.x.stdout.
type Reference struct {
	Kind RefKind
	// Name is the second step: x. Attr is the third step, for tasks: stdout.
	Name, Attr string
	// Port is the container port of service.db.port["5432"]: "5432/tcp".
	Port  string
	Range hcl.Range
	// Module is the module for the lookup of the name.
	Module *Module
	// isJob reports whether the reference is written as job.x.
	isJob bool
}

// TaskName returns the full name of the task in a reference.
func (r Reference) TaskName() string { return r.Module.Prefix + DeclaredName(r.Name) }

// RunName returns the full name of the run in a reference: a task, or a matrix cell such as test@db=16.
func (r Reference) RunName() string { return r.Module.Prefix + r.Name }

func (r Reference) Local() *Local { return r.Module.localByName[r.Name] }

// definition returns the expression of a local or a function, and nil for other kinds.
func (r Reference) definition() *Expression {
	switch r.Kind {
	case RefLocal:
		return &r.Local().Expression
	case RefFunction:
		return r.Module.FunctionByName[r.Name].Result
	}
	return nil
}

// String writes the reference in the syntax of the language.
func (r Reference) String() string {
	if r.Kind == RefFunction {
		return r.Name + "()"
	}
	if job := r.Job(); job != "" {
		r.Kind, r.Name = RefJob, job
	}
	s := string(r.Kind)
	if r.Name != "" {
		s = MemberAccess(s, r.Name)
	}
	if r.Port != "" {
		return r.HostPort().String()
	}
	if r.Attr != "" {
		s += "." + r.Attr
	}
	return s
}

// analyse returns the references of an expression and reports unknown names.
func (r *resolver) analyse(e Expression) []Reference {
	r.module, r.loopVariables = e.Module, loopNames(e.Expr)
	var refs []Reference
	for _, traversal := range e.Expr.Variables() {
		if slices.Contains(r.functionParams, traversal.RootName()) {
			continue
		}
		ref, d := r.resolveReference(traversal)
		if d != nil {
			r.report(d)
			continue
		}
		refs = append(refs, ref)
	}
	return append(refs, r.checkCalls(e.Expr)...)
}

// loopNames returns the variables of `for` expressions, for suggestions.
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

// resolveReference makes a reference from a traversal, or a diagnostic.
func (r *resolver) resolveReference(t hcl.Traversal) (Reference, *hcl.Diagnostic) {
	kind := RefKind(t.RootName())
	ref := Reference{Kind: kind, Range: traversalRange(t, 2), Module: r.module}
	switch kind {
	case RefArgs:
		ref.Range = traversalRange(t, 1)
		return ref, nil
	case RefService:
		return r.resolveService(ref, t)
	case RefJob:
		return r.resolveJob(ref, t)
	case RefVar, RefLocal, RefTask, RefSelf, RefPath, RefPlatform, RefProject, RefCompose, RefArg, RefFlag, RefMatrix,
		RefShard, RefResult:
	default:
		return ref, r.unknownRootError(t)
	}
	name, ok := StepName(t, 1)
	if !ok {
		return ref, r.missingStepError(kind, t)
	}
	ref.Name = name
	if !r.hasMember(kind, name) {
		return ref, r.unknownMemberError(kind, name, t)
	}
	switch kind {
	case RefTask:
		return r.resolveTask(ref, t)
	case RefCompose:
		return resolveComposeVariable(ref, t)
	}
	return ref, nil
}

// resolveComposeVariable reads the third step of compose.env.NAME.
func resolveComposeVariable(ref Reference, t hcl.Traversal) (Reference, *hcl.Diagnostic) {
	name, ok := StepName(t, 2)
	if !ok {
		return ref, diag.ErrorAt(ref.Range, "compose.env is not a value",
			"Write the name of a variable behind it: compose.env.NAME, or compose.env[\"NAME\"] with the name written out.")
	}
	ref.Range, ref.Attr = traversalRange(t, 3), name
	return ref, nil
}

// resolveTask reads the third step of task.x.stdout.
func (r *resolver) resolveTask(ref Reference, t hcl.Traversal) (Reference, *hcl.Diagnostic) {
	ref.Range = traversalRange(t, 3)
	results := TaskResultNames()
	attr, ok := StepName(t, 2)
	if !ok {
		return ref, diag.ErrorAt(ref.Range, "a task is not a value",
			"Of a task, %s.stdout and %s.exit_code are known once it has run. To run it first, name it in depends_on.", ref, ref)
	}
	if !slices.Contains(results, attr) {
		return ref, diag.ErrorAt(ref.Range, fmt.Sprintf("unknown value %q of a task", attr),
			"Of a task, stdout and exit_code are known once it has run.%s", diag.DidYouMean(attr, results))
	}
	task := r.file.TaskByName[ref.TaskName()]
	if a := task.Attrs["shards"]; a != nil {
		ref.Attr = attr
		return ref, ShardedResultError(ref, diag.Textf(" (%s)", diag.Place(a.NameRange)))
	}
	if task.Attrs["matrix"] != nil && CombinationOf(ref.Name) == "" {
		return ref, diag.ErrorAt(ref.Range, fmt.Sprintf("task %q runs several times", ref.Name),
			"It has a matrix, so that there is no single %s. Name one run, by all keys: task[\"%s@key=value\"].%s.", attr,
			ref.Name, attr)
	}
	if d := r.checkCombination(ref.Name, ref.Range); d != nil {
		return ref, d
	}
	if t := task; t.Kind == GroupTask && !t.hasUnknownNames {
		return ref, diag.ErrorAt(ref.Range, fmt.Sprintf("task %q runs nothing", ref.Name),
			"It only names its dependencies, so it has no %s. Name one of the tasks that it groups.", attr)
	}
	ref.Attr = attr
	return ref, nil
}

// findTask returns the task with a name in the current module, or nil.
func (r *resolver) findTask(name string) *Task {
	return r.file.TaskByName[r.module.Prefix+DeclaredName(name)]
}

// hasMember reports whether a root has a member.
func (r *resolver) hasMember(kind RefKind, name string) bool {
	switch kind {
	case RefVar:
		return r.module.VariableByName[name] != nil
	case RefLocal:
		return r.module.localByName[name] != nil
	case RefTask:
		return r.findTask(name) != nil
	case RefArg, RefFlag, RefMatrix:
		return true // the task that the expression belongs to tells
	}
	return slices.Contains(FixedMembers(kind), name)
}

// memberNames returns the members of a root, for suggestions.
func (r *resolver) memberNames(kind RefKind) []string {
	var names []string
	switch kind {
	case RefVar:
		for _, v := range r.module.Variables {
			names = append(names, v.Name)
		}
	case RefLocal:
		for _, l := range r.module.locals {
			names = append(names, l.Name)
		}
	case RefTask:
		for _, t := range r.file.Tasks {
			if name, ours := strings.CutPrefix(t.Name, r.module.Prefix); ours && t.Job == "" {
				names = append(names, name)
			}
		}
	default:
		names = FixedMembers(kind)
	}
	return names
}

// StepName returns the name of a step: an attribute, or an index with a literal text.
func StepName(t hcl.Traversal, i int) (string, bool) {
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

func (r *resolver) missingStepError(kind RefKind, t hcl.Traversal) *hcl.Diagnostic {
	at := traversalRange(t, 1)
	if kind == RefTask && len(t) > 1 {
		return diag.ErrorAt(traversalRange(t, 2), "the name of a task must be text", "Write it in quotes: task[\"name\"].")
	}
	if names := FixedMembers(kind); names != nil {
		return diag.ErrorAt(at, fmt.Sprintf("%s is not a value", kind), "It has members: write %s.%s.", kind,
			strings.Join(names, fmt.Sprintf(" or %s.", kind)))
	}
	return diag.ErrorAt(at, fmt.Sprintf("%s is not a value", kind),
		"Write the name behind it: %s.name, or %s[\"name\"] with the name written out.", kind, kind)
}

func (r *resolver) unknownMemberError(kind RefKind, name string, t hcl.Traversal) *hcl.Diagnostic {
	noun := map[RefKind]string{RefVar: "variable", RefLocal: "local", RefTask: "task"}[kind]
	if noun == "" {
		return diag.ErrorAt(traversalRange(t, 2), fmt.Sprintf("unknown name \"%s.%s\"", kind, name),
			"There is no %q in %s.%s", name, kind, diag.DidYouMean(name, FixedMembers(kind)))
	}
	if kind == RefTask {
		name = DeclaredName(name)
	}
	if namespace, _, colon := strings.Cut(name, ":"); colon && r.includeBlock(namespace) != nil &&
		r.includeBlock(namespace).includedModule == nil {
		d := diag.ErrorAt(traversalRange(t, 2), "unknown task", "It is of an include that cannot be read.")
		diag.SetKind(d, diag.FollowUp{})
		return d
	}
	detail := diag.Textf("No %s has this name.", noun)
	if dotted, ok := StepName(t, 2); ok && kind == RefTask && r.findTask(name+"."+dotted) != nil {
		return diag.ErrorAt(traversalRange(t, 3), fmt.Sprintf("unknown task %q", name),
			"%s A name with a dot goes into brackets: task[%q].", detail, name+"."+dotted)
	}
	if other := r.file.taskByAlias[r.module.Prefix+name]; kind == RefTask && other != nil {
		return diag.ErrorAt(traversalRange(t, 2), fmt.Sprintf("%q is an alias", name),
			"It is for the command line only. Write %s.", MemberAccess("task", other.Label))
	}
	if hint := SuggestTask(name, r.memberNames(kind)); !hint.IsEmpty() {
		return diag.ErrorAt(traversalRange(t, 2), fmt.Sprintf("unknown %s %q", noun, name), "%s%s", detail, hint)
	}
	return diag.ErrorAt(traversalRange(t, 2), fmt.Sprintf("unknown %s %q", noun, name), "%s %s", detail,
		r.declareHint(kind, name))
}

// declareHint says how to declare a missing name.
func (r *resolver) declareHint(kind RefKind, name string) diag.Text {
	if kind == RefLocal {
		return diag.Textf("Define it: `locals { %s = … }`.", name)
	}
	if namespace, task, colon := strings.Cut(name, ":"); colon {
		return r.includeHint(namespace, task)
	}
	if kind == RefTask && r.includeBlock(name) != nil {
		return diag.Textf("It is an include: its tasks are written as in task[\"%s:build\"].", name)
	}
	return diag.Textf("Define it: `%s %q { … }`.", map[RefKind]string{RefVar: "variable", RefTask: "task"}[kind], name)
}

func (r *resolver) unknownRootError(t hcl.Traversal) *hcl.Diagnostic {
	name := t.RootName()
	return diag.ErrorAt(traversalRange(t, 1), fmt.Sprintf("unknown name %q", name), "%s", r.rootHint(name))
}

// rootHint explains an unknown first word.
func (r *resolver) rootHint(name string) diag.Text {
	switch {
	case r.module.VariableByName[name] != nil:
		return diag.Suggest("Did you mean %q?", "var."+name)
	case r.module.localByName[name] != nil:
		return diag.Suggest("Did you mean %q?", "local."+name)
	case slices.Contains(funcs.Names(), name) || r.module.FunctionByName[name] != nil:
		return diag.Textf("%s is a function: call it with parentheses.", name)
	case name == strings.ToUpper(name):
		return diag.Textf("A variable of the environment is read with env(%q).", name)
	}
	if near := suggest.Nearest(name, slices.Concat(ReferenceRoots(), r.functionParams, r.loopVariables)); near != "" {
		return diag.Suggest("Did you mean %q?", near)
	}
	first, last := ReferenceRoots()[:len(ReferenceRoots())-1], ReferenceRoots()[len(ReferenceRoots())-1]
	return diag.Textf("Expected one of %s or %s; put text in quotes.", strings.Join(first, ", "), last)
}

// SensitiveUses returns a function that reports whether a reference is within the argument of sensitive(…), directly or
// through a local.
func (f *File) SensitiveUses() func(ReferenceUse) bool {
	var calls []hcl.Range
	find := func(expr hclsyntax.Expression) {
		// The callback returns no diagnostics.
		_ = hclsyntax.VisitAll(expr, func(n hclsyntax.Node) hcl.Diagnostics {
			if call, ok := n.(*hclsyntax.FunctionCallExpr); ok && call.Name == "sensitive" {
				calls = append(calls, call.Range())
			}
			return nil
		})
	}
	for _, t := range f.Tasks {
		for a := range t.Expressions {
			find(a.Expr)
		}
	}
	for _, l := range f.Locals() {
		find(l.Expr)
	}
	return func(use ReferenceUse) bool {
		return slices.ContainsFunc(calls, func(call hcl.Range) bool {
			return diag.IsWithin(use.Ref.Range, call) || diag.IsWithin(use.RangeInExpression(), call)
		})
	}
}
