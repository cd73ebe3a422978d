package main

import (
	"context"
	"crypto/rand"

	"github.com/spf13/cobra"

	"tasks/executor"
	"tasks/executor/command"
	"tasks/executor/docker"
	"tasks/executor/host"
	"tasks/hclspec"
	"tasks/internal/composeproject"
	"tasks/internal/fingerprint"
	"tasks/internal/terminal"
	"tasks/internal/view"
	"tasks/internal/workspace"
)

func newRunCommand(a *app) *cobra.Command {
	var options *runOptions
	cmd := &cobra.Command{
		Use: "run [flags] TASK [WORDS...] [::: TASK [WORDS...]]...",

		ValidArgsFunction: a.completeTasks,
		Short:             "Run a task, with the services and tasks that it needs",
		Long:              "Run a task, or several one after the other. Flags before the task's name are those of tasks; everything after it is\nthe task's, up to the next :::.",
		RunE: func(_ *cobra.Command, args []string) error {
			targets, err := a.targets("run", args, options)
			if err != nil {
				return err
			}
			return a.planAndRun(options, func(ctx context.Context) (*PlannedRun, error) { return a.planTargets(ctx, targets...) })
		},
	}
	cmd.Flags().SetInterspersed(false)
	options = newRunOptions(cmd.Flags(), removeContainer)
	return cmd
}

// planAndRun makes a plan and runs it, or prints it where that is all that is wanted.
func (a *app) planAndRun(options *runOptions, makePlan func(context.Context) (*PlannedRun, error)) error {
	a.settings = options.settings(a)
	if a.flags.dryRun {
		return a.printPlan(makePlan)
	}
	if err := a.checkProgressTTY(); err != nil {
		return err
	}
	a.writesState = true
	signals := notifySignals() // to the very end: one more Ctrl-C between the last word and the exit changes no code
	var session *Session
	defer func() {
		if session == nil {
			a.releaseUnstarted(signals)
		}
	}()
	p, err := runInterruptible(signals, a.withConfirmation(a.flags.yes, makePlan))
	if err != nil {
		return err
	}
	output := a.newOutput(p.Spec, view.FailureText(p.Workspace.File.SourceFiles()))
	if t, ok := output.Terminal.(*terminal.Terminal); ok {
		defer t.Restore() // workers do it themselves; this is for a panic of the run's own loop
	}
	session, err = a.newSession(p.Workspace.Inputs.Root, output, a.flags.records)
	if err != nil {
		return err
	}
	defer session.Close(signals)
	result := session.Run(context.Background(), p.Plan, signals)
	if result.Code == 0 {
		return nil
	}
	return &exitError{code: result.Code}
}

// session is what plans are run with. An engine that cannot even be named keeps no host task from running: a plan that
// needs one has failed before.
func (a *app) newExecutorSession(root string, output *view.Output, observer executor.Observer) *executor.Session {
	store := a.coordStore(root)
	if warning := store.UnsharedWarning(); warning != "" {
		a.printWarning(warning)
	}
	orphans := a.killOrphans(context.Background(), store)
	journal := store.Journal()
	runner := host.Runner{OnStart: journal.RecordCommand}
	if terminal.New(a.stdin, a.stdin).IsInput() {
		runner.Terminal = a.stdin
	}
	ownership := workspace.SessionOwnership(journal)
	cfg := executor.Config{
		Host: runner, Locks: store, Leases: store.Leases(), ExecJournal: journal, ContainerJournal: journal, Orphans: orphans,
		Ownership: ownership, Fingerprints: Fingerprints{fingerprint.New(store.Project)}, Observer: observer, Environ: a.environ,
		NewSlug: newSlug, WaitTimeout: a.flags.waitTimeout, Jobs: a.settings.jobs, KeepGoing: a.settings.keepGoing,
	}
	dockerEngine, err := a.connectEngine()
	if err == nil {
		cfg.Engine, cfg.Ownership.LeaseLocations = dockerEngine, store.Leases().Locations()
		if output.Terminal != nil {
			cfg.DetachKeys = a.detachKeys(dockerEngine)
		}
	}
	return executor.NewSession(cfg)
}

// newSlug makes the random part of names.
func newSlug() string { return composeproject.NewSlug(rand.Reader) }

// detachKeys are those of the docker command's configuration, where they are right.
func (a *app) detachKeys(engine *docker.Engine) string {
	keys, err := engine.DetachKeys()
	if err == nil && keys != "" {
		err = command.CheckDetachKeys(keys)
	}
	if err != nil {
		a.printWarning(err.Error())
		return ""
	}
	return keys
}

// newOutput returns the output of a run. failureText renders the error of a failed step.
func (a *app) newOutput(spec *hclspec.Spec, failureText func(error) string) *view.Output {
	notices := a.settings.display
	notices.Color = a.usesColor()
	return a.printer.NewOutput(spec, view.OutputOptions{
		NoticeOptions: notices, Style: hclspec.OutputStyle(a.settings.outputStyle), IsLive: a.hasLiveDisplay(), FailureText: failureText,
	})
}
