package hclspec

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"

	"tasks/hclspec/internal/config"
	"tasks/hclspec/internal/diag"
	"tasks/hclspec/internal/secret"
	"tasks/hclspec/internal/shellwords"
	"tasks/internal/suggest"
)

// evaluation is one pass over what the wanted tasks reach. It belongs to one goroutine.
type evaluation struct {
	file  *config.File
	in    Inputs
	diags hcl.Diagnostics
	// variables holds the variables that were needed so far; one that has no usable value is cty.NilVal.
	variables map[*config.Variable]cty.Value
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
	matrices map[*config.Task][]combination
	// engineNeeded are the tasks that were asked whether they lead to a container engine.
	engineNeeded map[*config.Task]bool
	// setters store the attributes of tasks.
	setters map[string]setter
	// isReadOnly says that nothing will be run.
	isReadOnly bool
	// disabledRuns are the runs that were asked whether they are disabled.
	disabledRuns map[*taskRun]bool
}

// Evaluate gives the targets and all they depend on as plain values. Nothing else of the file is evaluated. With errors
// among the diagnostics, those of Parse included, the Spec is nil.
func (f *File) Evaluate(in Inputs, targets []Target) (*Spec, hcl.Diagnostics) {
	if f.config.Diags.HasErrors() {
		return nil, evaluateUnaffected(f.config, in, targets)
	}
	return evaluateTargets(f.config, in, targets)
}

func newEvaluation(f *config.File, in Inputs) *evaluation {
	return &evaluation{
		file: f, in: in,
		variables:    map[*config.Variable]cty.Value{},
		secretSet:    secret.NewSet(),
		projects:     map[string]Project{},
		services:     map[string]cty.Value{},
		functions:    map[string]map[string]function.Function{},
		runs:         taskRuns{byIdentity: map[string]*taskRun{}, policyByName: map[string]effectivePolicy{}, argsCache: map[string]*taskRun{}},
		matrices:     map[*config.Task][]combination{},
		engineNeeded: map[*config.Task]bool{},
		disabledRuns: map[*taskRun]bool{},
		setters:      attributeSetters(),
	}
}

func (e *evaluation) report(d *hcl.Diagnostic) {
	e.diags = append(e.diags, d)
}

// finalDiagnostics gives the diagnostics in order.
func (e *evaluation) finalDiagnostics() hcl.Diagnostics {
	return e.secretSet.Secrets().Diagnostics(diag.Sort(e.diags, e.file.SourceOrder))
}

func evaluateTargets(f *config.File, in Inputs, targets []Target) (*Spec, hcl.Diagnostics) {
	e := newEvaluation(f, in)
	checkGivenVariables(e)
	sequence := e.targetRuns(targets)
	if e.diags.HasErrors() {
		return nil, e.finalDiagnostics()
	}
	spec := &Spec{Targets: slices.Concat(sequence...), Sequence: sequence, Tasks: map[string]*Task{}, Jobs: f.Root.Jobs, OutputStyle: f.Root.OutputStyle}
	captured := map[string][]config.Reference{}
	for i := 0; i < len(e.runs.queue); i++ { // the queue grows by what each depends on
		run := e.runs.queue[i]
		spec.Tasks[run.name] = e.evaluateTask(run)
		for _, ref := range stdoutReferences(e, run, spec.Tasks[run.name]) {
			name := e.runsOf(invocation{block: f.TaskByName[ref.TaskName()], combination: config.CombinationOf(ref.Name), caller: run, sourceRange: ref.Range})
			if len(name) > 0 {
				captured[name[0].name] = append(captured[name[0].name], ref)
			}
		}
	}
	checkContainerNames(e, spec)
	markCaptured(e, spec, captured)
	spec.Readiness = evaluateReadiness(e, spec.Tasks)
	diags := e.finalDiagnostics()
	if diags.HasErrors() {
		return nil, diags
	}
	spec.Secrets = e.secretSet.Secrets()
	return spec, diags
}

