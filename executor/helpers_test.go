package executor_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"tasks/executor"
	"tasks/executor/command"
	"tasks/executor/engine"
	"tasks/executor/enginetest"
	"tasks/executor/step"
	"tasks/hclspec"
	"tasks/internal/composeproject"
	"tasks/planner"
	"tasks/planner/observed"
)

// rig is one project on an in-memory engine, in virtual time.
type rig struct {
	t        *testing.T
	engine   *enginetest.Memory
	project  *composeproject.Project
	host     *fakeHost
	observer *recorder
	signals  chan os.Signal
	slugs    atomic.Int64
	// ready is what the tasks file says of services' readiness, waitTimeout the flag.
	ready       map[string]*hclspec.Readiness
	waitTimeout time.Duration
	// owners say whose the things are.
	ownership observed.Ownership
	// jobs and keepGoing are the flags.
	jobs          int
	keepGoing     bool
	removeOrphans bool
}

// inVirtualTime runs a test in virtual time with a project, and fails where a goroutine is left at its end. Loading stays outside:
// it may use goroutines of its own.
func inVirtualTime(t *testing.T, yaml string, services []string, test func(*rig)) {
	t.Helper()
	project := load(t, yaml, services)
	synctest.Test(t, func(t *testing.T) {
		r := &rig{
			t: t, engine: enginetest.New(t), project: project, host: &fakeHost{},
			observer: &recorder{}, signals: make(chan os.Signal, 4),
		}
		for _, s := range project.Model().Services {
			r.engine.AddRemoteImage(project.ImageName(s), observed.Image{})
		}
		test(r)
	})
}

func load(t *testing.T, yaml string, services []string) *composeproject.Project {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "compose.yaml"), []byte(yaml), 0o644); err != nil {
		t.Fatal(err)
	}
	p, err := composeproject.Load(t.Context(), composeproject.Options{Name: "app", WorkingDir: dir, Environ: []string{}})
	if err != nil {
		t.Fatal(err)
	}
	if p, err = p.Select(services); err != nil {
		t.Fatal(err)
	}
	return p
}

// plan plans some tasks, the first of them wanted.
func (r *rig) plan(tasks ...*hclspec.Task) *planner.Plan {
	r.t.Helper()
	return r.planOn(r.engine, tasks...)
}

func (r *rig) planOn(e snapshotter, tasks ...*hclspec.Task) *planner.Plan {
	r.t.Helper()
	return r.planSequenceOn(e, [][]string{{tasks[0].Name}}, tasks...)
}

// planSequence plans some tasks that are asked for one after the other.
func (r *rig) planSequence(turns [][]string, tasks ...*hclspec.Task) *planner.Plan {
	r.t.Helper()
	return r.planSequenceOn(r.engine, turns, tasks...)
}

func (r *rig) planSequenceOn(e snapshotter, turns [][]string, tasks ...*hclspec.Task) *planner.Plan {
	r.t.Helper()
	spec := &hclspec.Spec{Targets: slices.Concat(turns...), Sequence: turns, Tasks: map[string]*hclspec.Task{}, Readiness: r.ready}
	for _, t := range tasks {
		spec.Tasks[t.Name] = t
	}
	snapshot, err := e.Snapshot(r.t.Context(), planner.QueryFor(spec, r.project))
	if err != nil {
		r.t.Fatal(err)
	}
	p, diags := planner.Build(planner.Input{
		Spec: spec, Project: r.project, Snapshot: snapshot, ProjectDir: "/src", Ownership: r.ownership, RemoveOrphans: r.removeOrphans,
	})
	if diags.HasErrors() {
		r.t.Fatal(diags)
	}
	return p
}

func (r *rig) session() *executor.Session { return r.sessionOn(r.engine) }

func (r *rig) sessionOn(engine engine.Engine) *executor.Session {
	return executor.NewSession(r.sessionConfig(engine))
}

