package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/moby/moby/api/types/container"
)

const onceCompose = `
services:
  web:
    image: @image
    command: [sh, -c, "echo web"]
    restart: always
    ports: ["127.0.0.1::80"]
    environment: {A: compose}
    depends_on: [db]
    volumes: ["data:/data"]
    networks: {default: {aliases: [site]}}
  db:
    image: @image
    command: [sleep, infinity]
  lone:
    image: @image
    profiles: [never]
    command: [sh, -c, "echo lone"]
volumes: {data: , more: }
`

// newOnceApp has no Tasks.hcl: `tasks once` needs none.
func newOnceApp(t *testing.T, compose string) *testApp {
	t.Helper()
	a := newApp(t, compose, "")
	a.removeFile("Tasks.hcl")
	return a
}

// kept is the one-off that a call has left behind; it is removed.
func (a *testApp) keptOneOff(args ...string) container.InspectResponse {
	a.t.Helper()
	r := a.start(append([]string{"once"}, args...)...).wait()
	left := a.oneOffs()
	if r.code != 0 || len(left) != 1 {
		a.t.Fatalf("tasks once %q ended with %d and left %d one-offs\n%s%s", args, r.code, len(left), r.stdout, r.stderr)
	}
	a.remove(left[0])
	return left[0]
}

func TestOnceWithoutTasksFile(t *testing.T) {
	t.Parallel()
	a := newOnceApp(t, onceCompose)
	if out := a.ok("once", "--rm", "web"); out != "web\n" {
		t.Errorf("the service's own command printed %q", out)
	}
	if db := a.service("db"); !db.State.Running {
		t.Errorf("the dependency is %s", db.State.Status)
	}
	r := a.tasks("once", "--rm", "web", "sh", "-c", "echo $A $0; exit 7", "--rm")
	if r.code != 7 || r.stdout != "compose --rm\n" {
		t.Errorf("code %d, output %q", r.code, r.stdout)
	}
	if strings.Contains(r.stderr, "failed") {
		t.Errorf("the command's own exit code was told as a failure: %s", r.stderr)
	}
	if out := a.ok("once", "--rm", "lone"); out != "lone\n" {
		t.Errorf("a service of an inactive profile printed %q", out)
	}
	if r := a.tasks("once", "wbe"); r.code != 2 || !strings.Contains(r.stderr, `Did you mean "web"?`) {
		t.Errorf("code %d\n%s", r.code, r.stderr)
	}
}

// From a folder below the compose file all is as with Compose: COMPOSE_FILE starts at the working directory, whose .env is
// read as well, and what is kept between runs stays beside the compose file.
func TestOnceFromASubdirectory(t *testing.T) {
	t.Parallel()
	a := newOnceApp(t, onceCompose)
	a.write("other.yaml", "name: @project\nservices: {alone: {image: @image, environment: {FROM: \"${FROM}\"}, command: [sh, -c, \"echo other $$FROM\"]}}\n")
	a.write("sub/.env", "FROM=sub\n")
	for _, env := range []string{"COMPOSE_FILE=../other.yaml", "COMPOSE_FILE=../other.yaml;../compose.yaml COMPOSE_PATH_SEPARATOR=;"} {
		cmd := a.command("once", "--rm", "-q", "--no-deps", "alone")
		cmd.Dir = filepath.Join(a.dir, "sub")
		cmd.Env = append(cmd.Env, strings.Fields(env)...)
		if r := a.launch(cmd).wait(); r.code != 0 || r.stdout != "other sub\n" {
			t.Errorf("%s: code %d, output %q\n%s", env, r.code, r.stdout, r.stderr)
		}
	}
	cmd := a.command("once", "--rm", "-q", "--no-deps", "web")
	cmd.Dir = filepath.Join(a.dir, "sub")
	if r := a.launch(cmd).wait(); r.code != 0 || r.stdout != "web\n" {
		t.Errorf("code %d, output %q\n%s", r.code, r.stdout, r.stderr)
	}
	if _, err := os.Stat(filepath.Join(a.dir, "sub", ".tasks")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("sub/.tasks: %v", err)
	}
}

func TestOnceKeepsItsContainerUnlessToldOtherwise(t *testing.T) {
	t.Parallel()
	a := newOnceApp(t, onceCompose)
	c := a.keptOneOff("--no-deps", "web")
	if c.State.Status != container.StateExited || c.HostConfig.RestartPolicy.Name != "no" && c.HostConfig.RestartPolicy.Name != "" {
		t.Errorf("state %s, restart policy %q", c.State.Status, c.HostConfig.RestartPolicy.Name)
	}
	if len(a.services("db")) != 0 {
		t.Error("--no-deps made a dependency")
	}
	if c.Config.Labels["com.docker.compose.oneoff"] != "True" || c.Config.Labels["com.docker.compose.slug"] == "" || c.Config.Labels["tasks.task"] != "" {
		t.Errorf("labels %v", c.Config.Labels)
	}
	if len(c.HostConfig.PortBindings) != 0 {
		t.Errorf("ports %v are published", c.HostConfig.PortBindings)
	}
}

