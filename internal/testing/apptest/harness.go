//go:build unix

package apptest

import (
	"cmp"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"

	"tasks/internal/coord"
	"tasks/internal/toolbox"
)

// TestTimeout limits every wait of a test. The limit is high for busy machines.
const TestTimeout = 45 * time.Second

// App is a project with its own directory and name. A test runs the program in this directory.
type App struct {
	T *testing.T
	// Dir holds compose.yaml and Tasks.hcl.
	Dir string
	// Project is the compose project's name.
	Project string
	// Image is the toolbox image.
	Image  string
	Engine *client.Client
	Env    []string
}

// NewApp writes the two files. @image in them stands for the toolbox image, @project for the project's name. @offline in a
// service stands for the image without a network: an engine starts such a container in two thirds of the time. Without a
// compose file, the compose block names the project. When the test ends, no one-off may be there; `tasks down --volumes`
// removes the rest, and nothing may be left after it.
func NewApp(t *testing.T, compose, tasksHCL string) *App {
	t.Helper()
	a := &App{T: t, Dir: t.TempDir(), Engine: toolbox.Client(t), Image: ToolboxImage.Image(t), Project: toolbox.Project(t)}
	a.Env = append(environment(), toolbox.StateVariables(t.TempDir())...) // runs keep state there, too
	if compose == "" {
		tasksHCL += "\ncompose {\n  project = \"@project\"\n}\n"
	} else {
		a.Write("compose.yaml", compose+"\nname: @project\n")
	}
	a.Write("Tasks.hcl", tasksHCL)
	t.Cleanup(func() {
		for _, c := range a.OneOffs() {
			t.Errorf("one-off %s is left (%s)", c.Name, c.State.Status)
		}
		a.Down()
	})
	return a
}

// ToolboxImage makes the toolbox image once for each process. Each further check would cost as much as a small test.
var ToolboxImage imageOnce

type imageOnce struct {
	once sync.Once
	ref  string
}

func (b *imageOnce) Image(t *testing.T) string {
	t.Helper()
	b.once.Do(func() { b.ref = toolbox.Image(t) })
	if b.ref == "" {
		t.Fatal("the toolbox image could not be made; the first test that asked for it tells why")
	}
	return b.ref
}

// environment returns the environment of this process without the variables of Docker, Compose and tasks.
func environment() []string {
	env := []string{"GORACE=atexit_sleep_ms=0"}
	for _, e := range os.Environ() {
		isForeign := strings.HasPrefix(e, "COMPOSE_") || strings.HasPrefix(e, "TASKS_") || strings.HasPrefix(e, "GORACE=")
		isForeign = isForeign || strings.HasPrefix(e, "GITHUB_ACTIONS=") || strings.HasPrefix(e, "GITLAB_CI=")
		if !isForeign && !strings.HasPrefix(e, "NO_COLOR=") {
			env = append(env, e)
		}
	}
	return env
}

// Write writes a file below the project's directory.
func (a *App) Write(name, text string) {
	a.T.Helper()
	path := filepath.Join(a.Dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		a.T.Fatal(err)
	}
	offline := "<<: {image: " + strconv.Quote(a.Image) + ", network_mode: none}"
	text = strings.NewReplacer("@image", a.Image, "@project", a.Project, "@offline", offline).Replace(text)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		a.T.Fatal(err)
	}
}

// RemoveFile removes a file below the project's directory.
func (a *App) RemoveFile(name string) {
	a.T.Helper()
	if err := os.Remove(filepath.Join(a.Dir, name)); err != nil {
		a.T.Fatal(err)
	}
}

// Result is the output of the program and its exit code, -1 after a signal.
type Result struct {
	Stdout, Stderr string
	Code           int
}

// Tasks runs the program to its end, and expects that no one-off is left.
func (a *App) Tasks(args ...string) Result {
	a.T.Helper()
	r := a.Start(args...).Wait()
	for _, c := range a.OneOffs() {
		a.T.Errorf("tasks %q left one-off %s (%s)\n%s", args, c.Name, c.State.Status, r.Stderr)
	}
	return r
}

// Ok is [App.Tasks] for a call with exit code 0. The result is stdout.
func (a *App) Ok(args ...string) string {
	a.T.Helper()
	r := a.Tasks(args...)
	if r.Code != 0 {
		a.T.Fatalf("tasks %q ended with %d\n%s%s", args, r.Code, r.Stdout, r.Stderr)
	}
	return r.Stdout
}

// Process is a running call of the program.
type Process struct {
	T              *testing.T
	Cmd            *exec.Cmd
	Stdout, Stderr *toolbox.Buffer
}

// Command prepares a call of the program; the test may set its stdin, directory and environment before [App.Launch].
func (a *App) Command(args ...string) *exec.Cmd {
	cmd := exec.CommandContext(a.T.Context(), "tasks", args...)
	cmd.Dir, cmd.Env = a.Dir, slices.Clone(a.Env)
	cmd.WaitDelay = 5 * time.Second // something that the program started holds its output open
	return cmd
}

// Start starts the program. The end of the test kills the program.
func (a *App) Start(args ...string) *Process {
	a.T.Helper()
	return a.Launch(a.Command(args...))
}