func (r *rig) sessionConfig(engine engine.Engine) executor.Config {
	return executor.Config{
		Engine: engine, Host: r.host, Locks: &memoryLocks{}, Observer: r.observer, Ownership: r.ownership, Environ: []string{"PATH=/bin"},
		WaitTimeout: r.waitTimeout, Jobs: r.jobs, KeepGoing: r.keepGoing,
		NewSlug: func() string { return fmt.Sprintf("%012x%052x", r.slugs.Add(1), 0) },
	}
}

// run plans and runs.
func (r *rig) run(tasks ...*hclspec.Task) executor.Result {
	r.t.Helper()
	return r.session().Run(r.t.Context(), r.plan(tasks...), r.signals)
}

// after does something once the virtual clock has come so far.
func (r *rig) after(d time.Duration, do func()) { time.AfterFunc(d, do) }

// left fails the test unless the engine holds exactly these things.
func (r *rig) assertRemaining(want ...string) {
	r.t.Helper()
	got := r.engine.Remaining()
	slices.Sort(want)
	if !slices.Equal(got, want) {
		r.t.Errorf("left on the engine: %q; want %q", got, want)
	}
}

// assertCode fails the test unless the run ended with a code.
func (r *rig) assertCode(got executor.Result, want int) {
	r.t.Helper()
	if got.Code != want {
		r.t.Errorf("exit code %d (%v); want %d\n%s", got.Code, got.Err, want, strings.Join(r.observer.lines(), "\n"))
	}
}

// recorder is an observer that keeps everything.
type recorder struct {
	mu      sync.Mutex
	notices []executor.Notice
	out     bytes.Buffer
	errOut  bytes.Buffer
	in      io.Reader
}

func (r *recorder) Notice(n executor.Notice) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.notices = append(r.notices, n)
}

func (r *recorder) StreamsOf(*hclspec.Task) command.Streams {
	return command.Streams{In: r.in, Out: locked{&r.mu, &r.out}, Err: locked{&r.mu, &r.errOut}, Close: func() error { return nil }}
}

// output is the output of the commands so far.
func (r *recorder) output() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.out.String()
}

func (r *recorder) TerminalOf(*hclspec.Task) command.Terminal { return nil }

func (r *recorder) lines() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	names := map[executor.NoticeKind]string{
		executor.Started: "started", executor.Progressed: "progress", executor.Done: "done", executor.Failed: "failed",
		executor.Skipped: "skipped", executor.Warned: "warned", executor.Interrupted: "interrupted",
		executor.Answered: "answered", executor.Stopping: "stopping", executor.Cancelled: "cancelled",
	}
	var all []string
	for _, n := range r.notices {
		if n.Kind == executor.CleanupStarted || n.Kind == executor.CleanupEnded {
			continue // see cleanupLines
		}
		line := names[n.Kind]
		if n.Step != nil {
			line += " " + string(n.Step.ID)
		}
		if n.Verb != "" && n.Kind == executor.Done {
			line += " " + string(n.Verb)
		}
		all = append(all, strings.TrimSpace(line+" "+n.Text))
	}
	return all
}

// cleanupLines are the acts of cleanups: "remove container x begins", "remove container x ends".
func (r *recorder) cleanupLines() (lines []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, n := range r.notices {
		switch n.Kind {
		case executor.CleanupStarted:
			lines = append(lines, string(n.Verb)+" "+n.Text+" begins")
		case executor.CleanupEnded:
			lines = append(lines, string(n.Verb)+" "+n.Text+" ends")
		}
	}
	return lines
}

// has says whether a line was seen.
func (r *recorder) has(line string) bool { return slices.Contains(r.lines(), line) }

type locked struct {
	mu *sync.Mutex
	w  io.Writer
}

func (l locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}

// memoryLocks are locks within the process.
type memoryLocks struct {
	held sync.Map
	// crashed are those who died with a lock, by its name.
	crashed map[string]executor.HolderInfo
}

