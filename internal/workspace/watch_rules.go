package workspace

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"tasks/executor/watch"
	"tasks/hclspec"
	"tasks/internal/composeproject"
	"tasks/internal/globs"
	"tasks/planner"
)

// WatchPlan says what a watch observes: the rules, and the task run that each unit of the rules stands for.
type WatchPlan struct {
	Rules watch.Rules
	// Runs are the task runs by unit. A change that concerns a unit reruns the task run.
	Runs []string
}

// WatchPlan returns the files to watch. A target is one unit. A group without paths of its own has a unit for each
// member. The source files of the plan always count, for all units.
func (r *Run) WatchPlan() (WatchPlan, error) {
	plan := WatchPlan{Rules: watch.Rules{Root: r.Workspace.Root(), Files: r.sourceFiles(), SourceGlobs: r.sourceGlobs()}}
	for _, target := range r.Spec.Targets {
		task := r.Spec.Tasks[target]
		r.addUnits(&plan, task)
		observed := append(addWatchedRuns(nil, r.Spec, target), target)
		if !slices.ContainsFunc(observed, func(run string) bool { return slices.Contains(plan.Runs, run) }) {
			return plan, fmt.Errorf("task %s (%s:%d) has nothing to watch: "+
				"give it `watch { paths = [\"**/*.go\"] }` or `inputs`, or a service with a build context or bind mounts",
				task.Name, task.DeclRange.Filename, task.DeclRange.Start.Line)
		}
	}
	return plan, nil
}

// addUnits adds the units of a task run and of the members of a group. With `graph`, each dependency has a unit of its
// own for the task run, because `ignore` and `outputs` concern only the paths beside.
func (r *Run) addUnits(plan *WatchPlan, task *hclspec.Task) {
	if task == nil || slices.Contains(plan.Runs, task.Name) {
		return
	}
	options := task.WatchOrDefault()
	names := []string{task.Name}
	if options.Graph && !isDivisible(task) {
		names = append(names, r.dependencyTasks(task)...)
	}
	for _, name := range names {
		if unit := r.ownUnit(r.Spec.Tasks[name]); len(unit.Paths)+len(unit.Dirs)+len(unit.Files) > 0 {
			plan.Rules.Units, plan.Runs = append(plan.Rules.Units, unit), append(plan.Runs, task.Name)
		}
	}
	if options.Graph && isDivisible(task) {
		for _, dep := range task.DependsOn {
			r.addUnits(plan, r.Spec.Tasks[dep.Task])
		}
	}
}

// ownUnit returns the files of a task run without its dependencies: the paths of the watch block, else the inputs, else
// the bind mounts and build contexts of the service. Built services that the service needs count too.
func (r *Run) ownUnit(task *hclspec.Task) watch.Unit {
	options := task.WatchOrDefault()
	unit := watch.Unit{
		Paths: joinGlobs(task.Dir, options.Paths), Ignore: joinGlobs(task.Dir, options.Ignore),
		Outputs: joinGlobs(task.Dir, task.Outputs),
	}
	if len(unit.Paths) == 0 {
		unit.Paths = joinGlobs(task.Dir, task.Inputs)
	}
	if len(unit.Paths) > 0 || task.Kind == hclspec.GroupTask {
		return unit
	}
	unit.Dirs = append(unit.Dirs, r.bindMounts(task)...)
	for _, b := range r.buildsOf(task) {
		unit.Dirs, unit.Files = append(unit.Dirs, b.dirs...), append(unit.Files, b.files...)
	}
	return unit
}

// dependencyTasks returns the task runs that a task run depends on, directly or not.
func (r *Run) dependencyTasks(task *hclspec.Task) []string {
	reachable := r.Spec.Only([]string{task.Name}).Tasks
	names := slices.Sorted(maps.Keys(reachable))
	return slices.DeleteFunc(names, func(name string) bool {
		return name == task.Name || reachable[name].FinallyOf != ""
	})
}

// joinGlobs makes relative globs start at a directory.
func joinGlobs(dir string, texts []string) []string {
	var out []string
	for _, text := range texts {
		out = append(out, globs.Join(dir, text))
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
		files = append(files, composeproject.SourceFiles(project)...)
	}
	return files
}

// sourceGlobs returns globs for files that the next plan would read without a mention.
func (r *Run) sourceGlobs() []string {
	if len(r.Workspace.config.Flags.Files) > 0 {
		return nil
	}
	return []string{"*" + tasksSuffix, "*" + hclspec.AutoVariablesSuffix}
}

// bindMounts returns the host directories and files in the container of a task.
func (r *Run) bindMounts(task *hclspec.Task) []watch.Dir {
	project := r.Projects[planner.ScopeOf(task)]
	if project == nil || task.Kind == hclspec.HostTask {
		return nil
	}
	service := project.Model().Services[task.Service]
	var dirs []watch.Dir
	for _, volume := range append(slices.Clone(service.Volumes), ownVolumes(project, task)...) {
		if volume.Type == types.VolumeTypeBind && isWatchable(volume.Source) {
			dirs = append(dirs, watch.Dir{Path: volume.Source})
		}
	}
	model := project.Model()
	for _, config := range service.Configs {
		dirs = appendFile(dirs, model.Configs[config.Source].File)
	}
	for _, secret := range service.Secrets {
		dirs = appendFile(dirs, model.Secrets[secret.Source].File)
	}
	return dirs
}

func appendFile(dirs []watch.Dir, file string) []watch.Dir {
	if file == "" || !isWatchable(file) {
		return dirs
	}
	return append(dirs, watch.Dir{Path: file})
}

// ownVolumes returns the volumes in the block of a task. The plan has checked the texts.
func ownVolumes(project *composeproject.Project, task *hclspec.Task) []types.ServiceVolumeConfig {
	var all []types.ServiceVolumeConfig
	for _, volume := range task.Volumes {
		parsed, err := composeproject.ParseVolumes([]string{volume.Text}, volume.Dir, project.DeclaresVolume)
		if err == nil {
			all = append(all, parsed...)
		}
	}
	return all
}

// isWatchable reports whether a mounted path may hold source files: sockets, devices and the whole disk do not.
func isWatchable(path string) bool {
	if path == filepath.Dir(path) {
		return false
	}
	for _, system := range []string{"/dev", "/proc", "/run", "/sys", "/var/run"} {
		if path == system || strings.HasPrefix(path, system+"/") {
			return false
		}
	}
	info, err := os.Stat(path)
	return err != nil || info.IsDir() || info.Mode().IsRegular()
}
