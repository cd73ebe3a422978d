package hclspec

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
)

// evaluation is one pass over what the wanted tasks reach. It belongs to one goroutine.
type evaluation struct {
	file  *File
	in    Inputs
	diags hcl.Diagnostics
	// vars holds the variables that were needed so far; one that has no usable value is cty.NilVal.
	vars map[*variable]cty.Value
	// concealed are the sensitive texts that were met.
	concealed *concealed
	// projects are loaded at the first need, by scope; nil is one that cannot be loaded, which is reported once.
	projects map[string]Project
	// services are those of which an attribute was needed so far, by name after the scope.
	services map[string]cty.Value
	// functions are those of each directory with files of the language, as file() is relative to it.
	functions map[string]map[string]function.Function
	// runs are those of tasks that were come upon so far; matrices the combinations of each, nil where they are wrong.
	runs     instances
	matrices map[*taskBlock][]combination
	// needing are the tasks that were asked whether they lead to a container engine.
	needing map[*taskBlock]bool
	// looking says that nothing will be run.
	looking bool
	// skipped are the runs that were asked whether they are disabled.
	skipped map[*instance]bool
}

func newEvaluation(f *File, in Inputs) *evaluation {
	return &evaluation{
		file: f, in: in,
		vars:      map[*variable]cty.Value{},
		concealed: newConcealed(),
		projects:  map[string]Project{},
		services:  map[string]cty.Value{},
		functions: map[string]map[string]function.Function{},
		runs:      instances{byIdentity: map[string]*instance{}, names: map[string]standing{}, heard: map[string]*instance{}},
		matrices:  map[*taskBlock][]combination{},
		needing:   map[*taskBlock]bool{},
		skipped:   map[*instance]bool{},
	}
}

func (e *evaluation) report(d *hcl.Diagnostic) {
	e.diags = append(e.diags, d)
}

// finish gives the diagnostics in order.
func (e *evaluation) finish() hcl.Diagnostics {
	return e.concealed.secrets().Diagnostics(sortDiagnostics(e.diags, e.file.order))
}

// Evaluate gives the targets and all they depend on as plain values. Nothing else of the file is evaluated. With errors
// among the diagnostics, those of Parse included, the Spec is nil.
func (f *File) Evaluate(in Inputs, targets []Target) (*Spec, hcl.Diagnostics) {
	if f.diags.HasErrors() {
		return nil, f.withValues(in, targets)
	}
	return f.evaluate(in, targets)
}

func (f *File) evaluate(in Inputs, targets []Target) (*Spec, hcl.Diagnostics) {
	e := newEvaluation(f, in)
	e.checkGiven()
	turns := e.checkTargets(targets)
	if e.diags.HasErrors() {
		return nil, e.finish()
	}
	spec := &Spec{Wanted: slices.Concat(turns...), Turns: turns, Tasks: map[string]*Task{}, Jobs: f.root.jobs, OutputStyle: f.root.outputStyle}
	captured := map[string][]reference{}
	for i := 0; i < len(e.runs.queue); i++ { // the queue grows by what each depends on
		run := e.runs.queue[i]
		spec.Tasks[run.name] = e.task(run)
		for _, ref := range e.stdoutUses(run, spec.Tasks[run.name]) {
			name := e.runsOf(call{block: f.taskByName[ref.task()], combination: combinationOf(ref.name), from: run, at: ref.rng})
			if len(name) > 0 {
				captured[name[0].name] = append(captured[name[0].name], ref)
			}
		}
	}
	e.checkContainerNames(spec)
	e.capture(spec, captured)
	spec.Readiness = e.readiness(spec.Tasks)
	diags := e.finish()
	if diags.HasErrors() {
		return nil, diags
	}
	spec.Secrets = e.concealed.secrets()
	return spec, diags
}

