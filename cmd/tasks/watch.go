package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/spf13/cobra"

	"tasks/executor/watch"
	"tasks/hclspec"
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
				return a.printPlan(func(ctx context.Context) (*prepared, error) { return a.prepare(ctx, target) })
			}
			return a.watch(target)
		},
	}
	cmd.Flags().SetInterspersed(false)
	options = newRunOptions(cmd.Flags(), removed)
	return cmd
}

// watching is one `tasks watch`.
type watching struct {
	app     *app
	target  hclspec.Target
	watcher *watch.Watcher
	session *recorded
	// good is the last workspace without mistakes: a broken file is told of, and this one stays.
	good    *workspace
	signals chan os.Signal
}

// watch is `tasks watch`. Mistakes at the start end it; later ones are told, and it goes on.
func (a *app) watch(target hclspec.Target) error {
	if err := a.canShow(); err != nil {
		return err
	}
	a.mayKeep = true
	signals := listen() // to the very end: one more Ctrl-C between the last word and the exit changes no code
	w := &watching{app: a, target: target, signals: make(chan os.Signal, signalBacklog)}
	defer func() {
		if w.session == nil {
			a.leaveUnused(signals)
		}
	}()
	first, err := interruptible(signals, a.confirmed(a.flags.yes, func(ctx context.Context) (*prepared, error) { return a.prepare(ctx, target) }))
	if err != nil {
		return err
	}
	if task := first.spec.Tasks[first.spec.Wanted[0]]; task.Detach {
		return usageError("task %s has detach = true: a command that nobody stays with cannot be watched", task.Name)
	}
	rules, err := a.watchRules(first)
	if err != nil {
		return err
	}
	w.good = first.ws
	if w.watcher, err = watch.New(rules, debounce(first)); err != nil {
		return &exitError{code: codeRunFailed, err: err}
	}
	defer w.watcher.Close()
	console := a.console(first.spec, func(err error) string { return a.failureText(w.good.file.Files())(err) })
	console.In, console.Terminal = nil, nil // the keyboard is not the command's
	if w.session, err = a.recorded(first.ws.inputs.Root, console, a.flags.records); err != nil {
		return err
	}
	defer w.session.close(w.signals)
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	go w.listen(signals, cancel)
	return w.loop(ctx, first)
}

