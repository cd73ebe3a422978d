package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"

	"tasks/executor/watch"
	"tasks/internal/interrupt"
	"tasks/internal/view"
	"tasks/internal/workspace"
)

// pollInterval is the interval between two readings of the directories under `poll`.
const pollInterval = time.Second

// watchFlags are the flags of `tasks watch` alone.
type watchFlags struct {
	explain, notify, exitOnError bool
	exitAfter                    int
}

func newWatchCommand(a *app) *cobra.Command {
	var options *runOptions
	var flags watchFlags
	cmd := &cobra.Command{
		Use: "watch [flags] TASK [WORDS...] [::: TASK [WORDS...]]...",

		ValidArgsFunction: completer{a}.completeTasks,
		Short:             "Run a task again whenever its files change",
		RunE: func(_ *cobra.Command, args []string) error {
			if flags.exitAfter < 0 {
				return usageError("--exit-after %d: it is a number of runs, at least 1", flags.exitAfter)
			}
			request, err := newTargetRequest(a, "watch", args, options)
			switch {
			case err != nil:
				return err
			case a.flags.dryRun:
				return printPlan(a, request.plan)
			}
			return runWatch(a, request, options.noticeOptions(a), flags)
		},
	}
	set := cmd.Flags()
	set.SetInterspersed(false)
	set.BoolVar(&flags.explain, "explain", false, "print for each changed file which rule takes or ignores it")
	set.BoolVar(&flags.notify, "notify", false, "send a notification at the end of each run")
	set.IntVar(&flags.exitAfter, "exit-after", 0, "end after `N` runs, with the exit code of the last")
	set.BoolVar(&flags.exitOnError, "exit-on-error", false, "end after the first run that fails, with its exit code")
	options = newRunOptions(set, removeContainer)
	return cmd
}

// watchSession is one call of `tasks watch`.
type watchSession struct {
	session
	request *targetRequest
	flags   watchFlags
	watcher *watch.Watcher
	output  *view.Output
	display *workspace.WatchedDisplay
	options workspace.WatchOptions
	// lastValid is the last workspace without errors. After an error in the files, watch keeps on with lastValid.
	lastValid *workspace.Workspace
	// full is the last run of all targets, plan what the watcher observes for the run.
	full *workspace.Run
	plan workspace.WatchPlan
	root string
	// outputs are the outputs of dependencies. The loop reads them during a run.
	outputs atomic.Pointer[workspace.DependencyOutputs]
	// stale are the images to build again.
	stale workspace.StaleImages
	// early are the snapshots for the next plan.
	early workspace.EarlySnapshots
	// unfinished are the task runs that a change or the failure of another task has stopped. They run again with the next
	// batch.
	unfinished []string
	// runSignals are the signals for the current run.
	runSignals chan os.Signal
	// runs is the number of ended runs, code the exit code of the last.
	runs, code int
	lastRun    time.Duration
	hasKeys    bool
}

// runWatch performs `tasks watch`. An error of the first plan ends the command; later errors are only printed.
func runWatch(a *app, request *targetRequest, notices view.NoticeOptions, flags watchFlags) error {
	if err := a.checkProgressTTY(); err != nil {
		return err
	}
	keepHeapSmall()
	signals := a.notifySignals() // until the exit: a late Ctrl-C must not change the exit code
	defer signals.AwaitForcedEnd()
	w := &watchSession{
		session: session{app: a, signals: signals}, request: request, flags: flags,
		runSignals: make(chan os.Signal, cap(signals.C)),
	}
	request.options.Stale, request.options.Early = &w.stale, &w.early
	closeSignals := signals.C
	defer func() { w.close(closeSignals) }()
	first, err := interrupt.Do(signals.C, a.withConfirmation(request.plan))
	if err != nil {
		return err
	}
	if err := w.open(first); err != nil {
		return err
	}
	defer w.watcher.Close()
	failureText := func(err error) string { return view.FailureText(w.lastValid.SourceFiles())(err) }
	w.output = a.newOutput(first.Spec, notices, failureText)
	w.output.In, w.output.Terminal = nil, nil // the keyboard belongs to the watch
	w.lines().HoldVerdict()
	w.display = &workspace.WatchedDisplay{Display: w.output, OnBuilt: w.stale.Built}
	if flags.exitAfter != 1 {
		w.standbys = &workspace.StandbyOptions{}
	}
	if flags.explain && w.standbys != nil {
		w.standbys.Explain = w.lines().PrintStandby
	}
	if err := w.startWith(first.Workspace.Root(), w.output, w.display); err != nil {
		return err
	}
	closeSignals = w.runSignals
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	go w.forwardSignals(signals.C, cancel)
	controls, closeKeys := w.openKeys(func() { cancel(errors.New("q")) })
	defer closeKeys()
	return w.loop(ctx, first, controls)
}

