//go:build unix

package terminal_test

import (
	"net"
	"strings"
	"syscall"
	"testing"

	"tasks/internal/testing/apptest"
)

// slowStartCompose has a service that never becomes healthy, one that is, and one that needs nothing.
const slowStartCompose = `
services:
  web: {@offline, depends_on: {slow: {condition: service_healthy}, quick: {condition: service_healthy}}}
  slow:
    @offline
    command: [sleep, infinity]
    healthcheck: {test: [CMD, "false"]}
  quick:
    @offline
    command: [sleep, infinity]
    healthcheck: {test: [CMD, "true"]}
  free: {@offline}
`

const slowStartTasks = `
task "x" {
  service = "web"
  command = ["echo", "ran"]
}
task "quick" {
  image      = "@image"
  command    = ["true"]
  depends_on = [service.quick]
}
task "free" {
  service = "free"
  command = ["signals"]
}
`

func TestSignalBeforeCommandRemovesCreated(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		sig  syscall.Signal
		code int
	}{"SIGINT": {syscall.SIGINT, 130}, "SIGTERM": {syscall.SIGTERM, 143}, "SIGHUP": {syscall.SIGHUP, 129}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := apptest.NewApp(t, slowStartCompose, slowStartTasks)
			p := a.Start("run", "x")
			p.WaitOutput("service slow  started")
			p.WaitOutput("service quick  healthy")
			p.Signal(test.sig)
			if r := p.Wait(); r.Code != test.code || r.Stdout != "" {
				t.Errorf("code %d, output %q; want %d and none\n%s", r.Code, r.Stdout, test.code, r.Stderr)
			}
			a.ExpectNothingLeft()
		})
	}
}

func TestSignalBeforeCommandKeepsExisting(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, slowStartCompose, slowStartTasks)
	a.Ok("run", "quick")
	before := a.Service("quick").ID
	p := a.Start("run", "x")
	p.WaitOutput("service slow  started")
	p.Signal(syscall.SIGINT)
	if r := p.Wait(); r.Code != 130 {
		t.Errorf("code %d\n%s", r.Code, r.Stderr)
	}
	if quick := a.Service("quick"); quick.ID != before || !quick.State.Running {
		t.Errorf("the service that was there before is %s (%s)", quick.ID, quick.State.Status)
	}
	if left := a.Services("slow"); len(left) > 0 {
		t.Errorf("what this run made is left: %s", left[0].Name)
	}
	if left := a.Networks(); len(left) != 1 {
		t.Errorf("networks %q; want the one that was there before", left)
	}
}

func TestSignalBeforeCommandKeepsResourcesInUse(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, slowStartCompose, slowStartTasks)
	p := a.Start("run", "x")
	p.WaitOutput("service slow  started")
	other := a.Start("run", "free")
	other.WaitOutput("ready\n")
	p.Signal(syscall.SIGINT)
	if r := p.Wait(); r.Code != 130 {
		t.Errorf("code %d\n%s", r.Code, r.Stderr)
	}
	if slow := a.Service("slow"); !slow.State.Running {
		t.Errorf("what another run may use was stopped: %s", slow.State.Status)
	}
	if running := a.OneOffs(); len(running) != 1 || !running[0].State.Running {
		t.Errorf("one-offs %+v; want the other run's", running)
	}
	other.Signal(syscall.SIGTERM)
	if r := other.Wait(); r.Code != 143 {
		t.Errorf("code %d of the other run\n%s", r.Code, r.Stderr)
	}
}

func TestSignalDuringADependencyTask(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, "", `
task "x" {
  image      = "@image"
  command    = ["echo", "ran"]
  depends_on = [task.host]
}
task "host" {
  script = "echo begun; exec sleep 300"
}
`)
	p := a.Start("run", "x")
	p.WaitOutput("begun")
	p.Signal(syscall.SIGINT)
	if r := p.Wait(); r.Code != 130 || r.Stdout != "" {
		t.Errorf("code %d, output %q; want 130 and none\n%s", r.Code, r.Stdout, r.Stderr)
	}
	a.ExpectNothingLeft()
}

// silentServer is a server that takes connections and never answers.
func silentServer(t *testing.T) (address string, asked <-chan net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	conns := make(chan net.Conn, 64)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			conns <- conn
		}
	}()
	return l.Addr().String(), conns
}

func TestSignalDuringAPull(t *testing.T) {
	t.Parallel()
	registry, asked := silentServer(t)
	a := apptest.NewApp(t, strings.Replace(`
services:
  web: {image: "REGISTRY/never:1", depends_on: [quick]}
  quick: {@offline, command: [sleep, infinity]}
`, "REGISTRY", registry, 1), apptest.EchoRan)
	p := a.Start("run", "x")
	defer (<-asked).Close()
	p.Signal(syscall.SIGTERM)
	if r := p.Wait(); r.Code != 143 {
		t.Errorf("code %d; want 143\n%s", r.Code, r.Stderr)
	}
	a.ExpectNothingLeft()
}

func TestSignalWhileTheEngineIsSilent(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"run", "x"}, {"watch", "x"}, {"down"}} {
		engine, asked := silentServer(t) // one each: a program asks more than once, and only the first time counts
		a := apptest.NewApp(t, apptest.BoxCompose, apptest.WordsTask)
		cmd := a.Command(args...)
		cmd.Env = append(cmd.Env, "DOCKER_HOST=tcp://"+engine)
		p := a.Launch(cmd)
		conn := <-asked
		p.Signal(syscall.SIGINT)
		if r := p.Wait(); r.Code != 130 {
			t.Errorf("tasks %q: code %d; want 130\n%s", args, r.Code, r.Stderr)
		}
		conn.Close()
	}
}
