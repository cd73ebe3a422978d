package main

import (
	"context"
	"os"

	"github.com/spf13/cobra"

	"tasks/hclspec"
	"tasks/internal/interrupt"
	"tasks/internal/terminal"
	"tasks/internal/view"
	"tasks/internal/workspace"
)

func newRunCommand(a *app) *cobra.Command {
	var options *runOptions
	cmd := &cobra.Command{
		Use: "run [flags] TASK [WORDS...] [::: TASK [WORDS...]]...",

		ValidArgsFunction: completer{a}.completeTasks,
		Short:             "Run a task, with the services and tasks that it needs",
		RunE: func(_ *cobra.Command, args []string) error {
			request, err := newTargetRequest(a, "run", args, options)
			if err != nil {
				return err
			}
			return planAndRun(a, options, request.plan)
		},
	}
	cmd.Flags().SetInterspersed(false)
	options = newRunOptions(cmd.Flags(), removeContainer)
	return cmd
}

// planFunc opens a workspace and plans a run.
type planFunc func(context.Context, workspace.Config) (*workspace.Run, error)

// planAndRun plans a run and performs the plan; with --dry-run, planAndRun only prints the plan.
func planAndRun(a *app, options *runOptions, plan planFunc) error {
	if a.flags.dryRun {
		return printPlan(a, plan)
	}
	if err := a.checkProgressTTY(); err != nil {
		return err
	}
	signals := a.notifySignals() // until the exit: a late Ctrl-C must not change the exit code
	defer signals.AwaitForcedEnd()
	s := session{app: a, signals: signals}
	defer s.close(signals.C)
	p, err := interrupt.Do(signals.C, a.withConfirmation(plan))
	if err != nil {
		return err
	}
	output := a.newOutput(p.Spec, options.noticeOptions(a), view.FailureText(p.Workspace.SourceFiles()))
	if t, ok := output.Terminal.(*terminal.Terminal); ok {
		defer t.Restore() // for a panic of the loop; workers restore the terminal themselves
		signals.BeforeForcedEnd(func() { _ = t.Restore() })
	}
	if err := s.start(p.Workspace.Root(), output); err != nil {
		return err
	}
	return exitStatus(s.Run(context.Background(), p.Plan, signals.C).Code)
}

// session is a [workspace.Session] with the release of leases after an end before the start.
type session struct {
	*workspace.Session
	app     *app
	signals *interrupt.Signals
	// stopCtx ends the grace period of stopping containers.
	stopCtx    context.Context
	cancelStop context.CancelFunc
	// standbys is nil outside of a watch.
	standbys *workspace.StandbyOptions
}

// start starts the session for the project in root.
func (s *session) start(root string, output *view.Output) error {
	return s.startWith(root, output, output)
}

// startWith is start with another display in front of the output.
func (s *session) startWith(root string, output *view.Output, display workspace.Display) error {
	a := s.app
	s.stopCtx, s.cancelStop = context.WithCancel(s.signals.Hurry())
	options := workspace.SessionOptions{
		Display: display, Cleanup: cleanupObserver{a}, Mask: a.printer.Mask,
		Records:     a.flags.records.WithStdout(a.printer.Stdout()),
		HasTerminal: output.Terminal != nil, WaitTimeout: a.flags.waitTimeout,
		Jobs: a.flags.jobs, KeepGoing: a.flags.keepGoing, Standbys: s.standbys,
	}
	if terminal.New(a.stdin, a.stdin).IsInput() {
		options.HostTerminal = a.stdin
	}
	started, err := interrupt.Do(s.signals.C, func(ctx context.Context) (*workspace.Session, error) {
		return workspace.NewSession(ctx, s.stopCtx, a.config().Writing(), root, options)
	})
	if err != nil {
		return err
	}
	s.Session = started
	s.signals.Hold(started.HasPendingFinally)
	s.signals.BeforeForcedEnd(func() { view.PrintForcedEnd(a.printer, started.RemovalCommands()) })
	return nil
}

// close closes the session, or releases the leases of a plan without a session. A signal ends the grace period of
// stopping containers.
func (s *session) close(signals <-chan os.Signal) {
	if s.stopCtx == nil {
		s.stopCtx, s.cancelStop = context.WithCancel(s.signals.Hurry())
	}
	defer s.cancelStop()
	go func() {
		if sig := interrupt.WaitStop(s.stopCtx, signals); sig != nil {
			s.cancelStop()
			view.PrintReleasing(s.app.printer, sig.String())
		}
	}()
	if s.Session == nil {
		s.app.coordination.ReleaseUnstarted(s.stopCtx, cleanupObserver{s.app})
		return
	}
	s.Close()
}

// newOutput returns the output of a run. failureText renders the error of a failed step.
func (a *app) newOutput(spec *hclspec.Spec, notices view.NoticeOptions, failureText func(error) string) *view.Output {
	notices.Color = a.usesColor()
	return a.printer.NewOutput(spec, view.OutputOptions{
		NoticeOptions: notices, Style: hclspec.OutputStyle(a.flags.outputStyle),
		IsLive: a.hasLiveDisplay(), FailureText: failureText, IsStdoutTaken: a.flags.records.UsesStdout(),
	})
}

// withConfirmation plans a run of a writing command, and then asks the questions of the tasks. Nothing has changed
// by then.
func (a *app) withConfirmation(plan planFunc) func(context.Context) (*workspace.Run, error) {
	return func(ctx context.Context) (*workspace.Run, error) {
		p, err := plan(ctx, a.config().Writing())
		if err != nil {
			return nil, err
		}
		for _, task := range p.Plan.Tasks() {
			if task.Confirm == "" {
				continue
			}
			if err := a.askConfirmation(view.ConfirmQuestion(task.Name, task.Confirm)); err != nil {
				return nil, err
			}
		}
		return p, nil
	}
}
