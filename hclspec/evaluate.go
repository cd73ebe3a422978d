package hclspec

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"

	"tasks/hclspec/internal/diag"
	"tasks/hclspec/internal/secret"
	"tasks/hclspec/internal/shellwords"
	"tasks/internal/suggest"
)

// evaluation is one pass over what the wanted tasks reach. It belongs to one goroutine.
type evaluation struct {
	file  *File
	in    Inputs
	diags hcl.Diagnostics
	// variables holds the variables that were needed so far; one that has no usable value is cty.NilVal.
	variables map[*variable]cty.Value
	// secretSet are the sensitive texts that were met.
	secretSet *secret.Set
	// projects are loaded at the first need, by scope; nil is one that cannot be loaded, which is reported once.
	projects map[string]Project
	// services are those of which an attribute was needed so far, by name after the scope.
	services map[string]cty.Value
	// functions are those of each directory with files of the language, as file() is relative to it.
	functions map[string]map[string]function.Function
	// runs are those of tasks that were come upon so far; matrices the combinations of each, nil where they are wrong.
	runs     taskRuns
	matrices map[*taskBlock][]combination
	// engineNeeded are the tasks that were asked whether they lead to a container engine.
	engineNeeded map[*taskBlock]bool
	// isReadOnly says that nothing will be run.
	isReadOnly bool
	// disabledRuns are the runs that were asked whether they are disabled.
	disabledRuns map[*taskRun]bool
}

func newEvaluation(f *File, in Inputs) *evaluation {
	return &evaluation{
		file: f, in: in,
		variables:    map[*variable]cty.Value{},
		secretSet:    secret.NewSet(),
		projects:     map[string]Project{},
		services:     map[string]cty.Value{},
		functions:    map[string]map[string]function.Function{},
		runs:         taskRuns{byIdentity: map[string]*taskRun{}, policyByName: map[string]effectivePolicy{}, argsCache: map[string]*taskRun{}},
		matrices:     map[*taskBlock][]combination{},
		engineNeeded: map[*taskBlock]bool{},
		disabledRuns: map[*taskRun]bool{},
	}
}

func (e *evaluation) report(d *hcl.Diagnostic) {
	e.diags = append(e.diags, d)
}

// finalDiagnostics gives the diagnostics in order.
func (e *evaluation) finalDiagnostics() hcl.Diagnostics {
	return e.secretSet.Secrets().Diagnostics(diag.Sort(e.diags, e.file.sourceOrder))
}

// Evaluate gives the targets and all they depend on as plain values. Nothing else of the file is evaluated. With errors
// among the diagnostics, those of Parse included, the Spec is nil.
func (f *File) Evaluate(in Inputs, targets []Target) (*Spec, hcl.Diagnostics) {
	if f.diags.HasErrors() {
		return nil, f.evaluateUnaffected(in, targets)
	}
	return f.evaluate(in, targets)
}

func (f *File) evaluate(in Inputs, targets []Target) (*Spec, hcl.Diagnostics) {
	e := newEvaluation(f, in)
	e.checkGivenVariables()
	sequence := e.targetRuns(targets)
	if e.diags.HasErrors() {
		return nil, e.finalDiagnostics()
	}
	spec := &Spec{Targets: slices.Concat(sequence...), Sequence: sequence, Tasks: map[string]*Task{}, Jobs: f.root.jobs, OutputStyle: f.root.outputStyle}
	captured := map[string][]reference{}
	for i := 0; i < len(e.runs.queue); i++ { // the queue grows by what each depends on
		run := e.runs.queue[i]
		spec.Tasks[run.name] = e.evaluateTask(run)
		for _, ref := range e.stdoutReferences(run, spec.Tasks[run.name]) {
			name := e.runsOf(invocation{block: f.taskByName[ref.taskName()], combination: combinationOf(ref.name), caller: run, sourceRange: ref.rng})
			if len(name) > 0 {
				captured[name[0].name] = append(captured[name[0].name], ref)
			}
		}
	}
	e.checkContainerNames(spec)
	e.markCaptured(spec, captured)
	spec.Readiness = e.evaluateReadiness(spec.Tasks)
	diags := e.finalDiagnostics()
	if diags.HasErrors() {
		return nil, diags
	}
	spec.Secrets = e.secretSet.Secrets()
	return spec, diags
}

