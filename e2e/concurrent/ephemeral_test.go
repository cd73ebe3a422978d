//go:build unix

package concurrent_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"

	"tasks/internal/testing/apptest"
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
func newDatabaseApp(t *testing.T) *apptest.App {
	t.Helper()
	a := apptest.NewApp(t, databaseCompose, databaseTasks)
	a.BuildStore()
	t.Cleanup(a.CheckAndRemovePrivate)
	return a
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
	other.Dir = t.TempDir()
	other.Write("compose.yaml", databaseCompose+"\nname: @project\n")
	other.Write("Tasks.hcl", databaseTasks)
	other.BuildStore()
	var all sync.WaitGroup
	for i := range size {
		checkout := a
		if i%2 == 1 {
			checkout = &other
		}
		p := checkout.Start("run", "many", fmt.Sprint("word", i))
		all.Go(func() {
			r := p.WaitFor(5 * apptest.TestTimeout)
			if want := fmt.Sprintf("word%d\n", i); r.Code != 0 || r.Stdout != want {
				t.Errorf("run %d: code %d, output %q, want %q\n%s", i, r.Code, r.Stdout, want, r.Stderr)
			}
		})
	}
	all.Wait()
	a.ExpectNoPrivate()
}

// TestEphemeralBesideTheProject: what runs already is neither used nor touched, and not seen.
func TestEphemeralBesideTheProject(t *testing.T) {
	t.Parallel()
	a := newDatabaseApp(t)
	a.Ok("run", "--quiet", "fill", "shared")
	before := a.Service("db").ID
	if out := a.Ok("run", "test"); out != "empty: 1\nown\n" {
		t.Errorf("%q", out)
	}
	if out := a.Ok("run", "plain"); out != "shared\n" || a.Service("db").ID != before {
		t.Errorf("%q", out)
	}
	if r := a.Tasks("run", "--isolated", "plain"); r.Code != 1 {
		t.Errorf("code %d, output %q: the data is another run's", r.Code, r.Stdout)
	}
	if r := a.Tasks("run", "--isolated", "fill", "one", ":::", "plain"); r.Code != 1 {
		t.Errorf("code %d, output %q: each named task has a project of its own", r.Code, r.Stdout)
	}
	a.ExpectNoPrivate()
	plan := a.Ok("plan", "--isolated", "plain")
	for _, want := range []string{"private project " + a.Project + "-", "a copy of " + a.Project + " for task plain: --isolated; all of it is removed afterwards\n", "db [ephemeral(plain)]"} {
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
	value, variable, _ := strings.Cut(strings.TrimSpace(a.Ok("run", "host")), " ")
	if value == "" || value == "17391" || value != variable {
		t.Errorf("port %q, variable %q", value, variable)
	}
	if out := a.Ok("run", "named"); !strings.Contains(out, "TASKS_PORT_DB_7000=") {
		t.Errorf("environment\n%s", out)
	}
	a.ExpectNoPrivate()
}

// TestEphemeralEndings: nothing is left after a failure, nor after an interrupt before and while the command runs.
func TestEphemeralEndings(t *testing.T) {
	t.Parallel()
	a := newDatabaseApp(t)
	if r := a.Tasks("run", "fails"); r.Code != 7 {
		t.Errorf("code %d\n%s", r.Code, r.Stderr)
	}
	a.ExpectNoPrivate()
	p := a.Start("run", "stays")
	apptest.Eventually(t, "a network", func() bool { return len(a.PrivateResources()) > 0 })
	p.Signal(os.Interrupt)
	if r := p.Wait(); r.Code != 130 {
		t.Errorf("interrupted at its start: code %d\n%s", r.Code, r.Stderr)
	}
	a.ExpectNoPrivate()
	p = a.Start("run", "stays")
	p.WaitOutput("ready")
	p.Signal(syscall.SIGTERM)
	if r := p.Wait(); r.Code != 143 && r.Code != 0 {
		t.Errorf("terminated: code %d\n%s%s", r.Code, r.Stdout, r.Stderr)
	}
	a.ExpectNoPrivate()
}