// checkContainerNames reports runs of one task that would have one container's name.
func (e *evaluation) checkContainerNames(spec *Spec) {
	first := map[[2]string]*Task{}
	for _, run := range e.runs.queue {
		t := spec.Tasks[run.name]
		key := [2]string{t.Declared, t.ContainerName}
		if other := first[key]; other != nil && t.ContainerName != "" && t.Private == "" {
			e.reportAt(t.Ranges["container_name"], fmt.Sprintf("two containers called %q", t.ContainerName),
				"%s and %s would both have this name, and two runs cannot have it at once. Leave it out, or make it of matrix values or arguments.", other.Name, t.Name)
			return
		}
		first[key] = t
	}
}

// stdoutUses lists the uses of other tasks' stdout. A task that is skipped uses none.
func (e *evaluation) stdoutUses(i *instance, task *Task) []reference {
	var refs []reference
	if task.Disabled != "" {
		return nil
	}
	uses := func(a *attr) {
		for use := range e.file.reach(a.refs) {
			if use.ref.kind == refTask && use.ref.attr == "stdout" {
				refs = append(refs, use.ref)
			}
		}
	}
	for a := range i.block.expressions {
		uses(a)
	}
	return refs
}

// capture marks the tasks whose stdout is used.
func (e *evaluation) capture(spec *Spec, uses map[string][]reference) {
	for name, refs := range uses {
		task := spec.Tasks[name]
		task.Captured = true
		for _, ref := range refs {
			switch {
			case task.Detach:
				e.report(problem(ref.rng, fmt.Sprintf("%s cannot be captured", ref),
					"Task %q has detach = true (%s): nobody stays to hear it. Take detach away.", name, place(task.Range("detach"))))
			case task.TTY == TTYAlways:
				e.report(problem(ref.rng, fmt.Sprintf("%s cannot be captured", ref),
					"Task %q has tty = true (%s), and what goes through a terminal is not kept. Take the tty away.", name, place(task.Range("tty"))))
			}
		}
	}
}

// checkTargets reports tasks that do not exist, and gives the names of the runs that each target means.
func (e *evaluation) checkTargets(targets []Target) [][]string {
	var turns [][]string
	asked := map[*instance]bool{}
	for _, target := range targets {
		t := e.file.taskNamed(blockName(target.Name))
		if t == nil {
			e.report(e.unknownTarget(blockName(target.Name)))
			continue
		}
		r, mistake := newRequest(e.in, target.Words, target.Options)
		if mistake != nil {
			e.report(mistake)
		}
		e.checkOptions(t, &target.Options)
		if target.Only && t.kind == Group {
			e.report(complaint(fmt.Sprintf("--only cannot act on group task %q", t.name), "It leaves out the tasks in depends_on, and there is nothing else. Name the tasks that are to run."))
		}
		c := call{block: t, combination: combinationOf(target.Name), request: r, asked: true, only: target.Only, isolated: target.Isolated}
		e.looking = e.looking || target.AnyWords
		if target.AnyWords && t.declares() {
			c.late = &lateWords{}
		}
		var turn []string
		for _, run := range e.runsOf(c) {
			if asked[run] {
				e.report(complaint(fmt.Sprintf("task %q is asked for twice", target.Name), "One run does a task once with the same words. Name it once, or run `tasks` twice."))
				continue
			}
			asked[run] = true
			turn = append(turn, run.name)
		}
		turns = append(turns, turn)
	}
	return turns
}

// unknownTarget answers the name of a task that is none: with a service that has it, else with the nearest task, else with
// the nearest service.
func (e *evaluation) unknownTarget(name string) *hcl.Diagnostic {
	var services []string
	if e.in.Project != nil {
		if project, err := e.in.Project(); err == nil {
			services = project.ServiceNames()
		}
	}
	summary := fmt.Sprintf("unknown task %q", name)
	if slices.Contains(services, name) {
		return complaint(summary, "%q is a service of the compose file: did you mean `tasks once %s`?", name, name)
	}
	names := e.taskNames()
	detail := "No task is declared."
	if len(names) > 0 {
		detail = "`tasks list` shows what there is."
	}
	hint := taskMeant(name, names)
	if near := nearest(name, services); hint == "" && near != "" {
		hint = fmt.Sprintf(" %q is a service of the compose file: did you mean `tasks once %s`?", near, near)
	}
	return complaint(summary, "%s%s", detail, hint)
}

