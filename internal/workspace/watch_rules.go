package workspace

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"time"

	"github.com/compose-spec/compose-go/v2/types"

	"tasks/executor/watch"
	"tasks/hclspec"
	"tasks/planner"
)

// defaultDebounce ends a batch of changes for tasks without a watch block.
const defaultDebounce = 50 * time.Millisecond

// target returns the first target of the run.
func (r *Run) target() *hclspec.Task { return r.Spec.Tasks[r.Spec.Targets[0]] }

// Debounce returns the quiet interval that ends a batch of changes.
func (r *Run) Debounce() time.Duration {
	if block := r.target().Watch; block != nil {
		return block.Debounce
	}
	return defaultDebounce
}

// WatchRules returns the files to watch: a change of a file runs the target again. A task's own paths come from the
// watch block, else from the inputs, else from the bind mounts and the build context of the service. The source
// files of the plan always count.
func (r *Run) WatchRules() (watch.Rules, error) {
	task := r.target()
	rules := watch.Rules{Root: r.Workspace.Root(), Files: r.sourceFiles()}
	if task.Watch != nil {
		rules.Paths, rules.Ignore = joinGlobs(task.Dir, task.Watch.Paths), joinGlobs(task.Dir, task.Watch.Ignore)
	}
	if len(rules.Paths) == 0 {
		rules.Paths = joinGlobs(task.Dir, withSubtrees(task.Inputs))
		rules.Ignore = append(rules.Ignore, joinGlobs(task.Dir, withSubtrees(task.Outputs))...)
	}
	if len(rules.Paths) > 0 {
		return rules, nil
	}
	if rules.Dirs = r.inputDirs(task); len(rules.Dirs) == 0 {
		return rules, fmt.Errorf("task %s (%s:%d) has nothing to watch: "+
			"give it `watch { paths = [\"**/*.go\"] }` or `inputs`, or a service with a build context or bind mounts",
			task.Name, task.DeclRange.Filename, task.DeclRange.Start.Line)
	}
	return rules, nil
}

// withSubtrees adds a glob for everything below each glob, because an input may be a directory.
func withSubtrees(globs []string) []string {
	var out []string
	for _, glob := range globs {
		out = append(out, glob, filepath.Join(glob, "**"))
	}
	return out
}

// joinGlobs makes relative globs start at a directory.
func joinGlobs(dir string, globs []string) []string {
	var out []string
	for _, glob := range globs {
		if !filepath.IsAbs(glob) {
			glob = filepath.Join(dir, glob)
		}
		out = append(out, glob)
	}
	return out
}

// sourceFiles returns the source files of the plan: files of the language, env files and compose files. Included
// files and variable files are in the map of the parser under display names.
func (r *Run) sourceFiles() []string {
	files := r.Workspace.config.AbsolutePaths(slices.Sorted(maps.Keys(r.Workspace.File.SourceFiles())))
	for _, task := range r.Spec.Tasks {
		files = append(files, task.EnvFiles...)
	}
	for _, project := range r.Projects {
		files = append(files, project.Model().ComposeFiles...)
	}
	return files
}

// inputDirs returns the build context and the bind mounts of a task's service.
func (r *Run) inputDirs(task *hclspec.Task) []string {
	if task.Kind != hclspec.ServiceTask {
		return nil
	}
	service := r.Projects[planner.ScopeOf(task)].Model().Services[task.Service]
	var dirs []string
	if service.Build != nil && filepath.IsAbs(service.Build.Context) {
		dirs = append(dirs, service.Build.Context)
	}
	for _, volume := range service.Volumes {
		if volume.Type == types.VolumeTypeBind {
			dirs = append(dirs, volume.Source)
		}
	}
	return dirs
}
