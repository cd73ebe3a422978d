//go:build unix

package containers_test

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/moby/moby/client"

	"tasks/internal/testing/apptest"
	"tasks/internal/toolbox"
)

func TestPortsArePublishedExactly(t *testing.T) {
	t.Parallel()
	toolbox.SameNetwork(t)
	a := apptest.NewApp(t, `
services:
  web:
    image: @image
    command: ["serve", "-http", ":8080"]
    ports: ["127.0.0.1::9999"]
`, `
		task "serve" {
			service = "web"
			ports   = ["127.0.0.1::8080", "127.0.0.1:0:8081/udp"]
		}
		task "silent" { service = "web" }
	`)
	if ports := apptest.Published(a.ContainerDuringRun("silent")); len(ports) > 0 {
		t.Errorf("nothing was asked for, but published: %v", ports)
	}
	p := a.Start("run", "serve")
	p.WaitOutput("listening")
	ports := apptest.Published(a.OneOffs()[0])
	address, udp := ports["8080/tcp"], ports["8081/udp"]
	if len(ports) != 2 || !strings.HasPrefix(address, "127.0.0.1:") || !strings.HasPrefix(udp, "127.0.0.1:") {
		t.Fatalf("published: %v", ports)
	}
	answer, err := http.Get("http://" + address + "/hello")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if body, _ := io.ReadAll(answer.Body); string(body) != "ok /hello\n" {
		t.Errorf("%q", body)
	}
	p.Signal(syscall.SIGTERM)
	if r := p.Wait(); r.Code != 143 {
		t.Errorf("%+v", r)
	}
}

func TestVolumes(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, `
services:
  web:
    image: @image
    command: ["signals"]
    volumes: ["declared:/kept", "./src:/src"]
volumes:
  declared: {}
`, `
		task "mounts" {
			service = "web"
			volumes = ["./src:/there:ro", "declared:/again", "undeclared:/new", "/anonymous", "./src/sub:/src"]
		}
		task "write" {
			service = "web"
			volumes = ["undeclared:/new", "./out:/out"]
			script  = "echo kept >/new/file; echo written >/out/file; cat /src/name"
		}
		task "read" {
			image   = "@image"
			volumes = ["undeclared:/new:ro"]
			script  = "cat /new/file; if echo x 2>/dev/null >/new/x; then echo written; fi"
		}
	`)
	a.Write("src/name", "source\n")
	a.Write("src/sub/name", "below\n")
	a.Write("out/mark", "")
	c := a.ContainerDuringRun("mounts")
	mounts := apptest.MountsOf(c)
	anonymous := mounts["/anonymous"]
	apptest.ExpectEqual(t, "mounts", mounts, map[string]string{
		"/there": filepath.Join(a.Dir, "src"), "/again": a.Project + "_declared", "/kept": a.Project + "_declared",
		"/new": a.Project + "_undeclared", "/anonymous": anonymous, "/src": filepath.Join(a.Dir, "src", "sub"),
	})
	for _, m := range c.Mounts {
		if m.RW == (m.Destination == "/there") {
			t.Errorf("%s is writable: %v", m.Destination, m.RW)
		}
	}
	if _, err := a.Engine.VolumeInspect(t.Context(), anonymous, client.VolumeInspectOptions{}); err == nil {
		t.Errorf("anonymous volume %q is left", anonymous)
	}
	apptest.ExpectEqual(t, "a file of the bind mount", a.Ok("run", "write"), "source\n")
	if text, err := os.ReadFile(filepath.Join(a.Dir, "out", "file")); string(text) != "written\n" {
		t.Errorf("written to the host: %q, %v", text, err)
	}
	apptest.ExpectEqual(t, "what the volume kept", a.Ok("run", "read"), "kept\n")
	a.RemoveVolume(a.Project + "_undeclared")
}

// Paths of a file start at that file's directory, wherever tasks is called from.
func TestBindMountsStartAtTheFilesDirectory(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, "", `
		task "cat" {
			image   = "@image"
			volumes = [".:/here:ro", "./sub/deep:/deep"]
			command = ["cat", "/here/name", "/deep/name"]
		}
	`)
	a.Write("name", "top\n")
	a.Write("sub/deep/name", "deep\n")
	cmd := a.Command("run", "cat")
	cmd.Dir = filepath.Join(a.Dir, "sub")
	if r := a.Launch(cmd).Wait(); r.Code != 0 || r.Stdout != "top\ndeep\n" {
		t.Errorf("%+v", r)
	}
}

func TestRM(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, "", `
		task "kept" {
			image   = "@image"
			rm      = false
			volumes = ["/anonymous"]
			command = ["exit", 5]
		}
		task "removed" {
			image   = "@image"
			volumes = ["/anonymous"]
			command = ["sh", "-c", "grep ' /anonymous ' /proc/mounts | wc -l; exit 5"]
		}
	`)
	if r := a.Start("run", "kept").Wait(); r.Code != 5 {
		t.Errorf("kept: %+v", r)
	}
	left := a.OneOffs()
	if len(left) != 1 {
		t.Fatalf("%d one-offs are left, want the one that is kept", len(left))
	}
	apptest.ExpectEqual(t, "state", fmt.Sprint(left[0].State.Status, left[0].State.ExitCode), "exited5")
	volume := apptest.MountsOf(left[0])["/anonymous"]
	if _, err := a.Engine.VolumeInspect(t.Context(), volume, client.VolumeInspectOptions{}); err != nil {
		t.Errorf("its anonymous volume: %v", err)
	}
	a.Remove(left[0])
	if r := a.Tasks("run", "removed"); r.Code != 5 || r.Stdout != "1\n" {
		t.Errorf("removed: %+v", r)
	}
}

func TestComposeLabelsAreReserved(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, "", `
		task "thief" {
			image   = "@image"
			command = ["true"]
			labels = {
				fine                         = "yes"
				"com.docker.compose.project" = "other"
			}
		}
	`)
	r := a.Tasks("run", "thief")
	if r.Code != 2 || !strings.Contains(r.Stderr, "Tasks.hcl:7:") || !strings.Contains(r.Stderr, "com.docker.compose.project") {
		t.Errorf("%+v", r)
	}
	if len(a.Containers()) > 0 {
		t.Error("something was made")
	}
}
