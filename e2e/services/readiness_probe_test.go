//go:build unix

package services_test

import (
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/moby/moby/api/types/container"

	"tasks/internal/testing/apptest"
	"tasks/internal/toolbox"
)

// readyTasks has a task that needs the service, and what the file knows of the service.
func readyTasks(ready string) string {
	return probeDB + fmt.Sprintf("\nservice \"db\" {\n  ready {\n%s\n  }\n}\n", ready)
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
				a := apptest.NewApp(t, dbCompose("service_healthy", test.db), readyTasks(test.ready))
				if name == "loopback" {
					a.Write("Tasks.hcl", strings.Replace(readyTasks(test.ready), `["probe", "tcp", "db:5432"]`, `["true"]`, 1))
				}
				if remote {
					a.UseTCPEngine()
				}
				names := proberNames(a.ContainersCreatedDuring(func() { a.Ok("run", "x") }))
				if want := (remote || !near || test.inside) && !test.never; (len(names) == 1) != want || len(names) > 1 {
					t.Errorf("probers %q; wanted one: %t", names, want)
				}
				apptest.ExpectEqual(t, "services", a.States(), map[string]string{"db": "running"})
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
			a := apptest.NewApp(t, strings.ReplaceAll(test.compose, "@port", port),
				"task \"x\" {\n  depends_on = [service.db]\n  command = [\"echo\", \"ran\"]\n}\nservice \"db\" {\n  ready {\n    tcp = "+port+"\n  }\n}\n")
			apptest.ExpectEqual(t, "output", a.Ok("run", "x"), "ran\n")
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
		"refused":        {"    command: [sh, -c, 'echo opening the store; sleep infinity']\n", "tcp = 5432", false, []string{"service db is not ready after 1.0 s: waited until port 5432 accepts connections", ":5432: connection refused", "opening the store"}},
		"refused inside": {"    command: [sh, -c, 'echo opening the store; sleep infinity']\n", "tcp = 5432\n    timeout = \"8s\"", true, []string{"service db is not ready after 8.0 s: waited until port 5432 accepts connections", ":5432: connection refused", "opening the store"}},
		"elsewhere":      {"    command: [serve, -tcp, '127.0.0.1:5432']\n", "tcp = 5432", false, []string{"is not ready after 1.0 s", ":5432: connection refused", "listening on 127.0.0.1:5432"}},
		"http":           {"    command: [serve, -http, ':8080']\n", "http = \":8080/status/503\"\n    timeout = \"8s\"", true, []string{"is not ready after 8.0 s", ":8080: answers 503 Service Unavailable"}},
		"log":            {"    command: [sh, -c, 'echo opening the store; sleep infinity']\n", `log = "closed"`, false, []string{`is not ready after 1.0 s: waited until its log matches "closed"`, "opening the store"}},
		"unreadable log": {"    command: [sleep, infinity]\n    logging: {driver: none}\n", `log = "x"`, false, []string{"cannot be probed", "choose another logging driver"}},
		"exec":           {"    command: [sleep, infinity]\n", `exec = ["sh", "-c", "echo no such role; exit 3"]`, false, []string{"is not ready after 1.0 s", "no such role (exit code 3)"}},
		"dies":           {"    command: [sh, -c, 'sleep 0.5; echo no space left; exit 3']\n", "tcp = 5432", true, []string{"exited with code 3 before it was ready", "no space left"}},
		"unhealthy":      {"    command: [serve, -tcp, ':5432', -after, 20s]\n    healthcheck: {test: [CMD, sh, -c, 'echo not yet; exit 1'], interval: 200ms, retries: 1}\n", "tcp = 5432\n    timeout = \"30s\"", true, []string{"service db is unhealthy", "not yet"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ready := test.ready
			if !strings.Contains(ready, "timeout") && name != "dies" {
				ready += "\n    timeout = \"1s\""
			}
			a := apptest.NewApp(t, dbCompose("service_healthy", test.db), readyTasks(ready))
			if test.remote {
				a.UseTCPEngine()
			}
			apptest.ExpectFailedRun(t, a, test.wants...)
			apptest.ExpectEqual(t, "containers of the project", len(a.Containers()), 1)
		})
	}
}