// checkContainerNames reports runs of one task that would have one container's name.
func checkContainerNames(e *evaluation, spec *Spec) {
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
func stdoutReferences(e *evaluation, run *taskRun, task *Task) []config.Reference {
	var refs []config.Reference
	if task.DisabledReason != "" {
		return nil
	}
	uses := func(a *config.Attribute) {
		for use := range e.file.ReachableReferences(a.Refs) {
			if use.Ref.Kind == config.RefTask && use.Ref.Attr == "stdout" {
				refs = append(refs, use.Ref)
			}
		}
	}
	for a := range run.block.Expressions {
		uses(a)
	}
	return refs
}

// markCaptured marks the tasks whose stdout is used.
func markCaptured(e *evaluation, spec *Spec, uses map[string][]config.Reference) {
	for name, refs := range uses {
		task := spec.Tasks[name]
		task.IsCaptured = true
		for _, ref := range refs {
			switch {
			case task.Detach:
				e.report(diag.ErrorAt(ref.Range, fmt.Sprintf("%s cannot be captured", ref),
					"Task %q has detach = true (%s): nobody stays to hear it. Take detach away.", name, diag.Place(task.Range("detach"))))
			case task.TTY == TTYAlways:
				e.report(diag.ErrorAt(ref.Range, fmt.Sprintf("%s cannot be captured", ref),
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
		t := e.file.FindTask(config.DeclaredName(target.Name))
		if t == nil {
			e.report(unknownTargetError(e, config.DeclaredName(target.Name)))
			continue
		}
		r, mistake := newCommandLine(e.in, target.Args, e.in.withProjectEnv(t.Module.ComposeScope(), target.Options))
		if mistake != nil {
			e.report(mistake)
		}
		checkOptions(e, t, &target.Options)
		if target.SkipDependencies && t.Kind == GroupTask {
			e.report(diag.Error(fmt.Sprintf("--only cannot act on group task %q", t.Name), "It leaves out the tasks in depends_on, and there is nothing else. Name the tasks that are to run."))
		}
		c := invocation{block: t, combination: config.CombinationOf(target.Name), commandLine: r, isTarget: true, skipDependencies: target.SkipDependencies, isIsolated: target.IsIsolated}
		e.isReadOnly = e.isReadOnly || target.HasUnknownArgs
		if target.HasUnknownArgs && t.HasDeclaredParams() {
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
func unknownTargetError(e *evaluation, name string) *hcl.Diagnostic {
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
	names := taskNames(e)
	detail := "No task is declared."
	if len(names) > 0 {
		detail = "`tasks list` shows what there is."
	}
	hint := config.SuggestTask(name, names)
	if near := suggest.Nearest(name, services); hint.IsEmpty() && near != "" {
		hint = diag.Textf(" %q is a service of the compose file: %s", near, diag.Suggest("did you mean `%s`?", "tasks once "+near))
	}
	return diag.Error(summary, "%s%s", detail, hint)
}

func taskNames(e *evaluation) []string {
	return slices.Collect(maps.Keys(e.file.TaskByName))
}

func unexpectedArgsError(e *evaluation, t *config.Task, args []string) *hcl.Diagnostic {
	summary := fmt.Sprintf("task %q takes no words", t.Name)
	if e.file.FindTask(args[0]) != nil {
		return diag.Error(summary, "%s", suggestSequence(t, args))
	}
	if t.Kind == GroupTask {
		return diag.Error(summary, "Nothing takes %s: the task runs nothing itself, it only names its dependencies.", shellwords.Quote(args))
	}
	detail := "Nothing takes %s. Add `args` to the command, as in command = [\"…\", args]."
	if strings.HasPrefix(args[0], "-") {
		detail += " Flags of `tasks` itself stand before the task's name."
	}
	return diag.ErrorAt(t.Range("command"), summary, detail, shellwords.Quote(args))
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
