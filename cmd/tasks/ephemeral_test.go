package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/moby/moby/client"

	"tasks/internal/toolbox"
	"tasks/planner/observed"
)

// The database is a key-value store that runs are not to see each other's data in. Its name, its port and its network's
// addresses are such that two of them cannot be on one engine.
const databaseCompose = `
services:
  app: {image: @image, environment: {KV_ADDR: the-store-of-@project:7000}, volumes: [./kv:/kv], depends_on: {db: {condition: service_healthy}}}
  db:
    image: @image
    container_name: the-store-of-@project
    command: [/kv, serve]
    volumes: [./kv:/kv, data:/data]
    ports: ["127.0.0.1:17391:7000"]
    networks: {default: {ipv4_address: 10.213.7.5}}
    healthcheck: {test: [CMD, /kv, ping], interval: 30s}
    stop_grace_period: 0s
networks:
  default: {ipam: {config: [{subnet: 10.213.7.0/24}]}}
volumes:
  data: {name: the-data-of-@project}
`

const databaseTasks = `
task "many" {
  service           = "app"
  command           = ["/kv", "get", "key"]
  dependency_policy = "ephemeral"
  arg "word" {}
  depends {
    task = task.fill
    args = [arg.word]
  }
}

task "test" {
  service           = "app"
  script            = "echo $EMPTY; /kv set key own; /kv get key"
  env               = { EMPTY = "empty: ${task.empty.exit_code}" }
  dependency_policy = "ephemeral"
  finally           = [task.note]
}

task "fill" {
  service = "app"
  command = ["/kv", "set", "key", arg.word]
  arg "word" {}
}

task "empty" {
  service       = "app"
  command       = ["/kv", "get", "key"]
  allow_failure = [1]
}

task "note" {
  service = "app"
  command = ["/kv", "set", "ended", result.reason]
}

task "host" {
  script            = "echo ${service.db.port["7000"]} $TASKS_PORT_DB_7000"
  depends_on        = [service.db]
  dependency_policy = "ephemeral"
}

task "named" {
  service           = "app"
  command           = ["env"]
  container_name    = "one-of-@project"
  rm                = false
  dependency_policy = "ephemeral"
}

task "fails" {
  service           = "app"
  command           = ["exit", "7"]
  dependency_policy = "ephemeral"
}

task "stays" {
  service           = "app"
  command           = ["signals"]
  dependency_policy = "ephemeral"
}

task "plain" {
  service = "app"
  command = ["/kv", "get", "key"]
}
`

// all20 asks for as many runs at once as the requirement names.
var all20 = flag.Bool("ephemeral20", false, "run 20 private projects at once, not 6")

// newDatabaseApp is a project with a database.
func newDatabaseApp(t *testing.T) *testApp {
	t.Helper()
	a := newApp(t, databaseCompose, databaseTasks)
	a.buildStore()
	t.Cleanup(a.checkAndRemovePrivate)
	return a
}

func (a *testApp) buildStore() {
	a.t.Helper()
	build := exec.CommandContext(a.t.Context(), "go", "build", "-o", filepath.Join(a.dir, "kv"), "tasks/examples/hello/kv")
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=")
	if out, err := build.CombinedOutput(); err != nil {
		a.t.Fatalf("%v\n%s", err, out)
	}
}

// private are the names of what there is of private copies of the project.
func (a *testApp) privateResources() []string {
	a.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), testTimeout)
	defer cancel()
	filter := make(client.Filters).Add("label", observed.LabelOriginal+"="+a.project)
	containers, err1 := a.engine.ContainerList(ctx, client.ContainerListOptions{All: true, Filters: filter})
	networks, err2 := a.engine.NetworkList(ctx, client.NetworkListOptions{Filters: filter})
	volumes, err3 := a.engine.VolumeList(ctx, client.VolumeListOptions{Filters: filter})
	for _, err := range []error{err1, err2, err3} {
		if err != nil {
			a.t.Fatal(err)
		}
	}
	var names []string
	for _, c := range containers.Items {
		names = append(names, c.Names[0])
	}
	for _, n := range networks.Items {
		names = append(names, n.Name)
	}
	for _, v := range volumes.Items {
		names = append(names, v.Name)
	}
	return names
}

// checkAndRemovePrivate checks that nothing is left, and removes what is.
func (a *testApp) checkAndRemovePrivate() {
	a.t.Helper()
	a.expectNoPrivate()
	ctx, cancel := context.WithTimeout(context.Background(), testTimeout)
	defer cancel()
	for _, name := range a.privateResources() {
		_, own, _ := strings.Cut(name, a.project+"-")
		if err := toolbox.RemoveProject(ctx, a.engine, a.project+"-"+own[:min(8, len(own))]); err != nil {
			a.t.Error(err)
		}
	}
}

