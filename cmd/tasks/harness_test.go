package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
	"github.com/rogpeppe/go-internal/testscript"

	"tasks/internal/coord"
	"tasks/internal/toolbox"
)

// TestMain makes this binary the program itself where it is called as tasks, which is on PATH for all tests; so is fetch, for host tasks.
func TestMain(m *testing.M) {
	testscript.Main(parallelTests{m}, map[string]func(){"tasks": main, "fetch": fetch})
}

// parallelTests runs more tests at once than there are processors, unless -parallel says otherwise: they wait for the engine.
type parallelTests struct{ tests *testing.M }

func (w parallelTests) Run() int {
	if err := flag.Set("test.parallel", "6"); err != nil {
		panic(err)
	}
	return w.tests.Run()
}

// testTimeout bounds everything that a test waits for. It is long: the machine may be busy.
const testTimeout = 45 * time.Second

// testApp is a project of its own, with its own directory and name, in which a test runs the program.
type testApp struct {
	t *testing.T
	// dir holds compose.yaml and Tasks.hcl.
	dir string
	// project is the compose project's name.
	project string
	// image is the toolbox image.
	image  string
	engine *client.Client
	env    []string
}

// newApp writes the two files. @image in them stands for the toolbox image, @project for the project's name. Without a
// compose file, the compose block names the project. When the test ends, no one-off may be there; `tasks down --volumes`
// removes the rest, and nothing may be left after it.
func newApp(t *testing.T, compose, tasksHCL string) *testApp {
	t.Helper()
	a := &testApp{t: t, dir: t.TempDir(), engine: toolbox.Client(t), image: toolboxImage.image(t), project: toolbox.Project(t)}
	a.env = append(environment(), "XDG_CACHE_HOME="+t.TempDir()) // runs keep state there, too
	if compose == "" {
		tasksHCL += "\ncompose {\n  project = \"@project\"\n}\n"
	} else {
		a.write("compose.yaml", compose+"\nname: @project\n")
	}
	a.write("Tasks.hcl", tasksHCL)
	t.Cleanup(func() {
		for _, c := range a.oneOffs() {
			t.Errorf("one-off %s is left (%s)", c.Name, c.State.Status)
		}
		a.down()
	})
	return a
}

// toolboxImage makes the toolbox image once in this process: asking again costs as much as a small test.
var toolboxImage imageOnce

type imageOnce struct {
	once sync.Once
	ref  string
}

func (b *imageOnce) image(t *testing.T) string {
	t.Helper()
	b.once.Do(func() { b.ref = toolbox.Image(t) })
	if b.ref == "" {
		t.Fatal("the toolbox image could not be made; the first test that asked for it tells why")
	}
	return b.ref
}

// environment is that of this process, without what would lead the program elsewhere.
func environment() []string {
	env := []string{"GORACE=atexit_sleep_ms=0"}
	for _, e := range os.Environ() {
		isForeign := strings.HasPrefix(e, "COMPOSE_") || strings.HasPrefix(e, "TASKS_") || strings.HasPrefix(e, "GORACE=")
		if !isForeign && !strings.HasPrefix(e, "NO_COLOR=") {
			env = append(env, e)
		}
	}
	return env
}

// write puts a file below the project's directory.
func (a *testApp) write(name, text string) {
	a.t.Helper()
	path := filepath.Join(a.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		a.t.Fatal(err)
	}
	text = strings.NewReplacer("@image", a.image, "@project", a.project).Replace(text)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		a.t.Fatal(err)
	}
}

// removeFile takes a file of the project's directory away.
func (a *testApp) removeFile(name string) {
	a.t.Helper()
	if err := os.Remove(filepath.Join(a.dir, name)); err != nil {
		a.t.Fatal(err)
	}
}

// result is what a call of the program printed, and its exit code; -1 where a signal ended it.
type result struct {
	stdout, stderr string
	code           int
}

// tasks runs the program to its end. No one-off may be left after it.
func (a *testApp) tasks(args ...string) result {
	a.t.Helper()
	r := a.start(args...).wait()
	for _, c := range a.oneOffs() {
		a.t.Errorf("tasks %q left one-off %s (%s)\n%s", args, c.Name, c.State.Status, r.stderr)
	}
	return r
}

// ok is [testApp.tasks] for a call that has to end with 0. It returns stdout.
func (a *testApp) ok(args ...string) string {
	a.t.Helper()
	r := a.tasks(args...)
	if r.code != 0 {
		a.t.Fatalf("tasks %q ended with %d\n%s%s", args, r.code, r.stdout, r.stderr)
	}
	return r.stdout
}

// process is a running call of the program.
type process struct {
	t              *testing.T
	cmd            *exec.Cmd
	stdout, stderr *toolbox.Buffer
}

// command prepares a call of the program; the test may set its stdin, directory and environment before [testApp.launch].
func (a *testApp) command(args ...string) *exec.Cmd {
	cmd := exec.CommandContext(a.t.Context(), "tasks", args...)
	cmd.Dir, cmd.Env = a.dir, slices.Clone(a.env)
	cmd.WaitDelay = 5 * time.Second // something that the program started holds its output open
	return cmd
}