// checkContainerNames reports runs of one task that would have one container's name.
func (e *evaluation) checkContainerNames(spec *Spec) {
	first := map[[2]string]*Task{}
	for _, run := range e.runs.queue {
		t := spec.Tasks[run.name]
		key := [2]string{t.DeclaredName, t.ContainerName}
		if other := first[key]; other != nil && t.ContainerName != "" && t.PrivateProjectRun == "" {
			e.reportAtRange(t.Ranges["container_name"], fmt.Sprintf("two containers called %q", t.ContainerName),
				"%s and %s would both have this name, and two runs cannot have it at once. Leave it out, or make it of matrix values or arguments.", other.Name, t.Name)
			return
		}
		first[key] = t
	}
}

// stdoutReferences lists the uses of other tasks' stdout. A task that is skipped uses none.
func (e *evaluation) stdoutReferences(run *taskRun, task *Task) []reference {
	var refs []reference
	if task.DisabledReason != "" {
		return nil
	}
	uses := func(a *decodedAttribute) {
		for use := range e.file.reachableReferences(a.refs) {
			if use.ref.kind == refTask && use.ref.attr == "stdout" {
				refs = append(refs, use.ref)
			}
		}
	}
	for a := range run.block.expressions {
		uses(a)
	}
	return refs
}

// markCaptured marks the tasks whose stdout is used.
func (e *evaluation) markCaptured(spec *Spec, uses map[string][]reference) {
	for name, refs := range uses {
		task := spec.Tasks[name]
		task.IsCaptured = true
		for _, ref := range refs {
			switch {
			case task.Detach:
				e.report(diag.ErrorAt(ref.rng, fmt.Sprintf("%s cannot be captured", ref),
					"Task %q has detach = true (%s): nobody stays to hear it. Take detach away.", name, diag.Place(task.Range("detach"))))
			case task.TTY == TTYAlways:
				e.report(diag.ErrorAt(ref.rng, fmt.Sprintf("%s cannot be captured", ref),
					"Task %q has tty = true (%s), and what goes through a terminal is not kept. Take the tty away.", name, diag.Place(task.Range("tty"))))
			}
		}
	}
}

// targetRuns reports tasks that do not exist, and gives the names of the runs that each target means.
func (e *evaluation) targetRuns(targets []Target) [][]string {
	var sequence [][]string
	seen := map[*taskRun]bool{}
	for _, target := range targets {
		t := e.file.findTask(declaredName(target.Name))
		if t == nil {
			e.report(e.unknownTargetError(declaredName(target.Name)))
			continue
		}
		r, mistake := newCommandLine(e.in, target.Args, e.in.withProjectEnv(t.mod.composeScope(), target.Options))
		if mistake != nil {
			e.report(mistake)
		}
		e.checkOptions(t, &target.Options)
		if target.SkipDependencies && t.kind == GroupTask {
			e.report(diag.Error(fmt.Sprintf("--only cannot act on group task %q", t.name), "It leaves out the tasks in depends_on, and there is nothing else. Name the tasks that are to run."))
		}
		c := invocation{block: t, combination: combinationOf(target.Name), commandLine: r, isTarget: true, skipDependencies: target.SkipDependencies, isIsolated: target.IsIsolated}
		e.isReadOnly = e.isReadOnly || target.HasUnknownArgs
		if target.HasUnknownArgs && t.hasDeclaredParams() {
			c.deferredArgs = &deferredArgs{}
		}
		var names []string
		for _, run := range e.runsOf(c) {
			if seen[run] {
				e.report(diag.Error(fmt.Sprintf("task %q is asked for twice", target.Name), "One run does a task once with the same words. Name it once, or run `tasks` twice."))
				continue
			}
			seen[run] = true
			names = append(names, run.name)
		}
		sequence = append(sequence, names)
	}
	return sequence
}

