package workspace

import (
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"

	"tasks/executor/watch"
	"tasks/hclspec"
	"tasks/internal/globs"
)

// UnmatchedGlobs returns warnings about globs that no file matches. Globs for files that another task makes are no
// mistake.
func (r *Run) UnmatchedGlobs(plan WatchPlan, unmatched []watch.Unmatched) (diags hcl.Diagnostics) {
	outputs := r.allOutputs()
	for _, u := range unmatched {
		name := plan.Runs[u.Unit]
		if task, attribute, subject := r.findGlob(name, u.Glob); task != nil && !mayComeFrom(u.Glob, outputs) {
			diags = append(diags, unmatchedWarning(task, attribute, u, subject))
		}
	}
	return diags
}

func unmatchedWarning(task *hclspec.Task, attribute string, u watch.Unmatched, subject hcl.Range) *hcl.Diagnostic {
	detail := "No file matches now, and a glob starts at the directory of its file."
	if u.Reason != "" {
		detail = fmt.Sprintf("What it matches is left out: %s.", u.Reason)
	}
	return &hcl.Diagnostic{
		Severity: hcl.DiagWarning, Summary: fmt.Sprintf("%s of task %s matches nothing", attribute, task.Name),
		Detail: detail, Subject: &subject,
	}
}

// findGlob returns the task, the attribute and the place of a glob of a unit. With `graph`, the glob may belong to a
// dependency.
func (r *Run) findGlob(name, glob string) (task *hclspec.Task, attribute string, subject hcl.Range) {
	for _, candidate := range append([]string{name}, r.dependencyTasks(r.Spec.Tasks[name])...) {
		task := r.Spec.Tasks[candidate]
		paths := task.WatchOrDefault().Paths
		if i := slices.Index(joinGlobs(task.Dir, paths), glob); i >= 0 {
			return task, "paths", task.WatchPathRange(paths[i])
		}
		if i := slices.Index(joinGlobs(task.Dir, task.Inputs), glob); i >= 0 {
			return task, "inputs", task.ElementRange("inputs", task.Inputs[i])
		}
	}
	return nil, "", subject
}

// allOutputs returns the outputs of all tasks, as absolute globs.
func (r *Run) allOutputs() []string {
	var outputs []string
	for _, task := range r.Spec.Tasks {
		outputs = append(outputs, joinGlobs(task.Dir, task.Outputs)...)
	}
	return outputs
}

// mayComeFrom reports whether an output may be a match of a glob.
func mayComeFrom(glob string, outputs []string) bool {
	return slices.ContainsFunc(outputs, func(output string) bool { return globs.MayOverlap(glob, output) })
}

// DependencyOutputs are the declared outputs of the tasks that watched tasks depend on.
type DependencyOutputs struct{ globs []string }

// Has reports whether a file is an output. The path is absolute.
func (o *DependencyOutputs) Has(file string) bool {
	return slices.ContainsFunc(o.globs, func(output string) bool { return globs.Covers(output, file) })
}

// DependencyOutputs returns the outputs that a run writes beside those of the watched tasks.
func (r *Run) DependencyOutputs() *DependencyOutputs {
	outputs := &DependencyOutputs{}
	for _, watched := range WatchedRuns(r.Spec) {
		for _, name := range r.dependencyTasks(r.Spec.Tasks[watched]) {
			task := r.Spec.Tasks[name]
			outputs.globs = append(outputs.globs, joinGlobs(task.Dir, task.Outputs)...)
		}
	}
	return outputs
}