// start starts the program; it is killed when the test ends.
func (a *testApp) start(args ...string) *process {
	a.t.Helper()
	return a.launch(a.command(args...))
}

func (a *testApp) launch(cmd *exec.Cmd) *process {
	a.t.Helper()
	p := &process{t: a.t, cmd: cmd, stdout: &toolbox.Buffer{}, stderr: &toolbox.Buffer{}}
	cmd.Stdout, cmd.Stderr = p.stdout, p.stderr
	if err := cmd.Start(); err != nil {
		a.t.Fatal(err)
	}
	return p
}

// wait waits for the end of the program. One that takes too long is killed and fails the test.
func (p *process) wait() result {
	p.t.Helper()
	return p.waitFor(testTimeout)
}

// waitFor is wait with another idea of too long.
func (p *process) waitFor(limit time.Duration) result {
	p.t.Helper()
	timeout := time.AfterFunc(limit, func() { p.cmd.Process.Kill() })
	err := p.cmd.Wait()
	if !timeout.Stop() {
		p.t.Errorf("%q did not end within %s", p.cmd.Args, limit)
	}
	if _, ended := errors.AsType[*exec.ExitError](err); err != nil && !ended {
		p.t.Errorf("%q: %v", p.cmd.Args, err)
	}
	return result{p.stdout.String(), p.stderr.String(), p.cmd.ProcessState.ExitCode()}
}

// signal sends the program a signal.
func (p *process) signal(sig os.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(sig); err != nil {
		p.t.Error(err)
	}
}

// waitOutput waits until the program has printed the text, on stdout or stderr.
func (p *process) waitOutput(text string) {
	p.t.Helper()
	eventually(p.t, "the output "+text, func() bool {
		return strings.Contains(p.stdout.String(), text) || strings.Contains(p.stderr.String(), text)
	}, func() string { return p.stdout.String() + p.stderr.String() })
}

// eventually waits until a condition holds. What tells more is printed when it never does.
func eventually(t *testing.T, what string, condition func() bool, details ...func() string) {
	t.Helper()
	for end := time.Now().Add(testTimeout); !condition(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			for _, detail := range details {
				t.Log(detail())
			}
			t.Fatalf("waited %s for %s", testTimeout, what)
		}
	}
}

// containers are all of the project, inspected, in the order of their names.
func (a *testApp) containers() []container.InspectResponse {
	return a.containersWithLabels("com.docker.compose.project=" + a.project)
}

// oneOffs are the project's containers of tasks.
func (a *testApp) oneOffs() []container.InspectResponse {
	return a.containersWithLabels("com.docker.compose.project="+a.project, "com.docker.compose.oneoff=True")
}

// services are the containers of a service that are not one-offs.
func (a *testApp) services(name string) []container.InspectResponse {
	return a.containersWithLabels("com.docker.compose.project="+a.project, "com.docker.compose.oneoff=False", "com.docker.compose.service="+name)
}

// service is the only container of a service.
func (a *testApp) service(name string) container.InspectResponse {
	a.t.Helper()
	all := a.services(name)
	if len(all) != 1 {
		a.t.Fatalf("service %s has %d containers", name, len(all))
	}
	return all[0]
}

// containersWithLabels may be called in a cleanup, when the test's own context has ended.
func (a *testApp) containersWithLabels(labels ...string) []container.InspectResponse {
	a.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), testTimeout)
	defer cancel()
	list, err := a.engine.ContainerList(ctx, client.ContainerListOptions{All: true, Filters: make(client.Filters).Add("label", labels...)})
	if err != nil {
		a.t.Fatal(err)
	}
	var all []container.InspectResponse
	for _, c := range list.Items {
		if one, err := a.engine.ContainerInspect(ctx, c.ID, client.ContainerInspectOptions{}); err == nil {
			all = append(all, one.Container) // else it has gone since
		}
	}
	slices.SortFunc(all, func(x, y container.InspectResponse) int { return cmp.Compare(x.Name, y.Name) })
	return all
}

// down removes everything of the project, whatever its files look like by now.
func (a *testApp) down() {
	a.t.Helper()
	dir := a.t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "Tasks.hcl"), []byte("# nothing\n"), 0o644); err != nil {
		a.t.Error(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), testTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, "tasks", "--project-name", a.project, "down", "--volumes", "--yes")
	cmd.Dir, cmd.Env = dir, a.env
	if out, err := cmd.CombinedOutput(); err != nil {
		a.t.Errorf("tasks down: %v\n%s", err, out)
	}
}

// countJournalEntries is how many there are, in the project's state directory and in those that it shares with other checkouts.
func (a *testApp) countJournalEntries() (notes int) {
	a.t.Helper()
	cache := ""
	for _, e := range a.env {
		if value, ok := strings.CutPrefix(e, "XDG_CACHE_HOME="); ok {
			cache = value
		}
	}
	for _, dir := range []string{filepath.Join(a.dir, coord.DirName), filepath.Join(cache, "tasks", "engine-*")} {
		names, err := filepath.Glob(filepath.Join(dir, "data-containers*"))
		if err != nil {
			a.t.Fatal(err)
		}
		notes += len(names)
	}
	return notes
}