// An interrupt while the prober runs leaves nothing at all: the run made everything that is there.
func TestInterruptWhileProbing(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, dbCompose("service_healthy", "    command: [sleep, infinity]\n"), readyTasks("tcp = 5432"))
	a.UseTCPEngine()
	p := a.Start("run", "x")
	apptest.Eventually(t, "the prober", func() bool {
		return slices.ContainsFunc(a.Containers(), func(c container.InspectResponse) bool {
			return c.Config.Labels["tasks.probe"] == "db" && c.State.Running
		})
	}, func() string { return p.Stderr.String() })
	p.Signal(syscall.SIGINT)
	if r := p.Wait(); r.Code != 130 {
		t.Errorf("%+v", r)
	}
	if left := a.Containers(); len(left) > 0 {
		t.Errorf("%d containers are left, such as %s", len(left), left[0].Name)
	}
}

// A prober whose program of `tasks` was killed ends by itself, and `tasks down` does not wait for that.
func TestDownRemovesAProber(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, dbCompose("service_healthy", "    command: [sleep, infinity]\n"), readyTasks("tcp = 5432"))
	a.UseTCPEngine()
	p := a.Start("run", "x")
	apptest.Eventually(t, "the prober", func() bool {
		return len(a.ContainersWithLabels("com.docker.compose.project="+a.Project, "tasks.probe=db")) == 1
	}, func() string { return p.Stderr.String() })
	p.Signal(os.Kill)
	p.Wait()
	a.Ok("down", "--yes")
	if left := a.Containers(); len(left) > 0 {
		t.Errorf("%d containers are left, such as %s", len(left), left[0].Name)
	}
}

// What the tasks file knows of a service is no part of its configuration.
func TestServiceBlockChangesNoContainer(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, dbCompose("service_started", "    command: [serve, -tcp, ':5432']\n"), probeDB)
	a.Ok("run", "x")
	before := a.Service("db")
	a.Write("Tasks.hcl", readyTasks("tcp = 5432"))
	a.Ok("run", "x")
	after := a.Service("db")
	apptest.ExpectEqual(t, "container and start", after.ID+after.State.StartedAt, before.ID+before.State.StartedAt)
	apptest.ExpectEqual(t, "labels", after.Config.Labels, before.Config.Labels)
}

func TestOnceWaitsForReadyProbes(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, dbCompose("service_healthy", "    command: [serve, -tcp, ':5432', -after, 500ms]\n"), readyTasks("tcp = 5432"))
	apptest.ExpectEqual(t, "output", a.Ok("once", "--rm", "web", "probe", "tcp", "db:5432"), "ok\n")
}

func TestWaitTimeout(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, dbCompose("service_healthy", "    command: [sh, -c, 'echo opening the store; sleep infinity']\n    healthcheck: {test: [CMD, sh, -c, 'echo not yet; exit 1']}\n"), apptest.EchoRan)
	r := a.Tasks("--wait-timeout", "2500ms", "run", "x")
	for _, part := range []string{
		"waiting until it is healthy (at most 2.5 s)", "service db is not healthy after 2.5 s", "not yet (exit code 1)", "opening the store",
	} {
		if !strings.Contains(r.Stderr, part) {
			t.Errorf("stderr lacks %q:\n%s", part, r.Stderr)
		}
	}
	if r.Code != 125 || strings.Count(r.Stderr, "waiting until") != 1 {
		t.Errorf("code %d; want 125, and one word of the wait:\n%s", r.Code, r.Stderr)
	}
	if r := a.Tasks("--wait-timeout", "-1s", "run", "x"); r.Code != 2 || !strings.Contains(r.Stderr, "--wait-timeout must not be negative") {
		t.Errorf("%+v", r)
	}
}
