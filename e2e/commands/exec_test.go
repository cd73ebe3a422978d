//go:build unix

package commands_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"

	"tasks/internal/testing/apptest"
)

// execCompose is a service that runs on, and tasks that run commands in its container.
const execCompose = `
services:
  web:
    @offline
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

func TestExecRunsInTheContainerOfTheService(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, execCompose, execTasks)
	r := a.Tasks("run", "says")
	if want := "from the service, of its own, /src, 1234\n"; r.Code != 3 || r.Stdout != want || !strings.Contains(r.Stderr, "complaint\n") {
		t.Errorf("code %d, stdout %q; want 3 and %q\n%s", r.Code, r.Stdout, want, r.Stderr)
	}
	id := a.Service("web").ID
	if out := a.Ok("run", "in", "hostname"); !strings.HasPrefix(id, strings.TrimSpace(out)) {
		t.Errorf("it ran in %q, not in the service's container %s", out, id)
	}
	if out := a.Ok("run", "uses"); out != "it is 1.2.3\n" {
		t.Errorf("with the output of another: %q", out)
	}
	cmd := a.Command("run", "in", "cat")
	cmd.Stdin = strings.NewReader("over and back")
	if r := a.Launch(cmd).Wait(); r.Code != 0 || r.Stdout != "over and back" {
		t.Errorf("code %d, stdout %q\n%s", r.Code, r.Stdout, r.Stderr)
	}
	for command, code := range map[string]int{"no-such-program": 127, "/src": 126} {
		if r := a.Tasks("run", "in", command); r.Code != code || r.Stdout != "" || !strings.Contains(r.Stderr, "task in  failed: the command ") {
			t.Errorf("%s: code %d, want %d; stdout %q\n%s", command, r.Code, code, r.Stdout, r.Stderr)
		}
	}
	for _, flags := range [][]string{{"-w", "/nope", "in", "true"}, {"-u", "nobody-here", "in", "true"}} {
		if r := a.Tasks(append([]string{"run"}, flags...)...); r.Code != 125 || r.Stdout != "" {
			t.Errorf("%q: code %d, want 125; stdout %q\n%s", flags, r.Code, r.Stdout, r.Stderr)
		}
	}
	if r := a.Tasks("run", "--rm", "in", "true"); r.Code != 2 || !strings.Contains(r.Stderr, `--rm cannot act on task "in"`) {
		t.Errorf("a flag without a meaning: code %d\n%s", r.Code, r.Stderr)
	}
	a.ExpectNoProcesses("web")
	if now := a.Service("web").ID; now != id {
		t.Error("the service's container was made anew")
	}
}

func TestExecLeavesNothingAfterStop(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, execCompose, execTasks)
	family := []string{"ignore TERM INT", "sh -c ignore TERM INT & sleep 10001 & sleep 10002", "sleep 10001", "sleep 10002"}
	for _, test := range []struct {
		signal syscall.Signal
		code   int
	}{{syscall.SIGINT, 130}, {syscall.SIGTERM, 143}} {
		p := a.Start("run", "family")
		p.WaitOutput("ready\n")
		apptest.Eventually(t, "the whole family", func() bool { return slices.Equal(a.ServiceProcesses("web"), family) })
		p.Signal(test.signal)
		if r := p.Wait(); r.Code != test.code {
			t.Errorf("%s: code %d, want %d\n%s", test.signal, r.Code, test.code, r.Stderr)
		}
		a.ExpectNoProcesses("web")
	}
	if r := a.Tasks("run", "late"); r.Code != 124 || r.Stdout != "ready\n" {
		t.Errorf("timeout: code %d, stdout %q\n%s", r.Code, r.Stdout, r.Stderr)
	}
	a.ExpectNoProcesses("web")
}

func TestExecIgnoresSignals(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, execCompose, execTasks)
	p := a.Start("run", "in", "ignore", "INT")
	p.WaitOutput("ready\n")
	p.Signal(syscall.SIGINT)
	p.WaitOutput("Ctrl-C again to kill")
	p.Signal(syscall.SIGINT)
	expectKilled(a, p.Wait())
}

// expectKilled expects that the second signal has killed the command. A busy machine may not deliver the kill within the
// five seconds: then the run says so, and the next command ends the command.
func expectKilled(a *apptest.App, r apptest.Result) {
	a.T.Helper()
	isGivenUp := r.Code == 130 && strings.Contains(r.Stderr, "the next command of the project removes what is left")
	if r.Code != 137 && !isGivenUp {
		a.T.Errorf("code %d, want 137\n%s", r.Code, r.Stderr)
	}
	if isGivenUp {
		a.Ok("ps")
	}
	a.ExpectNoProcesses("web")
}

// Each signal reaches the command once, others than those that ask it to end too.
func TestExecGetsEachSignalOnce(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, execCompose, execTasks)
	p := a.Start("run", "in", "signals")
	p.WaitOutput("ready\n")
	p.Signal(syscall.SIGUSR1)
	p.WaitOutput("SIGUSR1 1\n")
	p.Signal(syscall.SIGINT)
	p.WaitOutput("SIGINT 1\n")
	p.Signal(syscall.SIGUSR2)
	p.WaitOutput("SIGUSR2 1\n")
	p.Signal(syscall.SIGTERM) // the second that asks to end kills
	r := p.Wait()
	if r.Stdout != "ready\nSIGUSR1 1\nSIGINT 1\nSIGUSR2 1\n" {
		t.Errorf("stdout %q\n%s", r.Stdout, r.Stderr)
	}
	expectKilled(a, r)
}

func TestExecWithClosedOutput(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, execCompose, execTasks)
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	p := a.Command("run", "in", "yes")
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
	a.ExpectNoProcesses("web")
}

func TestExecAtATerminal(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, execCompose, execTasks)
	p := a.AtTerminal(apptest.NoRedirect, "run", "in", "sh", "-c", "tty; until stty size | grep '33 101'; do sleep 0.05; done")
	p.WaitOutput("/dev/pts/")
	p.WaitOutput("33 101")
	if r := p.Wait(); r.Code != 0 {
		t.Errorf("code %d\n%s", r.Code, r.Stdout)
	}
	p = a.AtTerminal(apptest.NoRedirect, "run", "in", "signals")
	p.WaitOutput("\nready\r\n")
	if !p.IsRaw() {
		t.Error("the keys are not the command's")
	}
	p.TypeKeys(apptest.CtrlC)
	p.WaitOutput("SIGINT 1")
	p.TypeKeys(apptest.CtrlC)
	if r := p.Wait(); r.Code != 0 {
		t.Errorf("code %d, want the command's own 0\n%s", r.Code, r.Stdout)
	}
	if p.IsRaw() {
		t.Error("the terminal has not got its mode back")
	}
	a.ExpectNoProcesses("web")
	p = a.AtTerminal(apptest.NoRedirect, "run", "in", "sh", "-c", "echo begun; until stty size | grep '20 70'; do sleep 0.05; done; sleep 10006")
	p.WaitOutput("begun\r\n")
	apptest.Resize(t, p.Master, 20, 70)
	p.WaitOutput("20 70")
	p.Signal(syscall.SIGTERM)
	if r := p.Wait(); r.Code != 143 {
		t.Errorf("code %d, want 143\n%s", r.Code, r.Stdout)
	}
	a.ExpectNoProcesses("web")
}

// The user may leave a command to itself.
func TestExecDetached(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, execCompose, execTasks)
	p := a.AtTerminal(apptest.NoRedirect, "run", "in", "sh", "-c", "echo begun; sleep 10003")
	p.WaitOutput("begun\r\n")
	p.TypeKeys("\x10\x11")
	p.WaitOutput("detached; still running in service web")
	if r := p.Wait(); r.Code != 0 {
		t.Errorf("code %d\n%s", r.Code, r.Stdout)
	}
	if still := a.ServiceProcesses("web"); len(still) == 0 {
		t.Error("the command has ended with its connection")
	}
}

func TestExecNeedsARunningService(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, execCompose, execTasks)
	r := a.Tasks("run", "alone")
	if r.Code != 125 || !strings.Contains(r.Stderr, "service web does not run, and no_deps keeps it from being started") {
		t.Errorf("no_deps: code %d\n%s", r.Code, r.Stderr)
	}
	if r := a.Tasks("run", "external"); r.Code != 125 || !strings.Contains(r.Stderr, "web") {
		t.Errorf("external: code %d\n%s", r.Code, r.Stderr)
	}
	if all := a.Containers(); len(all) != 0 {
		t.Errorf("%d containers were made", len(all))
	}
	a.Ok("run", "in", "true")
	a.Ok("run", "alone")
	a.Ok("run", "external")
	a.ExpectNoProcesses("web")
}

// In a private project the command runs in that project's container, and knows its ports.
func TestExecInAPrivateProject(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, strings.Replace(execCompose, "    @offline\n", "    image: @image\n    ports: [\"80\"]\n", 1), execTasks)
	a.Ok("run", "in", "true")
	id := a.Service("web").ID
	out := a.Ok("run", "--isolated", "in", "sh", "-c", "hostname; echo port ${TASKS_PORT_WEB_80:-none}")
	host, port, _ := strings.Cut(out, "\n")
	if strings.HasPrefix(id, host) || port == "port none\n" || !strings.HasPrefix(port, "port ") {
		t.Errorf("it ran in %s with %q; the shared container is %s", host, port, id)
	}
	a.ExpectNoProcesses("web")
}

// A change ends what is being executed, and executes it again in the same container.
func TestExecWatched(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, execCompose, `
task "x" {
  service = "web"
  mode    = "exec"
  command = ["sh", "-c", "cat /src/a.txt; sleep 10004 & sleep 10005"]
}
`)
	a.Write("src/a.txt", "one\n")
	p := a.Start("watch", "x")
	p.WaitOutput("one\n")
	id := a.Service("web").ID
	a.Write("src/a.txt", "two\n")
	p.WaitOutput("two\n")
	apptest.Eventually(t, "the second run alone is in the container", func() bool { return len(a.ServiceProcesses("web")) == 3 },
		func() string { return fmt.Sprintf("%q", a.ServiceProcesses("web")) })
	p.EndWatch()
	a.ExpectNoProcesses("web")
	if now := a.Service("web").ID; now != id {
		t.Error("the service's container was made anew")
	}
}

// What a killed run has left in a container the next command ends, and nothing of a run that lives.
func TestExecOfCrashedRun(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, execCompose, execTasks)
	lives := a.Start("run", "in", "sh", "-c", "echo begun; sleep 10008")
	lives.WaitOutput("begun\n")
	for _, next := range [][]string{{"ps"}, {"run", "in", "true"}} {
		killed := a.Start("run", "family")
		killed.WaitOutput("ready\n")
		apptest.Eventually(t, "the whole family", func() bool { return len(a.ServiceProcesses("web")) == 6 })
		killed.Signal(syscall.SIGKILL)
		killed.Wait()
		if all := a.ServiceProcesses("web"); len(all) != 6 {
			t.Errorf("with its tasks, %q are left; the test proves nothing", all)
		}
		a.Ok(next...)
		if all := a.ServiceProcesses("web"); !slices.Equal(all, []string{"sh -c echo begun; sleep 10008", "sleep 10008"}) {
			t.Errorf("after %q there are %q, want the command of the run that lives", next, all)
		}
	}
	lives.Signal(syscall.SIGTERM)
	lives.Wait()
	a.ExpectNoProcesses("web")
}