func (e *evaluation) taskNames() []string {
	return slices.Collect(maps.Keys(e.file.taskByName))
}

// takesWords says whether the words after a task's name reach something.
func (f *File) takesWords(t *taskBlock) bool {
	if t.attrs["script"] != nil {
		return true
	}
	if t.attrs["command"] == nil && (t.kind == Service || t.kind == Image) {
		return true
	}
	for a := range t.expressions {
		if f.uses(a.refs, refArgs) {
			return true
		}
	}
	return false
}

func (e *evaluation) superfluousWords(t *taskBlock, words []string) *hcl.Diagnostic {
	summary := fmt.Sprintf("task %q takes no words", t.name)
	if e.file.taskNamed(words[0]) != nil {
		return complaint(summary, "Did you mean `tasks run %s ::: %s`?", t.name, quoteWords(words))
	}
	if t.kind == Group {
		return complaint(summary, "Nothing takes %s: the task runs nothing itself, it only names its dependencies.", quoteWords(words))
	}
	detail := "Nothing takes %s. Add `args` to the command, as in command = [\"…\", args]."
	if strings.HasPrefix(words[0], "-") {
		detail += " Flags of `tasks` itself stand before the task's name."
	}
	return problem(t.Range("command"), summary, detail, quoteWords(words))
}

// Range is the place of an attribute's value, or of the header.
func (t *taskBlock) Range(attr string) hcl.Range {
	if a := t.attrs[attr]; a != nil {
		return a.expr.Range()
	}
	return t.header
}

// loadProject gives the compose project of a scope. It is not ok, and reported once, when it cannot be loaded.
func (e *evaluation) loadProject(scope string, at hcl.Range) (Project, bool) {
	if project, known := e.projects[scope]; known {
		return project, project != nil
	}
	load := e.in.Project
	if scope != "" {
		load = func() (Project, error) { return e.in.Included(scope) }
	}
	project, err := load()
	if errors.Is(err, errTold) {
		e.projects[scope] = nil
		return nil, false
	}
	if err != nil {
		d := problem(at, "the compose project cannot be loaded", "%s", err)
		d.Extra = ProjectError{Err: err}
		e.report(d)
		e.projects[scope] = nil
		return nil, false
	}
	e.projects[scope] = project
	return project, true
}

// checkService reports a service that the project of a scope lacks.
func (e *evaluation) checkService(scope, name string, at hcl.Range) {
	project, ok := e.loadProject(scope, at)
	if !ok || slices.Contains(project.ServiceNames(), name) {
		return
	}
	d := UnknownService(project, name)
	d.Subject = &at
	e.report(d)
}

// UnknownService answers the name of a service that the project does not have.
func UnknownService(project Project, name string) *hcl.Diagnostic {
	hint := didYouMean(name, project.ServiceNames())
	if hint == "" {
		hint = " It has " + enumerate(project.ServiceNames()) + "."
	}
	if len(project.ServiceNames()) == 0 {
		hint = " It has no service at all: is there a compose file beside Tasks.hcl? The compose block, or --compose-file, can name another place."
	}
	return complaint(fmt.Sprintf("unknown service %q", name), "Project %q has no service of this name.%s", project.Name(), hint)
}

// enumerate lists names for a message, not more than a line of them.
func enumerate(names []string) string {
	const most = 8
	switch {
	case len(names) == 0:
		return "no service at all"
	case len(names) > most:
		return strings.Join(names[:most], ", ") + ", …"
	}
	return strings.Join(names, ", ")
}