// open starts the watcher for the first plan.
func (w *watchSession) open(first *workspace.Run) (err error) {
	for _, name := range workspace.WatchedRuns(first.Spec) {
		if task := first.Spec.Tasks[name]; task.Detach {
			return usageError("task %s has detach = true: a command that nobody stays with cannot be watched", task.Name)
		}
	}
	if w.plan, err = first.WatchPlan(); err != nil {
		return err
	}
	w.lastValid, w.full, w.root, w.options = first.Workspace, first, first.Workspace.Root(), first.WatchOptions()
	w.outputs.Store(first.DependencyOutputs())
	if w.options.Poll {
		w.watcher, err = watch.NewPolling(w.rules(), w.options.Debounce, pollInterval)
	} else {
		w.watcher, err = watch.New(w.rules(), w.options.Debounce)
	}
	if err != nil {
		return runFailed(err)
	}
	return w.app.report(first.Workspace, first.UnmatchedGlobs(w.plan, w.watcher.Unmatched()), nil)
}

// loop performs the first plan, and a new plan after each batch of changes.
func (w *watchSession) loop(ctx context.Context, first *workspace.Run, controls <-chan watch.Control) error {
	options := watch.LoopOptions{
		Root: w.root, Debounce: w.options.Debounce, OnBusy: w.options.OnBusy,
		SkipInitial: w.options.SkipInitial, OnOwnWrites: w.lines().PrintOwnWrites, IsOutput: w.isOutput,
	}
	if w.flags.explain {
		options.Explain = w.lines().PrintIgnored
	}
	if options.SkipInitial {
		w.lines().PrintWaiting()
	}
	hooks := watch.ControlHooks{OnPause: w.lines().PrintPause, OnHelp: w.lines().PrintKeys}
	w.watcher.OnBegin = func() { w.early.Begin(ctx) }
	batches := watch.WithControls(ctx, w.watcher.Run(ctx), controls, hooks)
	err := watch.LoopWith(ctx, batches, options, func(ctx context.Context, batch *watch.Batch) error {
		p := first
		if batch != nil {
			p = w.replan(ctx, batch)
		}
		if p == nil {
			return nil
		}
		return w.runOnce(ctx, p)
	})
	if err != nil {
		return runFailed(err)
	}
	if w.isOver() {
		return exitStatus(w.code)
	}
	return nil
}

// isOutput reports whether a dependency of the watched tasks declares a file as an output.
func (w *watchSession) isOutput(file string) bool {
	return w.outputs.Load().Has(filepath.Join(w.root, filepath.FromSlash(file)))
}

// forwardSignals ends the watch at the first signal to stop. All other signals go to the current run: the second
// signal to stop kills the command.
func (w *watchSession) forwardSignals(signals <-chan os.Signal, cancel context.CancelCauseFunc) {
	isStopping := false
	for sig := range signals {
		if !isStopping && interrupt.IsStop(sig) {
			isStopping = true
			cancel(&interrupt.Error{Signal: sig})
			continue
		}
		select {
		case w.runSignals <- sig:
		default: // no run reads signals any more
		}
	}
}

// runOnce performs a plan. A failure is printed, and the watch goes on. A lost reader of stdout ends the watch.
func (w *watchSession) runOnce(ctx context.Context, p *workspace.Run) error {
	w.stale.Planned(p.Plan)
	w.early.SetRunning(true)
	result := w.Run(ctx, p.Plan, w.runSignals)
	w.early.SetRunning(false)
	w.lastRun = result.Elapsed
	if result.Code == codeReaderGone {
		if err := w.app.printer.CheckStdout(); err != nil {
			return err
		}
	}
	w.unfinished = w.display.Unfinished(p.Spec)
	if ctx.Err() != nil {
		w.lines().PrintRunVerdict()
		return nil
	}
	w.runs, w.code = w.runs+1, result.Code
	if w.flags.notify {
		w.lines().Notify(result.Code)
	}
	if w.isOver() {
		w.lines().PrintRunVerdict()
		return watch.ErrEnd
	}
	w.lines().PrintExitCode(result.Code)
	return nil
}

// isOver reports whether a flag ends the watch after the last run.
func (w *watchSession) isOver() bool {
	return w.flags.exitAfter > 0 && w.runs >= w.flags.exitAfter || w.flags.exitOnError && w.runs > 0 && w.code != 0
}

