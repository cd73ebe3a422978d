package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"

	"tasks/internal/toolbox"
)

// readyTasks has a task that needs the service, and what the file knows of the service.
func readyTasks(ready string) string {
	return probeDB + fmt.Sprintf("\nservice \"db\" {\n  ready {\n%s\n  }\n}\n", ready)
}

// useTCPEngine has the program reach the engine by TCP, as if it were on another machine.
func (a *testApp) useTCPEngine() {
	a.t.Helper()
	socket, found := strings.CutPrefix(a.engine.DaemonHost(), "unix://")
	if !found {
		a.t.Skip("the engine is on no socket of this machine")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		a.t.Fatal(err)
	}
	near := a.env
	a.t.Cleanup(func() { l.Close(); a.env = near })
	go func() {
		for {
			from, err := l.Accept()
			if err != nil {
				return
			}
			go relay(from.(*net.TCPConn), socket)
		}
	}()
	a.env = append(slices.Clone(near), "DOCKER_HOST=tcp://"+l.Addr().String())
}

// relay passes a connection on, each direction to its own end.
func relay(from *net.TCPConn, socket string) {
	defer from.Close()
	to, err := net.Dial("unix", socket)
	if err != nil {
		return
	}
	defer to.Close()
	done := make(chan struct{})
	go func() {
		io.Copy(to, from)
		to.(*net.UnixConn).CloseWrite()
		close(done)
	}()
	io.Copy(from, to)
	from.CloseWrite()
	<-done
}

// containersCreatedDuring are the names of the containers that were created for the project meanwhile.
func (a *testApp) containersCreatedDuring(during func()) []string {
	a.t.Helper()
	ctx, cancel := context.WithTimeout(a.t.Context(), testTimeout)
	defer cancel()
	labels := map[string]string{"com.docker.compose.project": a.project}
	stream := a.engine.Events(ctx, client.EventsListOptions{
		Since:   fmt.Sprint(time.Now().Unix()),
		Filters: make(client.Filters).Add("type", "container").Add("event", "create").Add("label", "com.docker.compose.project="+a.project),
	})
	during()
	mark := a.project + "-mark" // all before it has been told when it is
	made, err := a.engine.ContainerCreate(ctx, client.ContainerCreateOptions{Name: mark, Config: &container.Config{Image: a.image, Labels: labels}})
	if err != nil {
		a.t.Fatal(err)
	}
	defer a.engine.ContainerRemove(ctx, made.ID, client.ContainerRemoveOptions{Force: true})
	var names []string
	for {
		select {
		case m := <-stream.Messages:
			name := m.Actor.Attributes["name"]
			if name == mark {
				return names
			}
			names = append(names, strings.TrimPrefix(name, a.project+"-"))
		case err := <-stream.Err:
			a.t.Fatal(err)
		}
	}
}

// proberNames are the names among those of probers.
func proberNames(names []string) []string {
	return slices.DeleteFunc(names, func(name string) bool { return !strings.Contains(name, "-probe-") })
}

func TestReadyProbes(t *testing.T) {
	t.Parallel()
	near := toolbox.SharesNetwork(t)
	serve := "    command: [serve, -tcp, ':5432', -http, ':8080', -after, 1s]\n"
	for name, test := range map[string]struct {
		db, ready string
		// inside says that the port is tried from inside, wherever the engine is; never, that it is not at all.
		inside, never bool
	}{
		"tcp":           {db: serve, ready: "tcp = 5432"},
		"http":          {db: serve, ready: `http = ":8080/healthz"`},
		"loopback":      {db: strings.ReplaceAll(serve, "':5432'", "'127.0.0.1:5432'") + "    healthcheck: {disable: true}\n", ready: `tcp = "localhost:5432"`, inside: true},
		"exec":          {db: serve, ready: `exec = ["probe", "tcp", "localhost:5432"]`, never: true},
		"log":           {db: serve, ready: `log = "^listening on .*5432$"`, never: true},
		"other network": {db: serve + "    networks: [back, default]\n    volumes: [/data]\nnetworks:\n  back: {internal: true}\n", ready: "tcp = 5432"},
	} {
		for _, remote := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, remote %t", name, remote), func(t *testing.T) {
				t.Parallel()
				a := newApp(t, dbCompose("service_healthy", test.db), readyTasks(test.ready))
				if name == "loopback" {
					a.write("Tasks.hcl", strings.Replace(readyTasks(test.ready), `["probe", "tcp", "db:5432"]`, `["true"]`, 1))
				}
				if remote {
					a.useTCPEngine()
				}
				names := proberNames(a.containersCreatedDuring(func() { a.ok("run", "x") }))
				if want := (remote || !near || test.inside) && !test.never; (len(names) == 1) != want || len(names) > 1 {
					t.Errorf("probers %q; wanted one: %t", names, want)
				}
				expectEqual(t, "services", a.states(), map[string]string{"db": "running"})
			})
		}
	}
}