// unknownTargetError answers the name of a task that is none: with a service that has it, else with the nearest task, else with
// the nearest service.
func (e *evaluation) unknownTargetError(name string) *hcl.Diagnostic {
	var services []string
	if e.in.Project != nil {
		if project, err := e.in.Project(); err == nil {
			services = project.ServiceNames()
		}
	}
	summary := fmt.Sprintf("unknown task %q", name)
	if slices.Contains(services, name) {
		return diag.Error(summary, "%q is a service of the compose file: %s", name, diag.Suggest("did you mean `%s`?", "tasks once "+name))
	}
	names := e.taskNames()
	detail := "No task is declared."
	if len(names) > 0 {
		detail = "`tasks list` shows what there is."
	}
	hint := suggestTask(name, names)
	if near := suggest.Nearest(name, services); hint.IsEmpty() && near != "" {
		hint = diag.Textf(" %q is a service of the compose file: %s", near, diag.Suggest("did you mean `%s`?", "tasks once "+near))
	}
	return diag.Error(summary, "%s%s", detail, hint)
}

func (e *evaluation) taskNames() []string {
	return slices.Collect(maps.Keys(e.file.taskByName))
}

// takesArgs says whether the words after a task's name reach something.
func (f *File) takesArgs(t *taskBlock) bool {
	if t.attrs["script"] != nil {
		return true
	}
	if t.attrs["command"] == nil && (t.kind == ServiceTask || t.kind == ImageTask) {
		return true
	}
	for a := range t.expressions {
		if f.reachesKind(a.refs, refArgs) {
			return true
		}
	}
	return false
}

func (e *evaluation) unexpectedArgsError(t *taskBlock, args []string) *hcl.Diagnostic {
	summary := fmt.Sprintf("task %q takes no words", t.name)
	if e.file.findTask(args[0]) != nil {
		return diag.Error(summary, "%s", suggestSequence(t, args))
	}
	if t.kind == GroupTask {
		return diag.Error(summary, "Nothing takes %s: the task runs nothing itself, it only names its dependencies.", shellwords.Quote(args))
	}
	detail := "Nothing takes %s. Add `args` to the command, as in command = [\"…\", args]."
	if strings.HasPrefix(args[0], "-") {
		detail += " Flags of `tasks` itself stand before the task's name."
	}
	return diag.ErrorAt(t.Range("command"), summary, detail, shellwords.Quote(args))
}

// Range is the place of an attribute's value, or of the header.
func (t *taskBlock) Range(attr string) hcl.Range {
	if a := t.attrs[attr]; a != nil {
		return a.expr.Range()
	}
	return t.headerRange
}

// loadProject gives the compose project of a scope. It is not ok, and reported once, when it cannot be loaded.
func (e *evaluation) loadProject(scope string, at hcl.Range) (Project, bool) {
	if project, known := e.projects[scope]; known {
		return project, project != nil
	}
	load := e.in.Project
	if scope != "" {
		load = func() (Project, error) { return e.in.IncludedProject(scope) }
	}
	project, err := load()
	if err != nil {
		d := diag.ErrorAt(at, "the compose project cannot be loaded", "%s", err)
		diag.SetKind(d, ProjectError{Err: err})
		e.report(d)
		e.projects[scope] = nil
		return nil, false
	}
	e.projects[scope] = project
	return project, true
}

// checkServiceExists reports a service that the project of a scope lacks.
func (e *evaluation) checkServiceExists(scope, name string, at hcl.Range) {
	project, ok := e.loadProject(scope, at)
	if !ok || slices.Contains(project.ServiceNames(), name) {
		return
	}
	d := UnknownServiceError(project, name)
	d.Subject = &at
	e.report(d)
}

// UnknownServiceError answers the name of a service that the project does not have.
func UnknownServiceError(project Project, name string) *hcl.Diagnostic {
	hint := diag.DidYouMean(name, project.ServiceNames())
	if hint.IsEmpty() {
		hint = diag.Textf(" It has %s.", diag.EnumerateNames(project.ServiceNames()))
	}
	if len(project.ServiceNames()) == 0 {
		hint = diag.Textf(" It has no service at all: is there a compose file beside Tasks.hcl? The compose block, or --compose-file, can name another place.")
	}
	return diag.Error(fmt.Sprintf("unknown service %q", name), "Project %q has no service of this name.%s", project.Name(), hint)
}