func TestOnceDetached(t *testing.T) {
	t.Parallel()
	a := newOnceApp(t, onceCompose)
	r := a.start("once", "-d", "--rm", "web", "sleep", "infinity").wait()
	running := a.oneOffs()
	if r.code != 0 || len(running) != 1 || !running[0].State.Running {
		t.Fatalf("code %d, one-offs %+v\n%s", r.code, running, r.stderr)
	}
	if name := strings.TrimPrefix(running[0].Name, "/"); r.stdout != name+"\n" {
		t.Errorf("printed %q; want the name %q", r.stdout, name)
	}
	a.remove(running[0])
	// A command that is not there never ran: nothing stays.
	if r := a.tasks("once", "-d", "web", "/no/such/program"); r.code != 127 || r.stdout != "" {
		t.Errorf("code %d, output %q\n%s", r.code, r.stdout, r.stderr)
	}
}

func TestDetachedTask(t *testing.T) {
	t.Parallel()
	a := newApp(t, onceCompose, `
task "bg" {
  service        = "web"
  command        = ["sleep", "infinity"]
  container_name = "@project-bg"
  detach         = true
}
`)
	r := a.start("run", "bg").wait()
	running := a.oneOffs()
	if r.code != 0 || len(running) != 1 || r.stdout != a.project+"-bg\n" {
		t.Fatalf("code %d, output %q, one-offs %+v\n%s", r.code, r.stdout, running, r.stderr)
	}
	// The name is taken now: the error says by what to get on, and nothing is left of the second try.
	if again := a.start("run", "bg").wait(); again.code != 125 || !strings.Contains(again.stderr, "the name "+a.project+"-bg is taken") {
		t.Errorf("code %d\n%s", again.code, again.stderr)
	}
	if again := a.start("watch", "bg").wait(); again.code != 2 || !strings.Contains(again.stderr, "cannot be watched") {
		t.Errorf("code %d\n%s", again.code, again.stderr)
	}
	if now := a.oneOffs(); len(now) != 1 {
		t.Errorf("%d one-offs", len(now))
	}
	a.remove(running[0])
}

func TestRunOptionsAsFlags(t *testing.T) {
	t.Parallel()
	a := newApp(t, onceCompose, `
task "x" {
  service = "web"
  env     = { A = "block", B = "block" }
  command = ["sh", "-c", "echo $A $B $C $D $(id -u)", "sh", args]
}
task "host" {
  command = ["true"]
}
`)
	a.write(".env", "D=dotenv\n")
	cmd := a.command("run", "-e", "A", "-e", "A=flag", "-e", "C=flag", "-e", "C", "-e", "D", "-e", "NOT_SET", "-u", "7", "-q", "x")
	cmd.Env = append(cmd.Env, "A=shell", "C=shell")
	r := a.launch(cmd).wait()
	if r.code != 0 || r.stdout != "flag block shell dotenv 7\n" || r.stderr != "" {
		t.Errorf("code %d, output %q, stderr %q", r.code, r.stdout, r.stderr)
	}
	if r := a.tasks("run", "-p", "1:1", "host"); r.code != 2 || !strings.Contains(r.stderr, `--publish cannot act on host task "host"`) {
		t.Errorf("code %d\n%s", r.code, r.stderr)
	}
	if r := a.tasks("run", "web"); r.code != 2 || !strings.Contains(r.stderr, "did you mean `tasks once web`?") {
		t.Errorf("code %d\n%s", r.code, r.stderr)
	}
}

func TestMistakesTouchNothing(t *testing.T) {
	t.Parallel()
	a := newOnceApp(t, onceCompose)
	before := a.inventory()
	for want, args := range map[string][]string{
		"--publish and --service-ports exclude each other": {"-p", "80:80", "-P", "web"},
		"--tty and --no-tty exclude each other":            {"-t", "-T", "web"},
		"--label x: write --label KEY=VALUE":               {"-l", "x", "web"},
		"--env =x: write --env KEY=VALUE":                  {"-e", "=x", "web"},
		`port "x:80"`:                                      {"-p", "x:80", "web"},
		`volume "a:b"`:                                     {"-v", "a:b", "web"},
		"there is no file":                                 {"--env-from-file", "missing", "web"},
		"cannot be the name of a container":                {"--name", "a b", "web"},
		"label com.docker.compose.service belongs":         {"-l", "com.docker.compose.service=x", "web"},
		"which service?":                                   {"--rm"},
		`--as-task: "" cannot be the name of a task`:       {"--as-task", "", "web"},
	} {
		r := a.tasks(append([]string{"once"}, args...)...)
		if r.code != 2 || r.stdout != "" || !strings.Contains(strings.ToLower(r.stderr), strings.ToLower(want)) {
			t.Errorf("tasks once %q: code %d, output %q; want %q in\n%s", args, r.code, r.stdout, want, r.stderr)
		}
	}
	if after := a.inventory(); !slices.Equal(before, after) {
		t.Errorf("before %v, after %v", before, after)
	}
}

