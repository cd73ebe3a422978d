package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"

	"tasks/internal/toolbox"
)

// published are a container's ports that the host offers, as "container port" to "address:host port".
func published(c container.InspectResponse) map[string]string {
	ports := map[string]string{}
	for port, bindings := range c.NetworkSettings.Ports {
		for _, b := range bindings {
			ports[port.String()] = b.HostIP.String() + ":" + b.HostPort
		}
	}
	return ports
}

func TestPortsArePublishedExactly(t *testing.T) {
	t.Parallel()
	toolbox.SameNetwork(t)
	a := newApp(t, `
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
	if ports := published(a.containerDuringRun("silent")); len(ports) > 0 {
		t.Errorf("nothing was asked for, but published: %v", ports)
	}
	p := a.start("run", "serve")
	p.waitOutput("listening")
	ports := published(a.oneOffs()[0])
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
	p.signal(syscall.SIGTERM)
	if r := p.wait(); r.code != 143 {
		t.Errorf("%+v", r)
	}
}

func TestVolumes(t *testing.T) {
	t.Parallel()
	a := newApp(t, `
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
	a.write("src/name", "source\n")
	a.write("src/sub/name", "below\n")
	a.write("out/mark", "")
	c := a.containerDuringRun("mounts")
	mounts := mountsOf(c)
	anonymous := mounts["/anonymous"]
	expectEqual(t, "mounts", mounts, map[string]string{
		"/there": filepath.Join(a.dir, "src"), "/again": a.project + "_declared", "/kept": a.project + "_declared",
		"/new": a.project + "_undeclared", "/anonymous": anonymous, "/src": filepath.Join(a.dir, "src", "sub"),
	})
	for _, m := range c.Mounts {
		if m.RW == (m.Destination == "/there") {
			t.Errorf("%s is writable: %v", m.Destination, m.RW)
		}
	}
	if _, err := a.engine.VolumeInspect(t.Context(), anonymous, client.VolumeInspectOptions{}); err == nil {
		t.Errorf("anonymous volume %q is left", anonymous)
	}
	expectEqual(t, "a file of the bind mount", a.ok("run", "write"), "source\n")
	if text, err := os.ReadFile(filepath.Join(a.dir, "out", "file")); string(text) != "written\n" {
		t.Errorf("written to the host: %q, %v", text, err)
	}
	expectEqual(t, "what the volume kept", a.ok("run", "read"), "kept\n")
	a.removeVolume(a.project + "_undeclared")
}

// removeVolume removes a volume that the compose file does not know, if `tasks down --volumes` would leave it.
func (a *testApp) removeVolume(name string) {
	a.t.Helper()
	v, err := a.engine.VolumeInspect(a.t.Context(), name, client.VolumeInspectOptions{})
	if err != nil {
		a.t.Error(err)
	} else if v.Volume.Labels["com.docker.compose.project"] == a.project {
		return
	}
	if _, err := a.engine.VolumeRemove(a.t.Context(), name, client.VolumeRemoveOptions{}); err != nil {
		a.t.Error(err)
	}
}

// Paths of a file start at that file's directory, wherever tasks is called from.
func TestBindMountsStartAtTheFilesDirectory(t *testing.T) {
	t.Parallel()
	a := newApp(t, "", `
		task "cat" {
			image   = "@image"
			volumes = [".:/here:ro", "./sub/deep:/deep"]
			command = ["cat", "/here/name", "/deep/name"]
		}
	`)
	a.write("name", "top\n")
	a.write("sub/deep/name", "deep\n")
	cmd := a.command("run", "cat")
	cmd.Dir = filepath.Join(a.dir, "sub")
	if r := a.launch(cmd).wait(); r.code != 0 || r.stdout != "top\ndeep\n" {
		t.Errorf("%+v", r)
	}
}

func TestRM(t *testing.T) {
	t.Parallel()
	a := newApp(t, "", `
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
	if r := a.start("run", "kept").wait(); r.code != 5 {
		t.Errorf("kept: %+v", r)
	}
	left := a.oneOffs()
	if len(left) != 1 {
		t.Fatalf("%d one-offs are left, want the one that is kept", len(left))
	}
	expectEqual(t, "state", fmt.Sprint(left[0].State.Status, left[0].State.ExitCode), "exited5")
	volume := mountsOf(left[0])["/anonymous"]
	if _, err := a.engine.VolumeInspect(t.Context(), volume, client.VolumeInspectOptions{}); err != nil {
		t.Errorf("its anonymous volume: %v", err)
	}
	a.remove(left[0])
	if r := a.tasks("run", "removed"); r.code != 5 || r.stdout != "1\n" {
		t.Errorf("removed: %+v", r)
	}
}

func TestComposeLabelsAreReserved(t *testing.T) {
	t.Parallel()
	a := newApp(t, "", `
		task "thief" {
			image   = "@image"
			command = ["true"]
			labels = {
				fine                         = "yes"
				"com.docker.compose.project" = "other"
			}
		}
	`)
	r := a.tasks("run", "thief")
	if r.code != 2 || !strings.Contains(r.stderr, "Tasks.hcl:7:") || !strings.Contains(r.stderr, "com.docker.compose.project") {
		t.Errorf("%+v", r)
	}
	if len(a.containers()) > 0 {
		t.Error("something was made")
	}
}
