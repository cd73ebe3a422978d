package main

import (
	"context"
	"crypto/rand"
	"slices"

	"github.com/spf13/cobra"

	"tasks/executor"
	"tasks/executor/docker"
	"tasks/executor/host"
	"tasks/hclspec"
	"tasks/internal/composeproject"
	"tasks/internal/fingerprint"
	"tasks/internal/state"
	"tasks/internal/terminal"
	"tasks/internal/view"
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
			return a.perform(options, func(ctx context.Context) (*prepared, error) { return a.prepare(ctx, targets...) })
		},
	}
	cmd.Flags().SetInterspersed(false)
	options = newRunOptions(cmd.Flags(), removed)
	return cmd
}

// perform makes a plan and runs it, or prints it where that is all that is wanted.
func (a *app) perform(options *runOptions, prepare func(context.Context) (*prepared, error)) error {
	a.policy = options.policy(a)
	if a.flags.dryRun {
		return a.printPlan(prepare)
	}
	if err := a.canShow(); err != nil {
		return err
	}
	a.mayKeep = true
	signals := listen() // to the very end: one more Ctrl-C between the last word and the exit changes no code
	var session *recorded
	defer func() {
		if session == nil {
			a.leaveUnused(signals)
		}
	}()
	p, err := interruptible(signals, a.confirmed(a.flags.yes, prepare))
	if err != nil {
		return err
	}
	console := a.console(p.spec, a.failureText(p.ws.file.Files()))
	if t, ok := console.Terminal.(*terminal.Terminal); ok {
		defer t.Restore() // workers do it themselves; this is for a panic of the run's own loop
	}
	session, err = a.recorded(p.ws.inputs.Root, console, a.flags.records)
	if err != nil {
		return err
	}
	defer session.close(signals)
	result := session.Run(context.Background(), p.plan, signals)
	if result.Code == 0 {
		return nil
	}
	return &exitError{code: result.Code}
}

// session is what plans are run with. An engine that cannot even be named keeps no host task from running: a plan that
// needs one has failed before.
func (a *app) session(root string, console *view.Console, observer executor.Observer) *executor.Session {
	a.tellAside(root)
	notes := a.endOrphans(root)
	a.endExecs(context.Background(), notes)
	runner := host.Runner{Started: notes.Started}
	if terminal.New(a.stdin, a.stdout).IsInput() {
		runner.Terminal = a.stdin
	}
	leases, who := a.leasesOf(root), a.ownersOf(root)
	cfg := executor.Config{
		Host: runner, Locks: locks{state.Open(root), a.engineState()}, Leases: leases, Owners: who, Records: records{fingerprint.New(state.Open(root))}, Observer: observer, Environ: a.environ,
		Execs: execs{notes}, Containers: a.containerNotes(root), NewSlug: newSlug, WaitTimeout: a.flags.waitTimeout,
		Jobs: a.policy.jobs, KeepGoing: a.policy.keepGoing,
	}
	engine, err := a.connect()
	cfg.Left = left{notes, func() (executor.Engine, error) { return engine, err }}
	if err == nil {
		cfg.Engine, cfg.Owners.Leases = engine, leases.places()
		if console.Terminal != nil {
			cfg.DetachKeys = a.detachKeys(engine)
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
		err = executor.CheckDetachKeys(keys)
	}
	if err != nil {
		a.warn(err.Error())
		return ""
	}
	return keys
}

// console shows a run on this program's own streams.
func (a *app) console(spec *hclspec.Spec, failure func(error) string) *view.Console {
	looks := a.policy.looks
	looks.Color = a.colored()
	c := &view.Console{
		Plain: view.NewPlain(a.err(), looks, failure), Secrets: a.secrets.get,
		Wanted: writers(spec), Style: hclspec.OutputStyle(a.policy.outputStyle), Default: spec.OutputStyle, In: a.stdin, Out: a.stdout, Err: a.stderr,
	}
	if t := terminal.New(a.stdin, a.stdout); t.IsTerminal() {
		c.Terminal = t
	}
	a.showLive(c)
	return c
}

// writers are the tasks that stdout belongs to: those named, and the members of a named group.
func writers(spec *hclspec.Spec) []string {
	names := slices.Clone(spec.Wanted)
	for i := 0; i < len(names); i++ {
		if task := spec.Tasks[names[i]]; task.Kind == hclspec.Group {
			for _, dep := range task.DependsOn {
				if dep.Task != "" && !slices.Contains(names, dep.Task) {
					names = append(names, dep.Task)
				}
			}
		}
	}
	return names
}