func TestNamedVolumes(t *testing.T) {
	t.Parallel()
	a := newApp(t, onceCompose, `
task "x" {
  service = "web"
  rm      = false
  volumes = ["more:/more", "undeclared:/undeclared"]
}
`)
	if r := a.start("run", "x").wait(); r.code != 0 {
		t.Fatal(r.stderr)
	}
	c := a.oneOffs()[0]
	a.remove(c)
	if got, want := mountNames(c), []string{"/data " + a.project + "_data", "/more " + a.project + "_more", "/undeclared " + a.project + "_undeclared"}; !slices.Equal(got, want) {
		t.Errorf("mounts %q; want %q", got, want)
	}
	literal := a.project + "-literal"
	c = a.keptOneOff("-v", literal+":/l", "-v", "more:/more", "web")
	a.removeVolume(literal)
	if got, want := mountNames(c), []string{"/data " + a.project + "_data", "/l " + literal, "/more " + a.project + "_more"}; !slices.Equal(got, want) {
		t.Errorf("mounts %q; want %q", got, want)
	}
}

// mountNames are the mount points and volumes of a container, sorted.
func mountNames(c container.InspectResponse) []string {
	var all []string
	for _, m := range c.Mounts {
		all = append(all, m.Destination+" "+m.Name)
	}
	slices.Sort(all)
	return all
}

func TestRemoveOrphans(t *testing.T) {
	t.Parallel()
	a := newOnceApp(t, onceCompose)
	if r := a.start("once", "web").wait(); r.code != 0 {
		t.Fatal(r.stderr)
	}
	if left := a.oneOffs(); len(left) != 1 {
		t.Fatalf("%d one-offs", len(left))
	}
	a.write("compose.yaml", "services:\n  web: {image: @image, command: [\"true\"]}\nname: @project\n")
	r := a.tasks("once", "--rm", "--remove-orphans", "web")
	if r.code != 0 || len(a.services("db")) != 0 {
		t.Errorf("code %d, db %v\n%s", r.code, a.services("db"), r.stderr)
	}
	if !strings.Contains(r.stderr, "container "+a.project+"-db-1  removed") {
		t.Errorf("not told: %s", r.stderr)
	}
	// A task that itself needs no engine removes them as well.
	a.write("Tasks.hcl", "task \"host\" {\n  command = [\"true\"]\n}\n")
	if r := a.start("once", "web").wait(); r.code != 0 || len(a.oneOffs()) != 1 {
		t.Fatal(r.stderr)
	}
	if r := a.tasks("run", "--remove-orphans", "host"); r.code != 0 {
		t.Errorf("code %d\n%s", r.code, r.stderr)
	}
}

func TestAsTask(t *testing.T) {
	t.Parallel()
	a := newOnceApp(t, onceCompose)
	before := a.inventory()
	out := a.ok("--profile", "more", "once", "--as-task", "shell", "--build", "-e", "A=1", "-v", ".:/src", "web", "sh", "-c", "echo $A")
	want := `# --build has no attribute; pass it on the command line: tasks run --build shell
# of the same project: tasks --profile=more run shell
task "shell" {
  service = "web"
  command = ["sh", "-c", "echo $A"]
  env = {
    A = "1"
  }
  volumes = [".:/src"]
  rm      = false
}
`
	if out != want {
		t.Errorf("printed\n%s\nwant\n%s", out, want)
	}
	if after := a.inventory(); !slices.Equal(before, after) {
		t.Errorf("before %v, after %v", before, after)
	}
	a.write("Tasks.hcl", out)
	r := a.start("run", "shell").wait()
	if r.code != 0 || r.stdout != "1\n" {
		t.Errorf("code %d, output %q\n%s", r.code, r.stdout, r.stderr)
	}
	a.remove(a.oneOffs()[0])
	if r := a.tasks("once", "--as-task", "x", "-v", "raw:/raw", "web"); r.code != 2 || !strings.Contains(r.stderr, "no task block can name the volume raw") {
		t.Errorf("code %d\n%s", r.code, r.stderr)
	}
}