// Launch starts a prepared command. The end of the test kills the program.
func (a *App) Launch(cmd *exec.Cmd) *Process {
	a.T.Helper()
	p := &Process{T: a.T, Cmd: cmd, Stdout: &toolbox.Buffer{}, Stderr: &toolbox.Buffer{}}
	cmd.Stdout, cmd.Stderr = p.Stdout, p.Stderr
	if err := cmd.Start(); err != nil {
		a.T.Fatal(err)
	}
	return p
}

// Wait waits for the end of the program, at most [TestTimeout]. After that time the test fails.
func (p *Process) Wait() Result {
	p.T.Helper()
	return p.WaitFor(TestTimeout)
}

// WaitFor is [Process.Wait] with another limit.
func (p *Process) WaitFor(limit time.Duration) Result {
	p.T.Helper()
	timeout := time.AfterFunc(limit, func() { p.Cmd.Process.Kill() })
	err := p.Cmd.Wait()
	if !timeout.Stop() {
		p.T.Errorf("%q did not end within %s", p.Cmd.Args, limit)
	}
	if _, ended := errors.AsType[*exec.ExitError](err); err != nil && !ended {
		p.T.Errorf("%q: %v", p.Cmd.Args, err)
	}
	return Result{p.Stdout.String(), p.Stderr.String(), p.Cmd.ProcessState.ExitCode()}
}

// Signal sends a signal to the program.
func (p *Process) Signal(sig os.Signal) {
	p.T.Helper()
	if err := p.Cmd.Process.Signal(sig); err != nil {
		p.T.Error(err)
	}
}

// WaitOutput waits until the program has printed the text on stdout or stderr.
func (p *Process) WaitOutput(text string) {
	p.T.Helper()
	Eventually(p.T, "the output "+text, func() bool {
		return strings.Contains(p.Stdout.String(), text) || strings.Contains(p.Stderr.String(), text)
	}, func() string { return p.Stdout.String() + p.Stderr.String() })
}

// Eventually waits until a condition holds. A failure prints the details.
func Eventually(t *testing.T, what string, condition func() bool, details ...func() string) {
	t.Helper()
	for end := time.Now().Add(TestTimeout); !condition(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			for _, detail := range details {
				t.Log(detail())
			}
			t.Fatalf("waited %s for %s", TestTimeout, what)
		}
	}
}

// Containers returns all containers of the project, inspected, in the order of their names.
func (a *App) Containers() []container.InspectResponse {
	return a.ContainersWithLabels("com.docker.compose.project=" + a.Project)
}

// OneOffs returns the project's one-offs.
func (a *App) OneOffs() []container.InspectResponse {
	return a.ContainersWithLabels("com.docker.compose.project="+a.Project, "com.docker.compose.oneoff=True")
}

// Services returns the service containers of a service.
func (a *App) Services(name string) []container.InspectResponse {
	return a.ContainersWithLabels("com.docker.compose.project="+a.Project, "com.docker.compose.oneoff=False", "com.docker.compose.service="+name)
}

// Service returns the only container of a service.
func (a *App) Service(name string) container.InspectResponse {
	a.T.Helper()
	all := a.Services(name)
	if len(all) != 1 {
		a.T.Fatalf("service %s has %d containers", name, len(all))
	}
	return all[0]
}

// ContainersWithLabels returns the containers with these labels. Cleanups may call this, after the end of the test's
// context.
func (a *App) ContainersWithLabels(labels ...string) []container.InspectResponse {
	a.T.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), TestTimeout)
	defer cancel()
	list, err := a.Engine.ContainerList(ctx, client.ContainerListOptions{All: true, Filters: make(client.Filters).Add("label", labels...)})
	if err != nil {
		a.T.Fatal(err)
	}
	var all []container.InspectResponse
	for _, c := range list.Items {
		if one, err := a.Engine.ContainerInspect(ctx, c.ID, client.ContainerInspectOptions{}); err == nil {
			all = append(all, one.Container) // else it has gone since
		}
	}
	slices.SortFunc(all, func(x, y container.InspectResponse) int { return cmp.Compare(x.Name, y.Name) })
	return all
}

// Down removes everything of the project, also without valid files.
func (a *App) Down() {
	a.T.Helper()
	dir := a.T.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "Tasks.hcl"), []byte("# nothing\n"), 0o644); err != nil {
		a.T.Error(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), TestTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, "tasks", "--project-name", a.Project, "down", "--volumes", "--yes")
	cmd.Dir, cmd.Env = dir, a.Env
	if out, err := cmd.CombinedOutput(); err != nil {
		a.T.Errorf("tasks down: %v\n%s", err, out)
	}
}

// CountJournalEntries counts the entries in the project's state directory and in the shared directory of the user.
func (a *App) CountJournalEntries() (notes int) {
	a.T.Helper()
	cache := ""
	for _, e := range a.Env {
		if value, ok := strings.CutPrefix(e, "XDG_CACHE_HOME="); ok {
			cache = value
		}
	}
	for _, dir := range []string{filepath.Join(a.Dir, coord.DirName), filepath.Join(cache, "tasks", "engine-*")} {
		names, err := filepath.Glob(filepath.Join(dir, "data-containers*"))
		if err != nil {
			a.T.Fatal(err)
		}
		notes += len(names)
	}
	return notes
}
