package main

import (
	"net"
	"strings"
	"syscall"
	"testing"

	"github.com/moby/moby/client"
)

// slowStartCompose has a service that never becomes healthy, one that is, and one that needs nothing.
const slowStartCompose = `
services:
  web: {image: @image, depends_on: {slow: {condition: service_healthy}, quick: {condition: service_healthy}}}
  slow:
    image: @image
    command: [sleep, infinity]
    healthcheck: {test: [CMD, "false"]}
  quick:
    image: @image
    command: [sleep, infinity]
    healthcheck: {test: [CMD, "true"]}
  free: {image: @image}
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

// networks are the names of the project's networks.
func (a *testApp) networks() []string {
	a.t.Helper()
	list, err := a.engine.NetworkList(a.t.Context(), client.NetworkListOptions{
		Filters: make(client.Filters).Add("label", "com.docker.compose.project="+a.project),
	})
	if err != nil {
		a.t.Fatal(err)
	}
	var names []string
	for _, n := range list.Items {
		names = append(names, n.Name)
	}
	return names
}

// expectNothingLeft is for a run that has to take back all that it made.
func (a *testApp) expectNothingLeft() {
	a.t.Helper()
	for _, c := range a.containers() {
		a.t.Errorf("container %s is left (%s)", c.Name, c.State.Status)
	}
	if left := a.networks(); len(left) > 0 {
		a.t.Errorf("networks %q are left", left)
	}
}

func TestSignalBeforeCommandRemovesCreated(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		sig  syscall.Signal
		code int
	}{"SIGINT": {syscall.SIGINT, 130}, "SIGTERM": {syscall.SIGTERM, 143}, "SIGHUP": {syscall.SIGHUP, 129}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newApp(t, slowStartCompose, slowStartTasks)
			p := a.start("run", "x")
			p.waitOutput("service slow  started")
			p.waitOutput("service quick  healthy")
			p.signal(test.sig)
			if r := p.wait(); r.code != test.code || r.stdout != "" {
				t.Errorf("code %d, output %q; want %d and none\n%s", r.code, r.stdout, test.code, r.stderr)
			}
			a.expectNothingLeft()
		})
	}
}

func TestSignalBeforeCommandKeepsExisting(t *testing.T) {
	t.Parallel()
	a := newApp(t, slowStartCompose, slowStartTasks)
	a.ok("run", "quick")
	before := a.service("quick").ID
	p := a.start("run", "x")
	p.waitOutput("service slow  started")
	p.signal(syscall.SIGINT)
	if r := p.wait(); r.code != 130 {
		t.Errorf("code %d\n%s", r.code, r.stderr)
	}
	if quick := a.service("quick"); quick.ID != before || !quick.State.Running {
		t.Errorf("the service that was there before is %s (%s)", quick.ID, quick.State.Status)
	}
	if left := a.services("slow"); len(left) > 0 {
		t.Errorf("what this run made is left: %s", left[0].Name)
	}
	if left := a.networks(); len(left) != 1 {
		t.Errorf("networks %q; want the one that was there before", left)
	}
}

func TestSignalBeforeCommandKeepsResourcesInUse(t *testing.T) {
	t.Parallel()
	a := newApp(t, slowStartCompose, slowStartTasks)
	p := a.start("run", "x")
	p.waitOutput("service slow  started")
	other := a.start("run", "free")
	other.waitOutput("ready\n")
	p.signal(syscall.SIGINT)
	if r := p.wait(); r.code != 130 {
		t.Errorf("code %d\n%s", r.code, r.stderr)
	}
	if slow := a.service("slow"); !slow.State.Running {
		t.Errorf("what another run may use was stopped: %s", slow.State.Status)
	}
	if running := a.oneOffs(); len(running) != 1 || !running[0].State.Running {
		t.Errorf("one-offs %+v; want the other run's", running)
	}
	other.signal(syscall.SIGTERM)
	if r := other.wait(); r.code != 143 {
		t.Errorf("code %d of the other run\n%s", r.code, r.stderr)
	}
}

func TestSignalDuringADependencyTask(t *testing.T) {
	t.Parallel()
	a := newApp(t, "", `
task "x" {
  image      = "@image"
  command    = ["echo", "ran"]
  depends_on = [task.host]
}
task "host" {
  script = "echo begun; exec sleep 300"
}
`)
	p := a.start("run", "x")
	p.waitOutput("begun")
	p.signal(syscall.SIGINT)
	if r := p.wait(); r.code != 130 || r.stdout != "" {
		t.Errorf("code %d, output %q; want 130 and none\n%s", r.code, r.stdout, r.stderr)
	}
	a.expectNothingLeft()
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
	a := newApp(t, strings.Replace(`
services:
  web: {image: "REGISTRY/never:1", depends_on: [quick]}
  quick: {image: @image, command: [sleep, infinity]}
`, "REGISTRY", registry, 1), echoRan)
	p := a.start("run", "x")
	defer (<-asked).Close()
	p.signal(syscall.SIGTERM)
	if r := p.wait(); r.code != 143 {
		t.Errorf("code %d; want 143\n%s", r.code, r.stderr)
	}
	a.expectNothingLeft()
}

func TestSignalWhileTheEngineIsSilent(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"run", "x"}, {"watch", "x"}, {"down"}} {
		engine, asked := silentServer(t) // one each: a program asks more than once, and only the first time counts
		a := newApp(t, "", wordsTask)
		cmd := a.command(args...)
		cmd.Env = append(cmd.Env, "DOCKER_HOST=tcp://"+engine)
		p := a.launch(cmd)
		conn := <-asked
		p.signal(syscall.SIGINT)
		if r := p.wait(); r.code != 130 {
			t.Errorf("tasks %q: code %d; want 130\n%s", args, r.code, r.stderr)
		}
		conn.Close()
	}
}
