//go:build linux

package remote_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/moby/moby/client"

	"tasks/executor/sources"
	"tasks/internal/testing/apptest"
)

// newApp returns an app with an engine block "here": the engine of the tests, as an engine of another machine. At the end
// no image with sources is left.
func newApp(t *testing.T, compose, tasksHCL string) *apptest.App {
	t.Helper()
	a := apptest.NewApp(t, compose, tasksHCL)
	a.Write("engine.tasks.hcl", fmt.Sprintf("engine \"here\" {\n  host = %q\n}\n", "unix://"+apptest.Socket(t, a)))
	t.Cleanup(func() {
		cmd := exec.Command("tasks", "down", "--volumes", "--yes", "--engine", "here")
		cmd.Dir, cmd.Env = a.Dir, a.Env
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("tasks down: %v\n%s", err, out)
		}
		if images := sourcesImages(a); len(images) > 0 {
			t.Errorf("images with sources are left: %q", images)
		}
	})
	return a
}

// sourcesImages lists the images with sources of the app's project.
func sourcesImages(a *apptest.App) []string {
	a.T.Helper()
	filters := make(client.Filters).Add("label", sources.LabelProject+"="+a.Project)
	result, err := a.Engine.ImageList(context.Background(), client.ImageListOptions{Filters: filters})
	if err != nil {
		a.T.Fatal(err)
	}
	var refs []string
	for _, image := range result.Items {
		refs = append(refs, image.RepoTags...)
	}
	return refs
}

const sourcesCompose = `
services:
  web:
    <<: {image: @image, network_mode: none}
    command: [sleep, infinity]
    init: true
    volumes: ["./src:/opt/deep/app:ro", "data:/opt/deep/app/data"]
volumes: {data: }
`

func TestServiceGetsTheSources(t *testing.T) {
	t.Parallel()
	a := newApp(t, sourcesCompose, "")
	for _, name := range []string{"a", "dir/one", "dir/two", "old", "mode", "data/.keep"} {
		a.Write("src/"+name, name)
	}
	src := filepath.Join(a.Dir, "src")
	if err := os.Symlink("a", filepath.Join(src, "link")); err != nil {
		t.Fatal(err)
	}
	previous := ""
	for i, change := range []func() error{
		func() error { return nil },
		func() error { return os.WriteFile(src+"/a", []byte("changed"), 0o644) },
		func() error { return errors.Join(os.RemoveAll(src+"/dir"), os.Rename(src+"/old", src+"/new")) },
		func() error { return errors.Join(os.Chmod(src+"/mode", 0o4750), os.Chown(src+"/mode", 12, 34)) },
		func() error { return errors.Join(os.Remove(src+"/link"), os.MkdirAll(src+"/link/dir", 0o700)) },
	} {
		if err := change(); err != nil {
			t.Fatal(err)
		}
		r := a.Tasks("up", "--engine", "here")
		r.ExpectStderr(t, 0, "send sources of web to /opt/deep/app: ")
		web := a.Service("web")
		if web.ID == previous {
			t.Fatalf("change %d: the container stays", i)
		}
		if previous = web.ID; len(web.HostConfig.Binds) > 1 || len(web.HostConfig.Mounts) > 0 {
			t.Errorf("the container has the mounts %v %v", web.HostConfig.Binds, web.HostConfig.Mounts)
		}
		if diff := cmp.Diff(apptest.HostTree(t, src), apptest.ContainerTree(t, a.Engine, web.ID, "/opt/deep/app")); diff != "" {
			t.Errorf("change %d: -this machine +container\n%s", i, diff)
		}
	}
	a.Tasks("up", "--engine", "here")
	if web := a.Service("web"); web.ID != previous {
		t.Error("unchanged sources recreate the container")
	}
	a.Remove(a.Service("web"))
	for _, ref := range sourcesImages(a) { // the engine has lost the images that the next change would be sent to
		a.RemoveImage(ref)
	}
	a.Write("src/late", "late")
	a.Tasks("up", "--engine", "here").ExpectStderr(t, 0, "send sources of web to /opt/deep/app: ")
	if diff := cmp.Diff(apptest.HostTree(t, src), apptest.ContainerTree(t, a.Engine, a.Service("web").ID, "/opt/deep/app")); diff != "" {
		t.Errorf("after a loss: -this machine +container\n%s", diff)
	}
}