// Where the service has no network of its own, it is tried in the one that it uses.
func TestReadyProbeInOtherNetworks(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	free := l.Addr().(*net.TCPAddr).Port
	l.Close()
	for name, test := range map[string]struct {
		compose string
		port    int
	}{
		"host": {"services:\n  db: {image: @image, network_mode: host, command: [serve, -tcp, '127.0.0.1:@port', -after, 500ms]}\n", free},
		"none": {"services:\n  db: {image: @image, network_mode: none, command: [serve, -tcp, '127.0.0.1:@port', -after, 500ms]}\n", 5432},
		"another service's": {`
services:
  parent: {image: @image, command: [sleep, infinity]}
  db: {image: @image, network_mode: "service:parent", command: [serve, -tcp, ':@port', -after, 500ms]}
`, 5432},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			port := fmt.Sprint(test.port)
			a := newApp(t, strings.ReplaceAll(test.compose, "@port", port),
				"task \"x\" {\n  depends_on = [service.db]\n  command = [\"echo\", \"ran\"]\n}\nservice \"db\" {\n  ready {\n    tcp = "+port+"\n  }\n}\n")
			expectEqual(t, "output", a.ok("run", "x"), "ran\n")
		})
	}
}

func TestReadyProbeThatFails(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		db, ready string
		remote    bool
		wants     []string
	}{
		"refused":        {"    command: [sh, -c, 'echo opening the store; sleep infinity']\n", "tcp = 5432", false, []string{"service db is not ready after 1s: waited until port 5432 accepts connections", ":5432: connection refused", "opening the store"}},
		"refused inside": {"    command: [sh, -c, 'echo opening the store; sleep infinity']\n", "tcp = 5432\n    timeout = \"8s\"", true, []string{"service db is not ready after 8s: waited until port 5432 accepts connections", ":5432: connection refused", "opening the store"}},
		"elsewhere":      {"    command: [serve, -tcp, '127.0.0.1:5432']\n", "tcp = 5432", false, []string{"is not ready after 1s", ":5432: connection refused", "listening on 127.0.0.1:5432"}},
		"http":           {"    command: [serve, -http, ':8080']\n", "http = \":8080/status/503\"\n    timeout = \"8s\"", true, []string{"is not ready after 8s", ":8080: answers 503 Service Unavailable"}},
		"log":            {"    command: [sh, -c, 'echo opening the store; sleep infinity']\n", `log = "closed"`, false, []string{`is not ready after 1s: waited until its log matches "closed"`, "opening the store"}},
		"unreadable log": {"    command: [sleep, infinity]\n    logging: {driver: none}\n", `log = "x"`, false, []string{"cannot be probed", "choose another logging driver"}},
		"exec":           {"    command: [sleep, infinity]\n", `exec = ["sh", "-c", "echo no such role; exit 3"]`, false, []string{"is not ready after 1s", "no such role (exit code 3)"}},
		"dies":           {"    command: [sh, -c, 'sleep 0.5; echo no space left; exit 3']\n", "tcp = 5432", true, []string{"exited with code 3 before it was ready", "no space left"}},
		"unhealthy":      {"    command: [serve, -tcp, ':5432', -after, 20s]\n    healthcheck: {test: [CMD, sh, -c, 'echo not yet; exit 1'], interval: 200ms, retries: 1}\n", "tcp = 5432\n    timeout = \"30s\"", true, []string{"service db is unhealthy", "not yet"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ready := test.ready
			if !strings.Contains(ready, "timeout") && name != "dies" {
				ready += "\n    timeout = \"1s\""
			}
			a := newApp(t, dbCompose("service_healthy", test.db), readyTasks(ready))
			if test.remote {
				a.useTCPEngine()
			}
			expectFailedRun(t, a, test.wants...)
			expectEqual(t, "containers of the project", len(a.containers()), 1)
		})
	}
}