func (w *watching) loop(ctx context.Context, first *prepared) error {
	err := watch.LoopWith(ctx, w.watcher.Run(ctx), watch.LoopOptions{Root: w.good.inputs.Root}, func(ctx context.Context, batch *watch.Batch) error {
		p := first
		if batch != nil {
			w.head(batch)
			p = w.again(ctx)
		}
		if p != nil {
			w.once(ctx, p)
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
func (w *watching) listen(signals <-chan os.Signal, cancel context.CancelCauseFunc) {
	ending := false
	for sig := range signals {
		if !ending && ends(sig) {
			ending = true
			cancel(fmt.Errorf("%s", sig))
			continue
		}
		select {
		case w.signals <- sig:
		default: // nothing runs any more
		}
	}
}

// once runs a plan to its end. Its failure is told, and is no reason to stop watching.
func (w *watching) once(ctx context.Context, p *prepared) {
	w.session.console.Default = p.spec.OutputStyle
	result := w.session.Run(ctx, p.plan, w.signals)
	if ctx.Err() == nil {
		w.tell("exit code %d; waiting for changes (Ctrl-C ends the watch)", result.Code)
	}
}

// again plans anew. A file that is broken now is told of, and the last good one planned with.
func (w *watching) again(ctx context.Context) *prepared {
	p, err := w.app.prepare(ctx, w.target)
	if err == nil {
		w.good = p.ws
		w.follow(p)
		return p
	}
	if ctx.Err() != nil {
		return nil
	}
	w.report(err)
	p, err = w.good.prepare(ctx, []hclspec.Target{w.target})
	if err != nil {
		w.report(err)
		return nil
	}
	w.tell("going on with the files as they were")
	return p
}

// follow watches what the new plan is made from.
func (w *watching) follow(p *prepared) {
	rules, err := w.app.watchRules(p)
	if err == nil {
		err = w.watcher.Swap(rules)
	}
	if err != nil {
		w.report(err)
	}
}

func (w *watching) report(err error) {
	if exit, ok := errors.AsType[*exitError](err); ok && exit.err == nil {
		return // told already
	}
	fmt.Fprintln(w.app.err(), "tasks: "+err.Error())
}

func (w *watching) tell(format string, args ...any) {
	fmt.Fprintf(w.app.stderr, "watch %s  %s\n", w.target.Name, fmt.Sprintf(format, args...))
}

// head tells what a rerun is for.
func (w *watching) head(batch *watch.Batch) {
	if batch.Err != nil {
		w.report(batch.Err)
	}
	if batch.Overflow {
		w.tell("changed: more than the system could tell")
		return
	}
	w.tell("changed: %s", describe(batch.Changes))
}

// defaultDebounce is the quiet interval that ends a batch of changes where the task says nothing.
const defaultDebounce = 50 * time.Millisecond

func debounce(p *prepared) time.Duration {
	if block := p.spec.Tasks[p.spec.Wanted[0]].Watch; block != nil {
		return block.Debounce
	}
	return defaultDebounce
}

// described is how many changed files a rerun is headed by.
const described = 3

func describe(changes []string) string {
	if len(changes) <= described {
		return strings.Join(changes, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(changes[:described], ", "), len(changes)-described)
}

// watchRules say which files count for a task: its watch block's paths, else its inputs, else the bind mounts and build
// contexts of its service; always the files that the plan was made from.
func (a *app) watchRules(p *prepared) (watch.Rules, error) {
	task := p.spec.Tasks[p.spec.Wanted[0]]
	rules := watch.Rules{Root: p.ws.inputs.Root, Files: p.sourceFiles()}
	if task.Watch != nil {
		rules.Paths, rules.Ignore = below(task.Dir, task.Watch.Paths), below(task.Dir, task.Watch.Ignore)
	}
	if len(rules.Paths) == 0 {
		rules.Paths = below(task.Dir, withTrees(task.Inputs))
		rules.Ignore = append(rules.Ignore, below(task.Dir, withTrees(task.Outputs))...)
	}
	if len(rules.Paths) > 0 {
		return rules, nil
	}
	if rules.Dirs = p.inputsOf(task); len(rules.Dirs) == 0 {
		return rules, usageError("task %s (%s:%d) has nothing to watch: give it `watch { paths = [\"**/*.go\"] }` or `inputs`, or a service with a build context or bind mounts",
			task.Name, task.DeclRange.Filename, task.DeclRange.Start.Line)
	}
	return rules, nil
}

// withTrees adds what lies below each glob: an input that is a directory stands for all in it.
func withTrees(globs []string) []string {
	var out []string
	for _, g := range globs {
		out = append(out, g, filepath.Join(g, "**"))
	}
	return out
}

// below makes globs start at a directory.
func below(dir string, globs []string) []string {
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
func (p *prepared) sourceFiles() []string {
	// What is included and what gives values to variables is among them, as messages call it.
	files := p.ws.app.paths(slices.Sorted(maps.Keys(p.ws.file.Files())))
	for _, task := range p.spec.Tasks {
		files = append(files, task.EnvFiles...)
	}
	for _, project := range p.projects {
		files = append(files, project.Model().ComposeFiles...)
	}
	return files
}

// inputsOf are the directories that a task's container is made from or sees.
func (p *prepared) inputsOf(task *hclspec.Task) []string {
	if task.Kind != hclspec.Service {
		return nil
	}
	s := p.projects[planner.ScopeOf(task)].Model().Services[task.Service]
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
