//go:build unix

package main

import (
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/moby/moby/client"
)

// execCompose is a service that runs on, and tasks that run commands in its container.
const execCompose = `
services:
  web:
    image: @image
    command: ["sleep", "100000"]
    environment: { WORD: from the service }
    volumes: ["./src:/src"]
`

const execTasks = `
task "in" {
  service = "web"
  mode    = "exec"
}
task "says" {
  service = "web"
  mode    = "exec"
  env     = { OWN = "of its own" }
  workdir = "/src"
  user    = "1234"
  command = ["sh", "-c", "echo $WORD, $OWN, $(pwd), $(id -u); echo complaint >&2; exit 3"]
}
task "version" {
  service = "web"
  mode    = "exec"
  command = ["echo", "1.2.3"]
}
task "uses" {
  service = "web"
  mode    = "exec"
  command = ["echo", "it is ${task.version.stdout}"]
}
task "family" {
  service           = "web"
  mode              = "exec"
  command           = ["sh", "-c", "ignore TERM INT & sleep 10001 & sleep 10002"]
  stop_grace_period = "2s"
}
task "late" {
  extends = [task.family]
  timeout = "3s"
}
task "alone" {
  service = "web"
  mode    = "exec"
  no_deps = true
  command = ["true"]
}
task "external" {
  service           = "web"
  mode              = "exec"
  dependency_policy = "external"
  command           = ["true"]
}
`

// serviceProcesses are the command lines of the processes in a service's container, but for the service's own.
func (a *testApp) serviceProcesses(name string) []string {
	a.t.Helper()
	all, err := a.engine.ContainerTop(a.t.Context(), a.service(name).ID, client.ContainerTopOptions{Arguments: []string{"-eo", "pid,args"}})
	if err != nil {
		a.t.Fatal(err)
	}
	var others []string
	for _, p := range all.Processes {
		if command := p[len(p)-1]; !strings.Contains(command, "sleep 100000") {
			others = append(others, command)
		}
	}
	slices.Sort(others)
	return others
}

// expectNoProcesses fails the test where something of a task goes on in a service's container, or beside it.
func (a *testApp) expectNoProcesses(name string) {
	a.t.Helper()
	if left := a.serviceProcesses(name); left != nil {
		a.t.Errorf("in the container of %s go on: %q", name, left)
	}
	if all := a.containers(); len(all) != 1 {
		a.t.Errorf("%d containers of the project are there, want that of %s alone", len(all), name)
	}
}

func TestExecRunsInTheContainerOfTheService(t *testing.T) {
	t.Parallel()
	a := newApp(t, execCompose, execTasks)
	r := a.tasks("run", "says")
	if want := "from the service, of its own, /src, 1234\n"; r.code != 3 || r.stdout != want || !strings.Contains(r.stderr, "complaint\n") {
		t.Errorf("code %d, stdout %q; want 3 and %q\n%s", r.code, r.stdout, want, r.stderr)
	}
	id := a.service("web").ID
	if out := a.ok("run", "in", "hostname"); !strings.HasPrefix(id, strings.TrimSpace(out)) {
		t.Errorf("it ran in %q, not in the service's container %s", out, id)
	}
	if out := a.ok("run", "uses"); out != "it is 1.2.3\n" {
		t.Errorf("with the output of another: %q", out)
	}
	cmd := a.command("run", "in", "cat")
	cmd.Stdin = strings.NewReader("over and back")
	if r := a.launch(cmd).wait(); r.code != 0 || r.stdout != "over and back" {
		t.Errorf("code %d, stdout %q\n%s", r.code, r.stdout, r.stderr)
	}
	for command, code := range map[string]int{"no-such-program": 127, "/src": 126} {
		if r := a.tasks("run", "in", command); r.code != code || r.stdout != "" || !strings.Contains(r.stderr, "task in  failed: the command ") {
			t.Errorf("%s: code %d, want %d; stdout %q\n%s", command, r.code, code, r.stdout, r.stderr)
		}
	}
	for _, flags := range [][]string{{"-w", "/nope", "in", "true"}, {"-u", "nobody-here", "in", "true"}} {
		if r := a.tasks(append([]string{"run"}, flags...)...); r.code != 125 || r.stdout != "" {
			t.Errorf("%q: code %d, want 125; stdout %q\n%s", flags, r.code, r.stdout, r.stderr)
		}
	}
	if r := a.tasks("run", "--rm", "in", "true"); r.code != 2 || !strings.Contains(r.stderr, `--rm cannot act on task "in"`) {
		t.Errorf("a flag without a meaning: code %d\n%s", r.code, r.stderr)
	}
	a.expectNoProcesses("web")
	if now := a.service("web").ID; now != id {
		t.Error("the service's container was made anew")
	}
}