// An interrupt while the prober runs leaves nothing at all: the run made everything that is there.
func TestInterruptWhileProbing(t *testing.T) {
	t.Parallel()
	a := newApp(t, dbCompose("service_healthy", "    command: [sleep, infinity]\n"), readyTasks("tcp = 5432"))
	a.useTCPEngine()
	p := a.start("run", "x")
	eventually(t, "the prober", func() bool {
		return slices.ContainsFunc(a.containers(), func(c container.InspectResponse) bool {
			return c.Config.Labels["tasks.probe"] == "db" && c.State.Running
		})
	}, func() string { return p.stderr.String() })
	p.signal(syscall.SIGINT)
	if r := p.wait(); r.code != 130 {
		t.Errorf("%+v", r)
	}
	if left := a.containers(); len(left) > 0 {
		t.Errorf("%d containers are left, such as %s", len(left), left[0].Name)
	}
}

// A prober whose program of `tasks` was killed ends by itself, and `tasks down` does not wait for that.
func TestDownRemovesAProber(t *testing.T) {
	t.Parallel()
	a := newApp(t, dbCompose("service_healthy", "    command: [sleep, infinity]\n"), readyTasks("tcp = 5432"))
	a.useTCPEngine()
	p := a.start("run", "x")
	eventually(t, "the prober", func() bool {
		return len(a.containersWithLabels("com.docker.compose.project="+a.project, "tasks.probe=db")) == 1
	}, func() string { return p.stderr.String() })
	p.signal(os.Kill)
	p.wait()
	a.ok("down", "--yes")
	if left := a.containers(); len(left) > 0 {
		t.Errorf("%d containers are left, such as %s", len(left), left[0].Name)
	}
}

// What the tasks file knows of a service is no part of its configuration.
func TestServiceBlockChangesNoContainer(t *testing.T) {
	t.Parallel()
	a := newApp(t, dbCompose("service_started", "    command: [serve, -tcp, ':5432']\n"), probeDB)
	a.ok("run", "x")
	before := a.service("db")
	a.write("Tasks.hcl", readyTasks("tcp = 5432"))
	a.ok("run", "x")
	after := a.service("db")
	expectEqual(t, "container and start", after.ID+after.State.StartedAt, before.ID+before.State.StartedAt)
	expectEqual(t, "labels", after.Config.Labels, before.Config.Labels)
}

func TestOnceWaitsForReadyProbes(t *testing.T) {
	t.Parallel()
	a := newApp(t, dbCompose("service_healthy", "    command: [serve, -tcp, ':5432', -after, 500ms]\n"), readyTasks("tcp = 5432"))
	expectEqual(t, "output", a.ok("once", "--rm", "web", "probe", "tcp", "db:5432"), "ok\n")
}

func TestWaitTimeout(t *testing.T) {
	t.Parallel()
	a := newApp(t, dbCompose("service_healthy", "    command: [sh, -c, 'echo opening the store; sleep infinity']\n    healthcheck: {test: [CMD, sh, -c, 'echo not yet; exit 1']}\n"), echoRan)
	r := a.tasks("--wait-timeout", "2500ms", "run", "x")
	for _, part := range []string{
		"waiting until it is healthy (at most 2.5s)", "service db is not healthy after 2.5s", "not yet (exit code 1)", "opening the store",
	} {
		if !strings.Contains(r.stderr, part) {
			t.Errorf("stderr lacks %q:\n%s", part, r.stderr)
		}
	}
	if r.code != 125 || strings.Count(r.stderr, "waiting until") != 1 {
		t.Errorf("code %d; want 125, and one word of the wait:\n%s", r.code, r.stderr)
	}
	if r := a.tasks("--wait-timeout", "-1s", "run", "x"); r.code != 2 || !strings.Contains(r.stderr, "--wait-timeout -1s") {
		t.Errorf("%+v", r)
	}
}
