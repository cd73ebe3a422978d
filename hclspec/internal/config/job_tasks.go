package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"tasks/hclspec/internal/diag"
)

// jobTaskPrefix begins the name of the task that stands for `job.NAME`.
const jobTaskPrefix = "job."

// jobDeclarer declares the tasks of jobs.
type jobDeclarer struct {
	*declarer
	// clashes are the names of explicit tasks with an error already.
	clashes map[string]bool
}

// declareJobTasks declares a hidden task for each job that expressions refer to as `job.NAME`. The task runs the job
// with the job's own command, at most once in a run like each task.
func (d *declarer) declareJobTasks() {
	jobs := &jobDeclarer{declarer: d, clashes: map[string]bool{}}
	for _, m := range d.file.Modules {
		for _, l := range m.locals {
			jobs.declareJobsIn(l.Attribute)
		}
	}
	for _, t := range slices.Clone(d.file.Tasks) {
		for _, a := range t.allAttributes() {
			jobs.declareJobsIn(a)
		}
	}
	for _, m := range d.file.Modules {
		if m.defaults != nil {
			for _, a := range (&Task{Block: m.defaults}).allAttributes() {
				jobs.declareJobsIn(a)
			}
		}
	}
}

// allAttributes returns all attributes of a task and of its inner blocks.
func (t *Task) allAttributes() []*Attribute {
	all := t.SortedAttrs()
	for _, name := range slices.Sorted(maps.Keys(t.SingleBlocks)) {
		all = append(all, t.SingleBlocks[name].SortedAttrs()...)
	}
	for _, n := range t.RepeatedBlocks {
		all = append(all, n.SortedAttrs()...)
	}
	return all
}

func (d *jobDeclarer) declareJobsIn(a *Attribute) {
	for _, traversal := range a.Expr.Variables() {
		if name, ok := StepName(traversal, 1); ok && RefKind(traversal.RootName()) == RefJob {
			d.declareJobTask(name, traversal, a.Origin)
		}
	}
}

// declareJobTask declares the task of a job at the first reference. An explicit task of the same name is an error.
func (d *jobDeclarer) declareJobTask(job string, t hcl.Traversal, from Origin) {
	at, name := traversalRange(t, 2), from.Module.Prefix+jobTaskPrefix+job
	if other := d.file.TaskByName[name]; other != nil {
		if other.Job == "" && !d.clashes[name] {
			d.clashes[name] = true
			d.report(diag.ErrorAt(at, fmt.Sprintf("the name %q is taken", other.Label),
				"The task at %s has the name of the task for %s. Rename that task.", diag.Place(other.LabelRange),
				MemberAccess("job", job)))
		}
		return
	}
	found, _ := TaskBlockType().AttributeNamed("job")
	literal := &hclsyntax.LiteralValueExpr{Val: cty.StringVal(job), SrcRange: at}
	n := &Block{
		Type: TaskBlockType(), Label: jobTaskPrefix + job, HeaderRange: at, LabelRange: at, BlockRange: at,
		Attrs: map[string]*Attribute{"job": {AttributeType: found, NameRange: at,
			Expression: Expression{Expr: literal, Origin: from}}},
		SingleBlocks: map[string]*Block{}, Origin: from,
	}
	task := &Task{Block: n, Name: name, Kind: kindOf(n), IsHidden: true, Job: job}
	d.file.TaskByName[name] = task
	d.file.Tasks = append(d.file.Tasks, task)
}

// Job returns the job of a reference to the task of a job, otherwise an empty text.
func (r Reference) Job() string {
	job, isJob := strings.CutPrefix(r.Name, jobTaskPrefix)
	if !isJob || r.Kind != RefTask || r.Module != nil && !r.isJob {
		return ""
	}
	return job
}

// resolveJob makes a reference to the task of a job.
func (r *resolver) resolveJob(ref Reference, t hcl.Traversal) (Reference, *hcl.Diagnostic) {
	job, ok := StepName(t, 1)
	if !ok {
		return ref, r.missingStepError(RefJob, t)
	}
	ref.Kind, ref.Name, ref.isJob = RefTask, jobTaskPrefix+job, true
	if r.findTask(ref.Name) == nil {
		return ref, r.unknownJobError(t) // the place declares no task, like the default of a variable
	}
	return r.resolveTask(ref, t)
}

func (r *resolver) unknownJobError(t hcl.Traversal) *hcl.Diagnostic {
	return diag.ErrorAt(traversalRange(t, 3), "a job cannot be used here",
		"Its results are known to tasks and locals only.")
}

// jobDependency reads `job.NAME` in a list of dependencies.
func (r *dependencyReader) jobDependency(job string, t hcl.Traversal) (Dependency, *hcl.Diagnostic) {
	dep := Dependency{Task: r.module.Prefix + jobTaskPrefix + job, Range: t.SourceRange()}
	if len(t) > 2 {
		return dep, diag.ErrorAt(dep.Range, "superfluous part of a reference", "Write %s.", MemberAccess("job", job))
	}
	return dep, nil
}