// replan plans the task runs that a batch concerns, with the changed files. After an error, replan plans with the last
// valid files.
func (w *watchSession) replan(ctx context.Context, batch *watch.Batch) *workspace.Run {
	runs := w.affectedRuns(batch)
	w.printHeader(batch, runs)
	options := w.request.options.ForRerun()
	p, isPart, err := w.planRuns(ctx, runs, options, func() (*workspace.Run, error) {
		return w.request.evaluate(w.app.config().Writing())
	})
	if err == nil {
		w.lastValid = p.Workspace
		if !isPart {
			w.update(p)
		}
		return p
	}
	if ctx.Err() != nil {
		return nil
	}
	w.lines().RecordError(err)
	w.app.printError(err)
	p, _, err = w.planRuns(ctx, runs, options, func() (*workspace.Run, error) {
		return evaluateTargets(w.app, w.lastValid, w.request.targets)
	})
	if err != nil {
		w.app.printError(err)
		return nil
	}
	w.lines().PrintFallback()
	return p
}

// planRuns evaluates the targets and plans some of the runs; without runs, all.
func (w *watchSession) planRuns(
	ctx context.Context, runs []string, options workspace.PlanOptions, evaluate func() (*workspace.Run, error),
) (p *workspace.Run, isPart bool, err error) {
	if p, err = evaluate(); err != nil {
		return nil, false, err
	}
	if len(runs) > 0 {
		isPart = p.Limit(runs)
	}
	return p, isPart, makePlan(ctx, w.app, p, options)
}

// affectedRuns returns the task runs that a batch concerns, with the runs that have not ended before. The files
// of changed images are marked. No runs stand for all.
func (w *watchSession) affectedRuns(batch *watch.Batch) []string {
	if batch.Overflow || batch.Err != nil {
		w.stale.ChangedAll()
	}
	runs := slices.Clone(w.unfinished)
	for _, change := range batch.Changes {
		w.stale.Changed(filepath.Join(w.root, filepath.FromSlash(change)))
		runs = append(runs, w.plan.RunsOf(w.full.Spec, w.watcher.UnitsOf(change))...)
	}
	if batch.Overflow || batch.Err != nil || batch.IsRequested {
		return nil
	}
	slices.Sort(runs)
	return slices.Compact(runs)
}

// update observes the files of a new plan of all targets.
func (w *watchSession) update(p *workspace.Run) {
	w.output.SetSpec(p.Spec)
	plan, err := p.WatchPlan()
	if err != nil {
		w.app.printError(err)
		return
	}
	isSame := reflect.DeepEqual(plan, w.plan)
	w.full, w.plan = p, plan
	w.outputs.Store(p.DependencyOutputs())
	if isSame {
		return // setting the rules reads all directories again
	}
	if err = w.watcher.SetRules(w.rules()); err == nil {
		err = w.app.report(p.Workspace, p.UnmatchedGlobs(plan, w.watcher.Unmatched()), nil)
	}
	if err != nil {
		w.app.printError(err)
	}
}

// rules returns the rules of the plan. With --explain, each verdict is printed.
func (w *watchSession) rules() watch.Rules {
	rules := w.plan.Rules
	rules.OwnFiles = w.app.flags.records.Resolve(w.app.config().AbsolutePath).Paths()
	rules.OwnStreams = view.OutputFiles(w.app.printer)
	if w.flags.explain {
		rules.Explain = func(path string, v watch.Verdict) { w.lines().PrintVerdict(path, v.IsIncluded, v.Rule) }
	}
	return rules
}

// lines returns the printer for lines about the watched tasks.
func (w *watchSession) lines() view.WatchLines {
	lines := view.WatchLines{Printer: w.app.printer, HasKeys: w.hasKeys, Record: w.RecordWatch}
	for _, target := range w.request.targets {
		lines.Tasks = append(lines.Tasks, target.Name)
	}
	return lines
}

// printHeader prints the changes before a rerun.
func (w *watchSession) printHeader(batch *watch.Batch, runs []string) {
	if w.options.Clear {
		w.lines().Clear()
	}
	if batch.Err != nil {
		w.lines().RecordError(batch.Err)
		w.app.printError(batch.Err)
	}
	if w.full != nil && len(runs) == len(workspace.WatchedRuns(w.full.Spec)) {
		runs = nil
	}
	lines := w.lines()
	lines.LastRun = w.lastRun
	switch {
	case batch.Overflow:
		lines.PrintOverflow()
	case len(batch.Changes) > 0:
		lines.PrintChanges(batch.Changes, runs)
	case batch.IsRequested:
		lines.PrintRequested()
	}
}
