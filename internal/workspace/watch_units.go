package workspace

import (
	"slices"
	"time"

	"tasks/executor"
	"tasks/executor/watch"
	"tasks/hclspec"
	"tasks/planner"
)

// WatchOptions are the options of a watch. Several tasks are watched as one.
type WatchOptions struct {
	Debounce    time.Duration
	OnBusy      watch.Policy
	SkipInitial bool
	Clear, Poll bool
}

// WatchOptions returns the options of the targets' watch blocks. A group without a block has the options of its
// members. The longest debounce interval counts, and an on_busy on which all agree.
func (r *Run) WatchOptions() WatchOptions {
	var options WatchOptions
	blocks := watchBlocks(r.Spec)
	options.SkipInitial = len(blocks) > 0
	policies := map[hclspec.BusyPolicy]watch.Policy{
		hclspec.BusyRestart: watch.Restart, hclspec.BusyQueue: watch.Queue, hclspec.BusyIgnore: watch.Ignore,
	}
	for i, block := range blocks {
		options.Debounce = max(options.Debounce, block.Debounce)
		options.SkipInitial = options.SkipInitial && block.SkipInitial
		options.Clear, options.Poll = options.Clear || block.Clear, options.Poll || block.Poll
		switch policy := policies[block.OnBusy]; {
		case i == 0:
			options.OnBusy = policy
		case options.OnBusy != policy:
			options.OnBusy = watch.Restart
		}
	}
	return options
}

// watchBlocks returns the watch blocks that count for a run, or the defaults of tasks without a block.
func watchBlocks(spec *hclspec.Spec) []hclspec.Watch {
	var blocks []hclspec.Watch
	seen := map[string]bool{}
	var add func(name string)
	add = func(name string) {
		task := spec.Tasks[name]
		if task == nil || seen[name] {
			return
		}
		seen[name] = true
		if task.Kind != hclspec.GroupTask || task.Watch != nil {
			blocks = append(blocks, task.WatchOrDefault())
			return
		}
		for _, dep := range task.DependsOn {
			add(dep.Task)
		}
	}
	for _, target := range spec.Targets {
		add(target)
	}
	return blocks
}

// WatchedRuns returns the task runs of a watch that can run for themselves: the targets, with a group replaced by its
// members.
func WatchedRuns(spec *hclspec.Spec) []string {
	var runs []string
	for _, target := range spec.Targets {
		runs = addWatchedRuns(runs, spec, target)
	}
	return runs
}

func addWatchedRuns(runs []string, spec *hclspec.Spec, name string) []string {
	task := spec.Tasks[name]
	if task == nil || slices.Contains(runs, name) {
		return runs
	}
	if !isDivisible(task) {
		return append(runs, name)
	}
	for _, dep := range task.DependsOn {
		runs = addWatchedRuns(runs, spec, dep.Task)
	}
	return runs
}

// isDivisible reports whether the members of a group can run for themselves. The entries of `steps` cannot: each may
// need the entries before.
func isDivisible(task *hclspec.Task) bool {
	isStep := func(dep hclspec.Dependency) bool { return dep.Position > 0 }
	return task.Kind == hclspec.GroupTask && !slices.ContainsFunc(task.DependsOn, isStep) &&
		slices.ContainsFunc(task.DependsOn, func(dep hclspec.Dependency) bool { return dep.Task != "" })
}

// RunsOf returns the watched runs that some units stand for.
func (p WatchPlan) RunsOf(spec *hclspec.Spec, units []int) []string {
	var runs []string
	for _, unit := range units {
		if unit < len(p.Runs) {
			runs = addWatchedRuns(runs, spec, p.Runs[unit])
		}
	}
	return runs
}

// Limit reduces an evaluated run to some watched runs, and reports whether the run is only a part. A private project
// belongs to its group, so the group runs as a whole.
func (r *Run) Limit(runs []string) (isPart bool) {
	all := WatchedRuns(r.Spec)
	needed := slices.DeleteFunc(slices.Clone(all), func(name string) bool { return !slices.Contains(runs, name) })
	for _, name := range all {
		task := r.Spec.Tasks[name]
		if task.PrivateProjectRun != "" && task.PrivateProjectRun != name {
			return false
		}
	}
	if len(needed) == 0 || len(needed) == len(all) {
		return false
	}
	r.Spec = r.Spec.Only(needed)
	return true
}

// WatchedDisplay is a display that remembers what the last plan has finished.
type WatchedDisplay struct {
	Display
	// OnBuilt is called after the build of an image.
	OnBuilt func(image string)

	finished map[string]bool
}

// Begin implements [Display].
func (d *WatchedDisplay) Begin(plan *planner.Plan) {
	d.finished = map[string]bool{}
	d.Display.Begin(plan)
}

// Notice implements [executor.Observer].
func (d *WatchedDisplay) Notice(n executor.Notice) {
	d.Display.Notice(n)
	if n.Kind != executor.Done && n.Kind != executor.Failed || n.Step == nil {
		return
	}
	if task := planner.TaskOf(n.Step); task != nil {
		d.finished[task.Name] = true
	}
	if image, isImage := n.Step.Action.(*planner.Image); isImage && n.Kind == executor.Done {
		d.OnBuilt(image.Ref)
	}
}

// Unfinished returns the watched runs of a spec that the last plan has not finished.
func (d *WatchedDisplay) Unfinished(spec *hclspec.Spec) []string {
	return slices.DeleteFunc(WatchedRuns(spec), func(name string) bool { return d.finished[name] })
}
