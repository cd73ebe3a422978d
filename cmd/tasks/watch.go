package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/spf13/cobra"

	"tasks/executor/watch"
	"tasks/hclspec"
	"tasks/internal/view"
	"tasks/planner"
)

func newWatchCommand(a *app) *cobra.Command {
	var options *runOptions
	cmd := &cobra.Command{
		Use: "watch [flags] TASK [WORDS...]",

		ValidArgsFunction: a.completeTasks,
		Short:             "Run a task again whenever its files change",
		Long:              "Run a task, and again whenever its files change: the running command is stopped, and a fresh container gets the\nnext one. Services stay up. Ctrl-C ends the watch and leaves no one-off behind.",
		RunE: func(_ *cobra.Command, args []string) error {
			target, err := a.target("watch", args, options)
			if err != nil {
				return err
			}
			if a.flags.dryRun {
				return a.printPlan(func(ctx context.Context) (*PlannedRun, error) { return a.planTargets(ctx, target) })
			}
			return a.watch(target)
		},
	}
	cmd.Flags().SetInterspersed(false)
	options = newRunOptions(cmd.Flags(), removeContainer)
	return cmd
}

// watchSession is one `tasks watch`.
type watchSession struct {
	app     *app
	target  hclspec.Target
	watcher *watch.Watcher
	session *Session
	// lastValid is the last workspace without mistakes: a broken file is told of, and this one stays.
	lastValid *Workspace
	signals   chan os.Signal
}

// watch is `tasks watch`. Mistakes at the start end it; later ones are told, and it goes on.
func (a *app) watch(target hclspec.Target) error {
	if err := a.checkProgressTTY(); err != nil {
		return err
	}
	a.writesState = true
	signals := notifySignals() // to the very end: one more Ctrl-C between the last word and the exit changes no code
	w := &watchSession{app: a, target: target, signals: make(chan os.Signal, signalBacklog)}
	defer func() {
		if w.session == nil {
			a.releaseUnstarted(signals)
		}
	}()
	first, err := runInterruptible(signals, a.withConfirmation(a.flags.yes, func(ctx context.Context) (*PlannedRun, error) { return a.planTargets(ctx, target) }))
	if err != nil {
		return err
	}
	if task := first.Spec.Tasks[first.Spec.Targets[0]]; task.Detach {
		return usageError("task %s has detach = true: a command that nobody stays with cannot be watched", task.Name)
	}
	rules, err := a.watchRules(first)
	if err != nil {
		return err
	}
	w.lastValid = first.Workspace
	if w.watcher, err = watch.New(rules, debounceOf(first)); err != nil {
		return &exitError{code: codeRunFailed, err: err}
	}
	defer w.watcher.Close()
	output := a.newOutput(first.Spec, func(err error) string { return view.FailureText(w.lastValid.File.SourceFiles())(err) })
	output.In, output.Terminal = nil, nil // the keyboard is not the command's
	if w.session, err = a.newSession(first.Workspace.Inputs.Root, output, a.flags.records); err != nil {
		return err
	}
	defer w.session.Close(w.signals)
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	go w.forwardSignals(signals, cancel)
	return w.loop(ctx, first)
}

func (w *watchSession) loop(ctx context.Context, first *PlannedRun) error {
	err := watch.LoopWith(ctx, w.watcher.Run(ctx), watch.LoopOptions{Root: w.lastValid.Inputs.Root}, func(ctx context.Context, batch *watch.Batch) error {
		p := first
		if batch != nil {
			w.printHeader(batch)
			p = w.replan(ctx)
		}
		if p != nil {
			w.runOnce(ctx, p)
		}
		return nil
	})
	if err != nil {
		return &exitError{code: codeRunFailed, err: err}
	}
	return nil
}

// listen ends the watch at the first signal that asks for an end; all others reach the run under way, and the next that
// asks for an end kills.
func (w *watchSession) forwardSignals(signals <-chan os.Signal, cancel context.CancelCauseFunc) {
	isStopping := false
	for sig := range signals {
		if !isStopping && isStopSignal(sig) {
			isStopping = true
			cancel(fmt.Errorf("%s", sig))
			continue
		}
		select {
		case w.signals <- sig:
		default: // nothing runs any more
		}
	}
}

// runOnce runs a plan to its end. Its failure is told, and is no reason to stop watching.
func (w *watchSession) runOnce(ctx context.Context, p *PlannedRun) {
	w.session.Output.DefaultStyle = p.Spec.OutputStyle
	result := w.session.Run(ctx, p.Plan, w.signals)
	if ctx.Err() == nil {
		w.lines().PrintExitCode(result.Code)
	}
}

