//go:build unix

package commands_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/moby/moby/api/types/container"

	"tasks/internal/testing/apptest"
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
func newOnceApp(t *testing.T, compose string) *apptest.App {
	t.Helper()
	a := apptest.NewApp(t, compose, "")
	a.RemoveFile("Tasks.hcl")
	return a
}

func TestOnceWithoutTasksFile(t *testing.T) {
	t.Parallel()
	a := newOnceApp(t, onceCompose)
	if out := a.Ok("once", "--rm", "web"); out != "web\n" {
		t.Errorf("the service's own command printed %q", out)
	}
	if db := a.Service("db"); !db.State.Running {
		t.Errorf("the dependency is %s", db.State.Status)
	}
	r := a.Tasks("once", "--rm", "web", "sh", "-c", "echo $A $0; exit 7", "--rm")
	if r.Code != 7 || r.Stdout != "compose --rm\n" {
		t.Errorf("code %d, output %q", r.Code, r.Stdout)
	}
	if strings.Contains(r.Stderr, "failed") {
		t.Errorf("the command's own exit code was told as a failure: %s", r.Stderr)
	}
	if out := a.Ok("once", "--rm", "lone"); out != "lone\n" {
		t.Errorf("a service of an inactive profile printed %q", out)
	}
	if r := a.Tasks("once", "wbe"); r.Code != 2 || !strings.Contains(r.Stderr, `Did you mean "web"?`) {
		t.Errorf("code %d\n%s", r.Code, r.Stderr)
	}
}

// From a folder below the compose file all is as with Compose: COMPOSE_FILE starts at the working directory, whose .env is
// read as well, and what is kept between runs stays beside the compose file.
func TestOnceFromASubdirectory(t *testing.T) {
	t.Parallel()
	a := newOnceApp(t, onceCompose)
	a.Write("other.yaml", "name: @project\nservices: {alone: {image: @image, environment: {FROM: \"${FROM}\"}, command: [sh, -c, \"echo other $$FROM\"]}}\n")
	a.Write("sub/.env", "FROM=sub\n")
	for _, env := range []string{"COMPOSE_FILE=../other.yaml", "COMPOSE_FILE=../other.yaml;../compose.yaml COMPOSE_PATH_SEPARATOR=;"} {
		cmd := a.Command("once", "--rm", "-q", "--no-deps", "alone")
		cmd.Dir = filepath.Join(a.Dir, "sub")
		cmd.Env = append(cmd.Env, strings.Fields(env)...)
		if r := a.Launch(cmd).Wait(); r.Code != 0 || r.Stdout != "other sub\n" {
			t.Errorf("%s: code %d, output %q\n%s", env, r.Code, r.Stdout, r.Stderr)
		}
	}
	cmd := a.Command("once", "--rm", "-q", "--no-deps", "web")
	cmd.Dir = filepath.Join(a.Dir, "sub")
	if r := a.Launch(cmd).Wait(); r.Code != 0 || r.Stdout != "web\n" {
		t.Errorf("code %d, output %q\n%s", r.Code, r.Stdout, r.Stderr)
	}
	if _, err := os.Stat(filepath.Join(a.Dir, "sub", ".tasks")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("sub/.tasks: %v", err)
	}
}

func TestOnceKeepsItsContainerUnlessToldOtherwise(t *testing.T) {
	t.Parallel()
	a := newOnceApp(t, onceCompose)
	c := a.KeptOneOff("--no-deps", "web")
	if c.State.Status != container.StateExited || c.HostConfig.RestartPolicy.Name != "no" && c.HostConfig.RestartPolicy.Name != "" {
		t.Errorf("state %s, restart policy %q", c.State.Status, c.HostConfig.RestartPolicy.Name)
	}
	if len(a.Services("db")) != 0 {
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
	r := a.Start("once", "-d", "--rm", "web", "sleep", "infinity").Wait()
	running := a.OneOffs()
	if r.Code != 0 || len(running) != 1 || !running[0].State.Running {
		t.Fatalf("code %d, one-offs %+v\n%s", r.Code, running, r.Stderr)
	}
	if name := strings.TrimPrefix(running[0].Name, "/"); r.Stdout != name+"\n" {
		t.Errorf("printed %q; want the name %q", r.Stdout, name)
	}
	a.Remove(running[0])
	// A command that is not there never ran: nothing stays.
	if r := a.Tasks("once", "-d", "web", "/no/such/program"); r.Code != 127 || r.Stdout != "" {
		t.Errorf("code %d, output %q\n%s", r.Code, r.Stdout, r.Stderr)
	}
}

func TestDetachedTask(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, onceCompose, `
task "bg" {
  service        = "web"
  command        = ["sleep", "infinity"]
  container_name = "@project-bg"
  detach         = true
}
`)
	r := a.Start("run", "bg").Wait()
	running := a.OneOffs()
	if r.Code != 0 || len(running) != 1 || r.Stdout != a.Project+"-bg\n" {
		t.Fatalf("code %d, output %q, one-offs %+v\n%s", r.Code, r.Stdout, running, r.Stderr)
	}
	// The name is taken now: the error says by what to get on, and nothing is left of the second try.
	if again := a.Start("run", "bg").Wait(); again.Code != 125 || !strings.Contains(again.Stderr, "the name "+a.Project+"-bg is taken") {
		t.Errorf("code %d\n%s", again.Code, again.Stderr)
	}
	if again := a.Start("watch", "bg").Wait(); again.Code != 2 || !strings.Contains(again.Stderr, "cannot be watched") {
		t.Errorf("code %d\n%s", again.Code, again.Stderr)
	}
	if now := a.OneOffs(); len(now) != 1 {
		t.Errorf("%d one-offs", len(now))
	}
	a.Remove(running[0])
}