func TestExecLeavesNothingAfterStop(t *testing.T) {
	t.Parallel()
	a := newApp(t, execCompose, execTasks)
	family := []string{"ignore TERM INT", "sh -c ignore TERM INT & sleep 10001 & sleep 10002", "sleep 10001", "sleep 10002"}
	for _, test := range []struct {
		signal syscall.Signal
		code   int
	}{{syscall.SIGINT, 130}, {syscall.SIGTERM, 143}} {
		p := a.start("run", "family")
		p.waitOutput("ready\n")
		eventually(t, "the whole family", func() bool { return slices.Equal(a.serviceProcesses("web"), family) })
		p.signal(test.signal)
		if r := p.wait(); r.code != test.code {
			t.Errorf("%s: code %d, want %d\n%s", test.signal, r.code, test.code, r.stderr)
		}
		a.expectNoProcesses("web")
	}
	if r := a.tasks("run", "late"); r.code != 124 || r.stdout != "ready\n" {
		t.Errorf("timeout: code %d, stdout %q\n%s", r.code, r.stdout, r.stderr)
	}
	a.expectNoProcesses("web")
}

func TestExecIgnoresSignals(t *testing.T) {
	t.Parallel()
	a := newApp(t, execCompose, execTasks)
	p := a.start("run", "in", "ignore", "INT")
	p.waitOutput("ready\n")
	p.signal(syscall.SIGINT)
	p.waitOutput("press again to kill")
	p.signal(syscall.SIGINT)
	if r := p.wait(); r.code != 137 {
		t.Errorf("code %d, want 137\n%s", r.code, r.stderr)
	}
	a.expectNoProcesses("web")
}

// Each signal reaches the command once, others than those that ask it to end too.
func TestExecGetsEachSignalOnce(t *testing.T) {
	t.Parallel()
	a := newApp(t, execCompose, execTasks)
	p := a.start("run", "in", "signals")
	p.waitOutput("ready\n")
	p.signal(syscall.SIGUSR1)
	p.waitOutput("SIGUSR1 1\n")
	p.signal(syscall.SIGINT)
	p.waitOutput("SIGINT 1\n")
	p.signal(syscall.SIGUSR2)
	p.waitOutput("SIGUSR2 1\n")
	p.signal(syscall.SIGTERM) // the second that asks to end kills
	if r := p.wait(); r.code != 137 || r.stdout != "ready\nSIGUSR1 1\nSIGINT 1\nSIGUSR2 1\n" {
		t.Errorf("code %d, stdout %q\n%s", r.code, r.stdout, r.stderr)
	}
	a.expectNoProcesses("web")
}

func TestExecWithClosedOutput(t *testing.T) {
	t.Parallel()
	a := newApp(t, execCompose, execTasks)
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	p := a.command("run", "in", "yes")
	p.Stdout = w
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	w.Close()
	if _, err := r.Read(make([]byte, 10)); err != nil {
		t.Fatal(err)
	}
	r.Close()
	if err := p.Wait(); p.ProcessState.ExitCode() != 141 {
		t.Errorf("ended with %v, want 141", err)
	}
	a.expectNoProcesses("web")
}

func TestExecAtATerminal(t *testing.T) {
	t.Parallel()
	a := newApp(t, execCompose, execTasks)
	p := a.atTerminal(noRedirect, "run", "in", "sh", "-c", "tty; until stty size | grep '33 101'; do sleep 0.05; done")
	p.waitOutput("/dev/pts/")
	p.waitOutput("33 101")
	if r := p.wait(); r.code != 0 {
		t.Errorf("code %d\n%s", r.code, r.stdout)
	}
	p = a.atTerminal(noRedirect, "run", "in", "signals")
	p.waitOutput("\nready\r\n")
	if !p.isRaw() {
		t.Error("the keys are not the command's")
	}
	p.typeKeys(ctrlC)
	p.waitOutput("SIGINT 1")
	p.typeKeys(ctrlC)
	if r := p.wait(); r.code != 0 {
		t.Errorf("code %d, want the command's own 0\n%s", r.code, r.stdout)
	}
	if p.isRaw() {
		t.Error("the terminal has not got its mode back")
	}
	a.expectNoProcesses("web")
	p = a.atTerminal(noRedirect, "run", "in", "sh", "-c", "echo begun; until stty size | grep '20 70'; do sleep 0.05; done; sleep 10006")
	p.waitOutput("begun\r\n")
	resize(t, p.master, 20, 70)
	p.waitOutput("20 70")
	p.signal(syscall.SIGTERM)
	if r := p.wait(); r.code != 143 {
		t.Errorf("code %d, want 143\n%s", r.code, r.stdout)
	}
	a.expectNoProcesses("web")
}

