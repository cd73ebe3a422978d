package main

import (
	"context"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"tasks/executor/watch"
	"tasks/internal/view"
	"tasks/internal/workspace"
)

func newWatchCommand(a *app) *cobra.Command {
	var options *runOptions
	cmd := &cobra.Command{
		Use: "watch [flags] TASK [WORDS...]",

		ValidArgsFunction: completer{a}.completeTasks,
		Short:             "Run a task again whenever its files change",
		Long: "Run a task, and again whenever its files change: the running command is stopped, and a fresh " +
			"container gets the\n" +
			"" +
			"next one. Services stay up. Ctrl-C ends the watch and leaves no one-off behind.",
		RunE: func(_ *cobra.Command, args []string) error {
			request, err := newTargetRequest(a, "watch", args, options)
			switch {
			case err != nil:
				return err
			case len(request.targets) > 1:
				return usageError("`tasks watch` takes one task, and here are %d", len(request.targets))
			case a.flags.dryRun:
				return printPlan(a, request.plan)
			}
			return runWatch(a, request, options.noticeOptions(a))
		},
	}
	cmd.Flags().SetInterspersed(false)
	options = newRunOptions(cmd.Flags(), removeContainer)
	return cmd
}

// watchSession is one call of `tasks watch`.
type watchSession struct {
	session
	request *targetRequest
	watcher *watch.Watcher
	output  *view.Output
	// lastValid is the last workspace without errors. After an error in the files, watch keeps on with lastValid.
	lastValid *workspace.Workspace
	// runSignals are the signals for the current run.
	runSignals chan os.Signal
}

// runWatch performs `tasks watch`. An error of the first plan ends the command; later errors are only printed.
func runWatch(a *app, request *targetRequest, notices view.NoticeOptions) error {
	if err := a.checkProgressTTY(); err != nil {
		return err
	}
	signals := notifySignals() // until the exit: a late Ctrl-C must not change the exit code
	w := &watchSession{session: session{app: a}, request: request, runSignals: make(chan os.Signal, signalBacklog)}
	closeSignals := signals
	defer func() { w.close(closeSignals) }()
	first, err := runInterruptible(signals, a.withConfirmation(request.plan))
	if err != nil {
		return err
	}
	if task := first.Spec.Tasks[first.Spec.Targets[0]]; task.Detach {
		return usageError("task %s has detach = true: a command that nobody stays with cannot be watched", task.Name)
	}
	rules, err := first.WatchRules()
	if err != nil {
		return err
	}
	w.lastValid = first.Workspace
	if w.watcher, err = watch.New(rules, first.Debounce()); err != nil {
		return runFailed(err)
	}
	defer w.watcher.Close()
	failureText := func(err error) string { return view.FailureText(w.lastValid.SourceFiles())(err) }
	w.output = a.newOutput(first.Spec, notices, failureText)
	w.output.In, w.output.Terminal = nil, nil // the command gets no keyboard
	if err := w.start(first.Workspace.Root(), w.output); err != nil {
		return err
	}
	closeSignals = w.runSignals
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	go w.forwardSignals(signals, cancel)
	return w.loop(ctx, first)
}

// loop performs the first plan, and a new plan after each batch of changes.
func (w *watchSession) loop(ctx context.Context, first *workspace.Run) error {
	options := watch.LoopOptions{Root: w.lastValid.Root()}
	return runFailed(watch.LoopWith(ctx, w.watcher.Run(ctx), options, func(ctx context.Context, batch *watch.Batch) error {
		p := first
		if batch != nil {
			w.printHeader(batch)
			p = w.replan(ctx)
		}
		if p == nil {
			return nil
		}
		return w.runOnce(ctx, p)
	}))
}

// forwardSignals ends the watch at the first signal to stop. All other signals go to the current run: the second
// signal to stop kills the command.
func (w *watchSession) forwardSignals(signals <-chan os.Signal, cancel context.CancelCauseFunc) {
	isStopping := false
	for sig := range signals {
		if !isStopping && isStopSignal(sig) {
			isStopping = true
			cancel(fmt.Errorf("%s", sig))
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
	w.output.DefaultStyle = p.Spec.OutputStyle
	result := w.Run(ctx, p.Plan, w.runSignals)
	if result.Code == codeReaderGone {
		if err := w.app.printer.CheckStdout(); err != nil {
			return err
		}
	}
	if ctx.Err() == nil {
		w.lines().PrintExitCode(result.Code)
	}
	return nil
}

// replan plans with the changed files. After an error, replan plans with the last valid files.
func (w *watchSession) replan(ctx context.Context) *workspace.Run {
	p, err := w.request.plan(ctx, w.app.config().Writing())
	if err == nil {
		w.lastValid = p.Workspace
		w.updateWatches(p)
		return p
	}
	if ctx.Err() != nil {
		return nil
	}
	w.app.printError(err)
	p, err = planTargets(ctx, w.app, w.lastValid, w.request.targets, w.request.options)
	if err != nil {
		w.app.printError(err)
		return nil
	}
	w.lines().PrintFallback()
	return p
}

// updateWatches watches the source files of a new plan.
func (w *watchSession) updateWatches(p *workspace.Run) {
	rules, err := p.WatchRules()
	if err == nil {
		err = w.watcher.SetRules(rules)
	}
	if err != nil {
		w.app.printError(err)
	}
}

// lines returns the printer for lines about the watched task.
func (w *watchSession) lines() view.WatchLines {
	return view.WatchLines{Printer: w.app.printer, Task: w.request.targets[0].Name}
}

// printHeader prints the changes before a rerun.
func (w *watchSession) printHeader(batch *watch.Batch) {
	if batch.Err != nil {
		w.app.printError(batch.Err)
	}
	if batch.Overflow {
		w.lines().PrintOverflow()
		return
	}
	w.lines().PrintChanges(batch.Changes)
}