func (a *testApp) expectNoPrivate() {
	a.t.Helper()
	if left := a.privateResources(); len(left) > 0 {
		a.t.Errorf("private projects left %q", left)
	}
}

// TestEphemeralRunsAtOnce: each of many runs at once has data of its own, in two checkouts, and leaves nothing.
func TestEphemeralRunsAtOnce(t *testing.T) {
	t.Parallel()
	size := 6
	if *all20 {
		size = 20
	}
	a := newDatabaseApp(t)
	other := *a
	other.dir = t.TempDir()
	other.write("compose.yaml", databaseCompose+"\nname: @project\n")
	other.write("Tasks.hcl", databaseTasks)
	other.buildStore()
	var all sync.WaitGroup
	for i := range size {
		checkout := a
		if i%2 == 1 {
			checkout = &other
		}
		p := checkout.start("run", "many", fmt.Sprint("word", i))
		all.Go(func() {
			r := p.waitFor(5 * testTimeout)
			if want := fmt.Sprintf("word%d\n", i); r.code != 0 || r.stdout != want {
				t.Errorf("run %d: code %d, output %q, want %q\n%s", i, r.code, r.stdout, want, r.stderr)
			}
		})
	}
	all.Wait()
	a.expectNoPrivate()
}

// TestEphemeralBesideTheProject: what runs already is neither used nor touched, and not seen.
func TestEphemeralBesideTheProject(t *testing.T) {
	t.Parallel()
	a := newDatabaseApp(t)
	a.ok("run", "--quiet", "fill", "shared")
	before := a.service("db").ID
	if out := a.ok("run", "test"); out != "empty: 1\nown\n" {
		t.Errorf("%q", out)
	}
	if out := a.ok("run", "plain"); out != "shared\n" || a.service("db").ID != before {
		t.Errorf("%q", out)
	}
	if r := a.tasks("run", "--isolated", "plain"); r.code != 1 {
		t.Errorf("code %d, output %q: the data is another run's", r.code, r.stdout)
	}
	if r := a.tasks("run", "--isolated", "fill", "one", ":::", "plain"); r.code != 1 {
		t.Errorf("code %d, output %q: each named task has a project of its own", r.code, r.stdout)
	}
	a.expectNoPrivate()
	plan := a.ok("plan", "--isolated", "plain")
	for _, want := range []string{"private project " + a.project + "-", "a copy of " + a.project + " for task plain: --isolated; all of it is removed afterwards\n", "db [ephemeral(plain)]"} {
		if !strings.Contains(plan, want) {
			t.Errorf("no %q in\n%s", want, plan)
		}
	}
}

// TestEphemeralPorts: the host port that the engine chose is a value, and a variable; fixed names and rm = false do not keep
// anything.
func TestEphemeralPorts(t *testing.T) {
	t.Parallel()
	a := newDatabaseApp(t)
	value, variable, _ := strings.Cut(strings.TrimSpace(a.ok("run", "host")), " ")
	if value == "" || value == "17391" || value != variable {
		t.Errorf("port %q, variable %q", value, variable)
	}
	if out := a.ok("run", "named"); !strings.Contains(out, "TASKS_PORT_DB_7000=") {
		t.Errorf("environment\n%s", out)
	}
	a.expectNoPrivate()
}

// TestEphemeralEndings: nothing is left after a failure, nor after an interrupt before and while the command runs.
func TestEphemeralEndings(t *testing.T) {
	t.Parallel()
	a := newDatabaseApp(t)
	if r := a.tasks("run", "fails"); r.code != 7 {
		t.Errorf("code %d\n%s", r.code, r.stderr)
	}
	a.expectNoPrivate()
	p := a.start("run", "stays")
	eventually(t, "a network", func() bool { return len(a.privateResources()) > 0 })
	p.signal(os.Interrupt)
	if r := p.wait(); r.code != 130 {
		t.Errorf("interrupted at its start: code %d\n%s", r.code, r.stderr)
	}
	a.expectNoPrivate()
	p = a.start("run", "stays")
	p.waitOutput("ready")
	p.signal(syscall.SIGTERM)
	if r := p.wait(); r.code != 143 && r.code != 0 {
		t.Errorf("terminated: code %d\n%s%s", r.code, r.stdout, r.stderr)
	}
	a.expectNoPrivate()
}