// The user may leave a command to itself.
func TestExecDetached(t *testing.T) {
	t.Parallel()
	a := newApp(t, execCompose, execTasks)
	p := a.atTerminal(noRedirect, "run", "in", "sh", "-c", "echo begun; sleep 10003")
	p.waitOutput("begun\r\n")
	p.typeKeys("\x10\x11")
	p.waitOutput("left alone: it goes on in the container of service web")
	if r := p.wait(); r.code != 0 {
		t.Errorf("code %d\n%s", r.code, r.stdout)
	}
	if still := a.serviceProcesses("web"); len(still) == 0 {
		t.Error("the command has ended with its connection")
	}
}

func TestExecNeedsARunningService(t *testing.T) {
	t.Parallel()
	a := newApp(t, execCompose, execTasks)
	r := a.tasks("run", "alone")
	if r.code != 125 || !strings.Contains(r.stderr, "service web does not run, and no_deps keeps it from being started") {
		t.Errorf("no_deps: code %d\n%s", r.code, r.stderr)
	}
	if r := a.tasks("run", "external"); r.code != 125 || !strings.Contains(r.stderr, "web") {
		t.Errorf("external: code %d\n%s", r.code, r.stderr)
	}
	if all := a.containers(); len(all) != 0 {
		t.Errorf("%d containers were made", len(all))
	}
	a.ok("run", "in", "true")
	a.ok("run", "alone")
	a.ok("run", "external")
	a.expectNoProcesses("web")
}

// In a private project the command runs in that project's container, and knows its ports.
func TestExecInAPrivateProject(t *testing.T) {
	t.Parallel()
	a := newApp(t, strings.Replace(execCompose, "    volumes:", "    ports: [\"80\"]\n    volumes:", 1), execTasks)
	a.ok("run", "in", "true")
	id := a.service("web").ID
	out := a.ok("run", "--isolated", "in", "sh", "-c", "hostname; echo port ${TASKS_PORT_WEB_80:-none}")
	host, port, _ := strings.Cut(out, "\n")
	if strings.HasPrefix(id, host) || port == "port none\n" || !strings.HasPrefix(port, "port ") {
		t.Errorf("it ran in %s with %q; the shared container is %s", host, port, id)
	}
	a.expectNoProcesses("web")
}

// A change ends what is being executed, and executes it again in the same container.
func TestExecWatched(t *testing.T) {
	t.Parallel()
	a := newApp(t, execCompose, `
task "x" {
  service = "web"
  mode    = "exec"
  command = ["sh", "-c", "cat /src/a.txt; sleep 10004 & sleep 10005"]
}
`)
	a.write("src/a.txt", "one\n")
	p := a.start("watch", "x")
	p.waitOutput("one\n")
	id := a.service("web").ID
	a.write("src/a.txt", "two\n")
	p.waitOutput("two\n")
	if still := a.serviceProcesses("web"); len(still) != 3 {
		t.Errorf("in the container are %q, want the second run alone", still)
	}
	p.endWatch()
	a.expectNoProcesses("web")
	if now := a.service("web").ID; now != id {
		t.Error("the service's container was made anew")
	}
}

// What a killed run has left in a container the next command ends, and nothing of a run that lives.
func TestExecOfCrashedRun(t *testing.T) {
	t.Parallel()
	a := newApp(t, execCompose, execTasks)
	lives := a.start("run", "in", "sh", "-c", "echo begun; sleep 10008")
	lives.waitOutput("begun\n")
	for _, next := range [][]string{{"ps"}, {"run", "in", "true"}} {
		killed := a.start("run", "family")
		killed.waitOutput("ready\n")
		eventually(t, "the whole family", func() bool { return len(a.serviceProcesses("web")) == 6 })
		killed.signal(syscall.SIGKILL)
		killed.wait()
		if all := a.serviceProcesses("web"); len(all) != 6 {
			t.Errorf("with its tasks, %q are left; the test proves nothing", all)
		}
		a.ok(next...)
		if all := a.serviceProcesses("web"); !slices.Equal(all, []string{"sh -c echo begun; sleep 10008", "sleep 10008"}) {
			t.Errorf("after %q there are %q, want the command of the run that lives", next, all)
		}
	}
	lives.signal(syscall.SIGTERM)
	lives.wait()
	a.expectNoProcesses("web")
}