// replan plans anew. A file that is broken now is told of, and the last good one planned with.
func (w *watchSession) replan(ctx context.Context) *PlannedRun {
	p, err := w.app.planTargets(ctx, w.target)
	if err == nil {
		w.lastValid = p.Workspace
		w.updateWatches(p)
		return p
	}
	if ctx.Err() != nil {
		return nil
	}
	w.reportError(err)
	p, err = w.lastValid.PlanTargets(ctx, []hclspec.Target{w.target})
	if err != nil {
		w.reportError(err)
		return nil
	}
	w.lines().PrintFallback()
	return p
}

// updateWatches watches what the new plan is made from.
func (w *watchSession) updateWatches(p *PlannedRun) {
	rules, err := w.app.watchRules(p)
	if err == nil {
		err = w.watcher.SetRules(rules)
	}
	if err != nil {
		w.reportError(err)
	}
}

func (w *watchSession) reportError(err error) {
	if exit, ok := errors.AsType[*exitError](err); ok && exit.err == nil {
		return // told already
	}
	w.app.printer.PrintError(err)
}

func (w *watchSession) lines() view.WatchLines {
	return view.WatchLines{Printer: w.app.printer, Task: w.target.Name}
}

// printHeader tells what a rerun is for.
func (w *watchSession) printHeader(batch *watch.Batch) {
	if batch.Err != nil {
		w.reportError(batch.Err)
	}
	if batch.Overflow {
		w.lines().PrintOverflow()
		return
	}
	w.lines().PrintChanges(batch.Changes)
}

// defaultDebounce is the quiet interval that ends a batch of changes where the task says nothing.
const defaultDebounce = 50 * time.Millisecond

func debounceOf(p *PlannedRun) time.Duration {
	if block := p.Spec.Tasks[p.Spec.Targets[0]].Watch; block != nil {
		return block.Debounce
	}
	return defaultDebounce
}

// watchRules say which files count for a task: its watch block's paths, else its inputs, else the bind mounts and build
// contexts of its service; always the files that the plan was made from.
func (a *app) watchRules(p *PlannedRun) (watch.Rules, error) {
	task := p.Spec.Tasks[p.Spec.Targets[0]]
	rules := watch.Rules{Root: p.Workspace.Inputs.Root, Files: p.sourceFiles()}
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
	if rules.Dirs = p.inputDirs(task); len(rules.Dirs) == 0 {
		return rules, usageError("task %s (%s:%d) has nothing to watch: give it `watch { paths = [\"**/*.go\"] }` or `inputs`, or a service with a build context or bind mounts",
			task.Name, task.DeclRange.Filename, task.DeclRange.Start.Line)
	}
	return rules, nil
}

// withSubtrees adds what lies below each glob: an input that is a directory stands for all in it.
func withSubtrees(globs []string) []string {
	var out []string
	for _, g := range globs {
		out = append(out, g, filepath.Join(g, "**"))
	}
	return out
}

// joinGlobs makes globs start at a directory.
func joinGlobs(dir string, globs []string) []string {
	var out []string
	for _, g := range globs {
		if !filepath.IsAbs(g) {
			g = filepath.Join(dir, g)
		}
		out = append(out, g)
	}
	return out
}

// sourceFiles are the files that the plan was made from.
func (p *PlannedRun) sourceFiles() []string {
	// What is included and what gives values to variables is among them, as messages call it.
	files := p.Workspace.app.absolutePaths(slices.Sorted(maps.Keys(p.Workspace.File.SourceFiles())))
	for _, task := range p.Spec.Tasks {
		files = append(files, task.EnvFiles...)
	}
	for _, project := range p.Projects {
		files = append(files, project.Model().ComposeFiles...)
	}
	return files
}

// inputDirs are the directories that a task's container is made from or sees.
func (p *PlannedRun) inputDirs(task *hclspec.Task) []string {
	if task.Kind != hclspec.ServiceTask {
		return nil
	}
	s := p.Projects[planner.ScopeOf(task)].Model().Services[task.Service]
	var dirs []string
	if s.Build != nil && filepath.IsAbs(s.Build.Context) {
		dirs = append(dirs, s.Build.Context)
	}
	for _, v := range s.Volumes {
		if v.Type == types.VolumeTypeBind {
			dirs = append(dirs, v.Source)
		}
	}
	return dirs
}