// An image of the user may have the labels of images with sources: the user committed a container, or named an image.
func TestImagesOfOthersStay(t *testing.T) {
	t.Parallel()
	a := newApp(t, sourcesCompose, "")
	a.Write("src/data/.keep", "")
	a.Ok("up", "--engine", "here")
	committed, named := "tasks-test/"+a.Project+":committed", "tasks-test/"+a.Project+":named"
	a.Commit(a.Service("web").ID, committed)
	sent := slices.DeleteFunc(sourcesImages(a), func(ref string) bool { return ref == committed })
	if _, err := a.Engine.ImageTag(t.Context(), client.ImageTagOptions{Source: sent[0], Target: named}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.RemoveImage(named) })
	a.Ok("down", "--engine", "here", "--volumes", "--yes")
	left := sourcesImages(a)
	slices.Sort(left)
	if want := []string{committed, named}; !slices.Equal(left, want) {
		t.Errorf("images %q, want %q", left, want)
	}
}

func TestOneOffGetsFilesOfTasksBefore(t *testing.T) {
	t.Parallel()
	a := newApp(t, sourcesCompose, `
task "make" {
  command = ["sh", "-c", "echo made > src/made"]
}
task "show" {
  service    = "web"
  depends_on = [task.make]
  volumes    = ["./more:/more"]
  script     = "cat /opt/deep/app/made /more/x; echo no > /more/y"
}
task "stdin" {
  service = "web"
  script  = "cat; exit 7"
}
`)
	a.Write("src/data/.keep", "")
	a.Write("more/x", "x\n")
	if out := a.Ok("run", "--engine", "here", "show"); out != "made\nx\n" {
		t.Errorf("the output is %q", out)
	}
	if _, err := os.Stat(filepath.Join(a.Dir, "more/y")); !errors.Is(err, fs.ErrNotExist) {
		t.Error("the container writes to this machine")
	}
	a.UseTCPEngine()
	host := a.Env[len(a.Env)-1]
	a.Write("src/third", "by TCP\n")
	if out := a.Ok("run", "--engine", strings.TrimPrefix(host, "DOCKER_HOST="), "show"); out != "made\nx\n" {
		t.Errorf("the output by TCP is %q", out)
	}
	cmd := a.Command("run", "--engine", "here", "stdin")
	cmd.Stdin = strings.NewReader("words")
	if r := a.Launch(cmd).Wait(); r.Code != 7 || r.Stdout != "words" {
		t.Errorf("code %d, output %q\n%s", r.Code, r.Stdout, r.Stderr)
	}
	a.Write("src/second", "22\n")
	plan := a.Ok("plan", "--engine", "here", "stdin")
	if want := "send sources of web to /opt/deep/app: 1 of 4 files changed, 2 KB"; !strings.Contains(plan, want) {
		t.Errorf("the plan lacks %q:\n%s", want, plan)
	}
}

func TestOtherBindMountsAreRefused(t *testing.T) {
	t.Parallel()
	a := newApp(t, `
services:
  web:
    <<: {image: @image, network_mode: none}
    volumes:
      - ./src:/src
      - /etc:/host
  store:
    <<: {image: @image, network_mode: none}
    volumes: ["etc:/host"]
volumes:
  etc: {driver_opts: {type: none, o: "ro,bind", device: /etc}}
`, `
task "show" {
  service = "web"
  command = ["ls", "/host/hostname"]
}
task "volume" {
  service = "store"
}
task "own" {
  image   = "@image"
  command = ["ls", "/x"]
  volumes = ["./link:/x"]
}
`)
	if err := os.Symlink("/etc", filepath.Join(a.Dir, "link")); err != nil {
		t.Fatal(err)
	}
	before := len(a.Containers())
	for _, command := range []string{"run", "plan"} {
		r := a.Tasks(command, "--engine", "here", "show")
		r.ExpectStderr(t, 2, "compose.yaml:7:", "service web mounts /etc of this machine", `binds = ["/etc"] in engine "here"`)
	}
	address := "unix://" + apptest.Socket(t, a)
	a.Tasks("run", "--engine", address, "show").ExpectStderr(t, 2, "add an engine block with binds")
	a.Tasks("run", "--engine", "here", "own").ExpectStderr(t, 2, "Tasks.hcl:12:", "task own mounts "+a.Dir+"/link")
	a.Tasks("run", "--engine", "here", "volume").ExpectStderr(t, 2, "compose.yaml:12:", "volume etc mounts /etc of this machine")
	if len(a.Containers()) != before {
		t.Error("a refused run has made containers")
	}
	a.Write("engine.tasks.hcl", fmt.Sprintf("engine \"here\" {\n  host = %q\n  binds = [\"/etc/\"]\n}\n", address))
	if out := a.Ok("run", "--engine", "here", "show"); out != "hostname\n" {
		t.Errorf("the output is %q", out)
	}
}

