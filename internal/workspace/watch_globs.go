package workspace

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"

	"github.com/hashicorp/hcl/v2"

	"tasks/executor/watch"
	"tasks/hclspec"
	"tasks/internal/fingerprint"
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

// uselessGlobs returns warnings about the globs of all tasks that no file matches, and about globs of `ignore` that
// exclude nothing.
func (r *Run) uselessGlobs() (diags hcl.Diagnostics) {
	outputs := r.allOutputs()
	plan := WatchPlan{Rules: watch.Rules{Root: r.Workspace.Root()}}
	seen := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(r.Spec.Tasks)) {
		task := r.Spec.Tasks[name]
		if seen[task.DeclaredName] {
			continue // the matrix and the arguments rarely change the globs
		}
		seen[task.DeclaredName] = true
		diags = append(diags, unmatchedInputs(task, outputs)...)
		diags = append(diags, impossibleOutputs(task)...)
		if len(task.WatchOrDefault().Paths) > 0 {
			unit := r.ownUnit(task)
			plan.Rules.Units, plan.Runs = append(plan.Rules.Units, unit), append(plan.Runs, name)
			diags = append(diags, uselessIgnore(task, unit)...)
		}
	}
	if len(plan.Runs) == 0 {
		return diags
	}
	unmatched, err := watch.FindUnmatched(plan.Rules)
	if err != nil {
		return diags // a directory cannot be read; the watch reports the error
	}
	return append(diags, r.UnmatchedGlobs(plan, unmatched)...)
}

// unmatchedInputs returns warnings about the globs of inputs without a file.
func unmatchedInputs(task *hclspec.Task, outputs []string) (diags hcl.Diagnostics) {
	absolute := joinGlobs(task.Dir, task.Inputs)
	for i, glob := range task.Inputs {
		others := slices.DeleteFunc(slices.Clone(outputs), func(o string) bool {
			return slices.Contains(joinGlobs(task.Dir, task.Outputs), o)
		})
		found, err := fingerprint.HasMatch(context.Background(), task.Dir, glob, task.Outputs)
		if err != nil || found || mayComeFrom(absolute[i], others) {
			continue
		}
		unmatched := watch.Unmatched{Glob: glob}
		if found, _ = fingerprint.HasMatch(context.Background(), task.Dir, glob, nil); found {
			unmatched.Reason = "outputs of the task are no inputs"
		} else if rule := globs.NeverSourceIn(filepath.ToSlash(globs.Prefix(glob))); rule != "" {
			unmatched.Reason = rule + " never counts"
		}
		diags = append(diags, unmatchedWarning(task, "inputs", unmatched, task.ElementRange("inputs", glob)))
	}
	return diags
}

// impossibleOutputs returns warnings about outputs with names that never count: the task would never be up to date.
func impossibleOutputs(task *hclspec.Task) (diags hcl.Diagnostics) {
	for _, glob := range task.Outputs {
		if rule := globs.NeverSourceIn(filepath.ToSlash(globs.Prefix(glob))); rule != "" {
			unmatched := watch.Unmatched{Glob: glob, Reason: rule + " never counts"}
			diags = append(diags, unmatchedWarning(task, "outputs", unmatched, task.ElementRange("outputs", glob)))
		}
	}
	return diags
}

// uselessIgnore returns warnings about globs of ignore that can never exclude a match of paths.
func uselessIgnore(task *hclspec.Task, unit watch.Unit) (diags hcl.Diagnostics) {
	for i, glob := range unit.Ignore {
		isUseful := slices.ContainsFunc(unit.Paths, func(path string) bool { return globs.MayOverlap(path, glob) })
		if isUseful {
			continue
		}
		subject := task.WatchIgnoreRange(task.Watch.Ignore[i])
		diags = append(diags, &hcl.Diagnostic{
			Severity: hcl.DiagWarning, Summary: fmt.Sprintf("ignore of task %s leaves nothing out", task.Name),
			Detail: "No glob of paths leads to a match. Take the glob out.", Subject: &subject,
		})
	}
	return diags
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
