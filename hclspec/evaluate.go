package hclspec

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"

	"tasks/hclspec/internal/config"
	"tasks/hclspec/internal/diag"
	"tasks/hclspec/internal/secret"
	"tasks/hclspec/internal/shards"
	"tasks/hclspec/internal/shellwords"
)

// evaluation evaluates the targets and all their dependencies once. An evaluation belongs to a single goroutine.
type evaluation struct {
	file  *config.File
	in    Inputs
	diags hcl.Diagnostics
	// variables holds the evaluated variables. A variable without a usable value is cty.NilVal.
	variables map[*config.Variable]cty.Value
	// secretSet collects the sensitive texts.
	secretSet *secret.Set
	projects  *projectCache
	// functions are the functions by directory of the file, because file() is relative to the directory.
	functions map[string]map[string]function.Function
	// runs are the known runs of tasks. matrices are the cells of each matrix, nil for a wrong matrix.
	runs     taskRuns
	matrices map[*config.Task][]combination
	// shardRequests are the shards for tasks on the command line. timings are the times of shard_timings, by directory
	// and globs.
	shardRequests map[*config.Task]Shard
	timings       map[string]*shards.Timings
	// engineNeeded caches whether a task needs a container engine.
	engineNeeded map[*config.Task]bool
	// setters store the attributes of tasks.
	setters map[string]setter
	// invocations are the invocations of the targets.
	invocations []targetInvocation
	// isReadOnly says that nothing will be run.
	isReadOnly bool
	// disabledRuns caches whether a run is disabled.
	disabledRuns map[*taskRun]bool
}

func newEvaluation(f *config.File, in Inputs) *evaluation {
	e := &evaluation{
		file: f, in: in,
		variables: map[*config.Variable]cty.Value{},
		secretSet: secret.NewSet(),
		functions: map[string]map[string]function.Function{},
		runs: taskRuns{byIdentity: map[string]*taskRun{}, policyByName: map[string]effectivePolicy{},
			argsCache: map[string]*taskRun{}},
		matrices:      map[*config.Task][]combination{},
		shardRequests: map[*config.Task]Shard{},
		timings:       map[string]*shards.Timings{},
		engineNeeded:  map[*config.Task]bool{},
		disabledRuns:  map[*taskRun]bool{},
		setters:       attributeSetters(),
	}
	e.projects = newProjectCache(in, e.report)
	return e
}

func (e *evaluation) report(d *hcl.Diagnostic) {
	e.diags = append(e.diags, d)
}

// finalDiagnostics returns the sorted diagnostics, with masked secrets.
func (e *evaluation) finalDiagnostics() hcl.Diagnostics {
	return e.secretSet.Secrets().Diagnostics(diag.Sort(e.diags, e.file.SourceOrder))
}

// evaluateInvocations evaluates the tasks of the invocations, and everything that the tasks reach.
func evaluateInvocations(e *evaluation) (*Spec, hcl.Diagnostics) {
	f := e.file
	checkGivenVariables(e)
	sequence := e.targetRuns()
	if e.diags.HasErrors() {
		return nil, e.finalDiagnostics()
	}
	spec := &Spec{Targets: slices.Concat(sequence...), Sequence: sequence, Tasks: map[string]*Task{}, Jobs: f.Root.Jobs,
		OutputStyle: f.Root.OutputStyle}
	captured := map[string][]config.ReferenceUse{}
	for i := 0; i < len(e.runs.queue); i++ { // the queue grows by what each depends on
		run := e.runs.queue[i]
		spec.Tasks[run.name] = e.evaluateTask(run)
		for _, use := range stdoutReferences(e, run, spec.Tasks[run.name]) {
			ref := use.Ref
			name := e.runsOf(invocation{block: f.TaskByName[ref.TaskName()], combination: config.CombinationOf(ref.Name),
				caller: run, sourceRange: ref.Range})
			if len(name) > 0 {
				captured[name[0].name] = append(captured[name[0].name], use)
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

// checkContainerNames reports two runs of a task with the same container name.
func checkContainerNames(e *evaluation, spec *Spec) {
	first := map[[2]string]*Task{}
	for _, run := range e.runs.queue {
		t := spec.Tasks[run.name]
		key := [2]string{t.DeclaredName, t.ContainerName}
		if other := first[key]; other != nil && t.ContainerName != "" && t.PrivateProjectRun == "" {
			e.reportAtRange(t.Ranges["container_name"], fmt.Sprintf("two containers called %q", t.ContainerName),
				"%s and %s would both have this name, and two runs cannot have it at once. Leave it out, or make it of matrix "+
					"values or arguments.", other.Name, t.Name)
			return
		}
		first[key] = t
	}
}

// stdoutReferences returns the uses of other tasks' stdout. A skipped task uses none.
func stdoutReferences(e *evaluation, run *taskRun, task *Task) []config.ReferenceUse {
	var refs []config.ReferenceUse
	if task.DisabledReason != "" {
		return nil
	}
	uses := func(a *config.Attribute) {
		for use := range e.file.ReachableReferences(a.Refs) {
			if use.Ref.Kind == config.RefTask && use.Ref.Attr == "stdout" {
				refs = append(refs, use)
			}
		}
	}
	for a := range run.block.Expressions {
		uses(a)
	}
	return refs
}

// markCaptured marks the tasks with stdout that another task uses.
func markCaptured(e *evaluation, spec *Spec, captured map[string][]config.ReferenceUse) {
	isSensitive := func(config.ReferenceUse) bool { return false }
	if len(captured) > 0 {
		isSensitive = e.file.SensitiveUses()
	}
	for name, uses := range captured {
		task := spec.Tasks[name]
		task.IsCaptured = true
		for _, use := range uses {
			ref := use.Ref
			task.IsStdoutHidden = task.IsStdoutHidden || isSensitive(use)
			switch {
			case task.Detach:
				e.report(diag.ErrorAt(ref.Range, fmt.Sprintf("%s cannot be captured", ref),
					"Task %q has detach = true (%s): nobody stays to hear it. Take detach away.", name,
					diag.Place(task.Range("detach"))))
			case task.TTY == TTYAlways:
				e.report(diag.ErrorAt(ref.Range, fmt.Sprintf("%s cannot be captured", ref),
					"Task %q has tty = true (%s), and what goes through a terminal is not kept. Take the tty away.", name,
					diag.Place(task.Range("tty"))))
			}
		}
	}
}

func unexpectedArgsError(e *evaluation, t *config.Task, args []string) *hcl.Diagnostic {
	summary := fmt.Sprintf("invalid arguments for task %q", t.Name)
	fact := fmt.Sprintf("Task %q takes no arguments, but got %q", t.Name, shellwords.Quote(args))
	if e.file.FindTask(args[0]) != nil {
		return diag.Error(summary, "%s. %s", fact, suggestSequence(t, args))
	}
	if t.Kind == GroupTask {
		return diag.Error(summary, "%s: the task only groups its dependencies.", fact)
	}
	detail := "%s. Add `args` to the command, as in command = [\"…\", args]."
	if strings.HasPrefix(args[0], "-") {
		detail += " Flags of `tasks` itself stand before the task's name."
	}
	return diag.ErrorAt(t.Range("command"), summary, detail, fact)
}