func TestEngineOfTheCommandLine(t *testing.T) {
	t.Parallel()
	a := newApp(t, "services:\n  web:\n    @offline\n", "task \"t\" {\n  service = \"web\"\n  command = [\"true\"]\n}\n")
	a.Tasks("run", "--engine", "her", "t").ExpectStderr(t, 2, "did you mean here?")
	a.Tasks("run", "--engine", "other", "t").ExpectStderr(t, 2, `add engine "other" { host = `)
	a.Tasks("run", "--engine", "http://x", "t").ExpectStderr(t, 2, "ssh://, tcp:// or unix://")
	a.Tasks("run", "--engine", "unix:///none.sock", "t").ExpectStderr(t, 125, "no Docker engine answers at unix:///none.sock")
	a.Tasks("list", "--engine", "here").ExpectStderr(t, 2, "--engine does not apply to tasks list")
	env := a.Env
	a.Env = append(slices.Clone(env), "DOCKER_HOST=unix:///none.sock")
	a.Ok("run", "--engine", "here", "t")
	a.Env = env
	a.Write("engine.tasks.hcl", "engine \"here\" {\n  context = \"none\"\n}\n")
	a.Tasks("run", "--engine", "here", "t").ExpectStderr(t, 125, `there is no docker context "none"`)
	a.Write("engine.tasks.hcl", fmt.Sprintf("engine \"here\" {\n  host = %q\n}\n", "unix://"+apptest.Socket(t, a)))
}

func TestSecretFilesAreCopied(t *testing.T) {
	t.Parallel()
	a := newApp(t, `
services:
  web:
    <<: {image: @image, network_mode: none}
    secrets: [key]
    configs: [{source: conf, target: /conf}]
secrets: {key: {file: ./key}}
configs: {conf: {file: ./conf}}
`, "task \"t\" {\n  service = \"web\"\n  command = [\"cat\", \"/run/secrets/key\", \"/conf\"]\n}\n")
	a.Write("key", "secret\n")
	a.Write("conf", "config\n")
	if out := a.Ok("run", "--engine", "here", "t"); out != "secret\nconfig\n" {
		t.Errorf("the output is %q", out)
	}
}

// TestDiskOfAnotherMachine runs the program with a project that the engine cannot see: on a disk in memory, in a namespace
// of its own.
func TestDiskOfAnotherMachine(t *testing.T) {
	t.Parallel()
	a := newApp(t, sourcesCompose, "task \"show\" {\n  service = \"web\"\n  command = [\"cat\", \"/opt/deep/app/x\"]\n}\n")
	a.Write("src/x", "from here\n")
	a.Write("src/data/.keep", "")
	cmd := a.Command("run", "--engine", "here", "show")
	copied := t.TempDir()
	script := `cp -a "$1/." "$2" && mount -t tmpfs none "$1" && cp -a "$2/." "$1" && cd "$1" && echo hidden > src/x && shift 2 && exec "$@"`
	cmd.Args = append([]string{"unshare", "-m", "--propagation", "private", "sh", "-c", script, "sh", a.Dir, copied, cmd.Path},
		cmd.Args[1:]...)
	cmd.Path = "/usr/bin/unshare"
	if r := a.Launch(cmd).Wait(); r.Code != 0 || r.Stdout != "hidden\n" {
		t.Errorf("code %d, output %q\n%s", r.Code, r.Stdout, r.Stderr)
	}
}