func TestRunOptionsAsFlags(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, onceCompose, `
task "x" {
  service = "web"
  env     = { A = "block", B = "block" }
  command = ["sh", "-c", "echo $A $B $C $D $(id -u)", "sh", args]
}
task "host" {
  command = ["true"]
}
`)
	a.Write(".env", "D=dotenv\n")
	cmd := a.Command("run", "-e", "A", "-e", "A=flag", "-e", "C=flag", "-e", "C", "-e", "D", "-e", "NOT_SET", "-u", "7", "-q", "x")
	cmd.Env = append(cmd.Env, "A=shell", "C=shell")
	r := a.Launch(cmd).Wait()
	if r.Code != 0 || r.Stdout != "flag block shell dotenv 7\n" || r.Stderr != "" {
		t.Errorf("code %d, output %q, stderr %q", r.Code, r.Stdout, r.Stderr)
	}
	if r := a.Tasks("run", "-p", "1:1", "host"); r.Code != 2 || !strings.Contains(r.Stderr, `--publish cannot act on host task "host"`) {
		t.Errorf("code %d\n%s", r.Code, r.Stderr)
	}
	if r := a.Tasks("run", "web"); r.Code != 2 || !strings.Contains(r.Stderr, "did you mean `tasks once web`?") {
		t.Errorf("code %d\n%s", r.Code, r.Stderr)
	}
}

func TestMistakesTouchNothing(t *testing.T) {
	t.Parallel()
	a := newOnceApp(t, onceCompose)
	before := a.Inventory()
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
		r := a.Tasks(append([]string{"once"}, args...)...)
		if r.Code != 2 || r.Stdout != "" || !strings.Contains(strings.ToLower(r.Stderr), strings.ToLower(want)) {
			t.Errorf("tasks once %q: code %d, output %q; want %q in\n%s", args, r.Code, r.Stdout, want, r.Stderr)
		}
	}
	if after := a.Inventory(); !slices.Equal(before, after) {
		t.Errorf("before %v, after %v", before, after)
	}
}

func TestNamedVolumes(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, onceCompose, `
task "x" {
  service = "web"
  rm      = false
  volumes = ["more:/more", "undeclared:/undeclared"]
}
`)
	if r := a.Start("run", "x").Wait(); r.Code != 0 {
		t.Fatal(r.Stderr)
	}
	c := a.OneOffs()[0]
	a.Remove(c)
	if got, want := mountNames(c), []string{"/data " + a.Project + "_data", "/more " + a.Project + "_more", "/undeclared " + a.Project + "_undeclared"}; !slices.Equal(got, want) {
		t.Errorf("mounts %q; want %q", got, want)
	}
	literal := a.Project + "-literal"
	c = a.KeptOneOff("-v", literal+":/l", "-v", "more:/more", "web")
	a.RemoveVolume(literal)
	if got, want := mountNames(c), []string{"/data " + a.Project + "_data", "/l " + literal, "/more " + a.Project + "_more"}; !slices.Equal(got, want) {
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
	if r := a.Start("once", "web").Wait(); r.Code != 0 {
		t.Fatal(r.Stderr)
	}
	if left := a.OneOffs(); len(left) != 1 {
		t.Fatalf("%d one-offs", len(left))
	}
	a.Write("compose.yaml", "services:\n  web: {image: @image, command: [\"true\"]}\nname: @project\n")
	r := a.Tasks("once", "--rm", "--remove-orphans", "web")
	if r.Code != 0 || len(a.Services("db")) != 0 {
		t.Errorf("code %d, db %v\n%s", r.Code, a.Services("db"), r.Stderr)
	}
	if !strings.Contains(r.Stderr, "container "+a.Project+"-db-1  removed") {
		t.Errorf("not told: %s", r.Stderr)
	}
	// A task that itself needs no engine removes them as well.
	a.Write("Tasks.hcl", "task \"host\" {\n  command = [\"true\"]\n}\n")
	if r := a.Start("once", "web").Wait(); r.Code != 0 || len(a.OneOffs()) != 1 {
		t.Fatal(r.Stderr)
	}
	if r := a.Tasks("run", "--remove-orphans", "host"); r.Code != 0 {
		t.Errorf("code %d\n%s", r.Code, r.Stderr)
	}
}

func TestAsTask(t *testing.T) {
	t.Parallel()
	a := newOnceApp(t, onceCompose)
	before := a.Inventory()
	out := a.Ok("--profile", "more", "once", "--as-task", "shell", "--build", "-e", "A=1", "-v", ".:/src", "web", "sh", "-c", "echo $A")
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
	if after := a.Inventory(); !slices.Equal(before, after) {
		t.Errorf("before %v, after %v", before, after)
	}
	a.Write("Tasks.hcl", out)
	r := a.Start("run", "shell").Wait()
	if r.Code != 0 || r.Stdout != "1\n" {
		t.Errorf("code %d, output %q\n%s", r.Code, r.Stdout, r.Stderr)
	}
	a.Remove(a.OneOffs()[0])
	if r := a.Tasks("once", "--as-task", "x", "-v", "raw:/raw", "web"); r.Code != 2 || !strings.Contains(r.Stderr, "no task block can name the volume raw") {
		t.Errorf("code %d\n%s", r.Code, r.Stderr)
	}
}