func (l *memoryLocks) Lock(ctx context.Context, name string) (func(), error) {
	gate, _ := l.held.LoadOrStore(name, make(chan struct{}, 1))
	select {
	case gate.(chan struct{}) <- struct{}{}:
		return func() { <-gate.(chan struct{}) }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (l *memoryLocks) LockFor(ctx context.Context, name string, wanted executor.LockRequest) (func(), error) {
	if dead, ok := l.crashed[name]; ok {
		wanted.OnStaleLock(dead)
	}
	loaded, _ := l.held.LoadOrStore(name, make(chan struct{}, 1))
	gate := loaded.(chan struct{})
	select {
	case gate <- struct{}{}:
		return func() { <-gate }, nil
	default:
		wanted.OnWait("somebody")
		return l.Lock(ctx, name)
	}
}

// fakeHost runs commands that are words: "sleep 2s", "exit 3", "print text", "ignore 10s" (signals), "trap 10s" (ends
// well at a signal), "flaky 2" (fails the first two times), joined by "then".
type fakeHost struct {
	mu      sync.Mutex
	started []command.HostCommand
	signals []string
}

func (h *fakeHost) Start(c command.HostCommand) (command.HostProcess, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if c.Args[0] == "missing" {
		return nil, &step.CodedError{Code: 127, Err: fmt.Errorf("cannot run %q: not found", c.Args[0])}
	}
	h.started = append(h.started, c)
	p := &fakeProcess{host: h, ended: make(chan struct{})}
	go p.run(c)
	return p, nil
}

type fakeProcess struct {
	host           *fakeHost
	once           sync.Once
	ended          chan struct{}
	code           int
	ignoresSignals atomic.Bool
	traps          atomic.Bool
}

func (p *fakeProcess) run(c command.HostCommand) {
	code := 0
	for i := 0; i+1 < len(c.Args); i += 3 {
		switch word := c.Args[i+1]; c.Args[i] {
		case "print":
			fmt.Fprintln(c.Streams.Out, word)
		case "flaky":
			if times, _ := strconv.Atoi(word); p.host.starts(c) <= times {
				code = 1
			}
		case "exit":
			code, _ = strconv.Atoi(word)
		case "ignore", "sleep", "trap":
			p.ignoresSignals.Store(c.Args[i] == "ignore")
			p.traps.Store(c.Args[i] == "trap")
			d, _ := time.ParseDuration(word)
			select {
			case <-time.After(d):
			case <-p.ended:
			}
		}
	}
	p.end(code)
}

// starts is how often a command was started.
func (h *fakeHost) starts(c command.HostCommand) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := 0
	for _, s := range h.started {
		if slices.Equal(s.Args, c.Args) {
			n++
		}
	}
	return n
}

// commands are what was started, in order.
func (h *fakeHost) commands() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var all []string
	for _, s := range h.started {
		all = append(all, strings.Join(s.Args, " "))
	}
	return all
}

func (p *fakeProcess) end(code int) {
	p.once.Do(func() { p.code = code; close(p.ended) })
}

func (p *fakeProcess) Signal(sig os.Signal) error {
	p.host.mu.Lock()
	p.host.signals = append(p.host.signals, sig.String())
	p.host.mu.Unlock()
	switch {
	case p.traps.Load():
		p.end(0)
	case !p.ignoresSignals.Load():
		p.end(128 + int(sig.(syscall.Signal)))
	}
	return nil
}

func (p *fakeProcess) Kill() error {
	p.end(137)
	return nil
}

func (p *fakeProcess) Wait() (int, error) {
	<-p.ended
	return p.code, nil
}

func oneOff(name, service string, depends ...hclspec.Dependency) *hclspec.Task {
	return &hclspec.Task{Name: name, Kind: hclspec.ServiceTask, Service: service, RM: true, DependsOn: depends}
}

func host(name, command string, depends ...hclspec.Dependency) *hclspec.Task {
	return &hclspec.Task{Name: name, Kind: hclspec.HostTask, Command: strings.Fields(command), DependsOn: depends}
}

func on(task string) hclspec.Dependency { return hclspec.Dependency{Task: task} }
