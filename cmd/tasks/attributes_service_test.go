package main

import (
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
)

// containerDuringRun runs a task whose command prints something and does not end, and returns its container as it was while it ran.
// The task is ended.
func (a *testApp) containerDuringRun(args ...string) container.InspectResponse {
	a.t.Helper()
	p := a.start(append([]string{"run"}, args...)...)
	// A signal before the first output would cancel the run, and remove what it made.
	eventually(a.t, "output", func() bool { return p.stdout.String() != "" }, p.stderr.String)
	all := a.oneOffs()
	p.signal(syscall.SIGTERM)
	p.wait()
	if len(all) != 1 || !all[0].State.Running {
		a.t.Fatalf("tasks run %q had %d one-offs, want one that runs", args, len(all))
	}
	if left := a.oneOffs(); len(left) > 0 {
		a.t.Errorf("tasks run %q left %s", args, left[0].Name)
	}
	return all[0]
}

// remove removes a container that a task was told to keep.
func (a *testApp) remove(c container.InspectResponse) {
	a.t.Helper()
	options := client.ContainerRemoveOptions{Force: true, RemoveVolumes: true}
	if _, err := a.engine.ContainerRemove(a.t.Context(), c.ID, options); err != nil {
		a.t.Error(err)
	}
}

// environmentOf is a container's environment as a map. The engine keeps a name without = to take it out of the image's.
func environmentOf(c container.InspectResponse) map[string]string {
	env := map[string]string{}
	for _, e := range c.Config.Env {
		if name, value, set := strings.Cut(e, "="); set {
			env[name] = value
		}
	}
	return env
}

// mountsOf are a container's mounts: target to source path or volume's name.
func mountsOf(c container.InspectResponse) map[string]string {
	mounts := map[string]string{}
	for _, m := range c.Mounts {
		source := m.Source
		if m.Type == "volume" {
			source = m.Name
		}
		mounts[m.Destination] = source
	}
	return mounts
}

// expectEqual compares, and names what differs.
func expectEqual[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s: -want +got:\n%s", what, diff)
	}
}

const fullService = `
services:
  web:
    image: @image
    command: ["signals"]
    container_name: @project-fixed
    environment: { A: "a", B: "b" }
    labels: { team: shop, tier: front }
    user: "1000:1000"
    working_dir: /home/app
    hostname: webhost
    restart: always
    ports: ["127.0.0.1::8080"]
    expose: ["9000"]
    healthcheck: { test: ["CMD", "true"], interval: 31s, timeout: 7s, retries: 4 }
    cap_add: [SYS_TIME]
    cap_drop: [CHOWN]
    tmpfs: ["/run/t"]
    extra_hosts: ["elsewhere:10.1.2.3"]
    stop_signal: SIGTERM
    mem_limit: 64m
    volumes: ["data:/data"]
    stdin_open: false
    tty: true
volumes:
  data: {}
`

func TestServiceConfigurationIsTakenOver(t *testing.T) {
	t.Parallel()
	a := newApp(t, fullService, `task "own" { service = "web" }`)
	c := a.containerDuringRun("own")
	env := environmentOf(c)
	expectEqual(t, "command", c.Config.Cmd, []string{"signals"})
	expectEqual(t, "environment", []string{env["A"], env["B"], env["PATH"]}, []string{"a", "b", "/bin"})
	expectEqual(t, "labels", []string{c.Config.Labels["team"], c.Config.Labels["tier"]}, []string{"shop", "front"})
	expectEqual(t, "user", c.Config.User, "1000:1000")
	expectEqual(t, "workdir", c.Config.WorkingDir, "/home/app")
	expectEqual(t, "hostname", c.Config.Hostname, "webhost")
	expectEqual(t, "health test", c.Config.Healthcheck.Test, []string{"CMD", "true"})
	expectEqual(t, "health numbers", []any{c.Config.Healthcheck.Interval.String(), c.Config.Healthcheck.Timeout.String(), c.Config.Healthcheck.Retries}, []any{"31s", "7s", 4})
	expectEqual(t, "capabilities", [][]string{c.HostConfig.CapAdd, c.HostConfig.CapDrop}, [][]string{{"CAP_SYS_TIME"}, {"CAP_CHOWN"}})
	expectEqual(t, "tmpfs", c.HostConfig.Tmpfs, map[string]string{"/run/t": ""})
	expectEqual(t, "hosts", c.HostConfig.ExtraHosts, []string{"elsewhere:10.1.2.3"})
	expectEqual(t, "stop signal", c.Config.StopSignal, "SIGTERM")
	expectEqual(t, "memory", c.HostConfig.Memory, 64<<20)
	expectEqual(t, "mounts", mountsOf(c), map[string]string{"/data": a.project + "_data"})
	checkDropped(t, a, c)
}

// checkDropped checks that a one-off is without what belongs to its service alone.
func checkDropped(t *testing.T, a *testApp, c container.InspectResponse) {
	t.Helper()
	if !c.HostConfig.RestartPolicy.IsNone() {
		t.Errorf("it has restart policy %q", c.HostConfig.RestartPolicy.Name)
	}
	if strings.Contains(c.Name, "fixed") {
		t.Errorf("it took the service's container_name: %s", c.Name)
	}
	if len(c.HostConfig.PortBindings) != 0 {
		t.Errorf("ports are published: %v", c.HostConfig.PortBindings)
	}
	for port, bindings := range c.NetworkSettings.Ports {
		if len(bindings) > 0 {
			t.Errorf("%s is published at %v", port, bindings)
		}
	}
	expectEqual(t, "tty, without a terminal", c.Config.Tty, false)
	expectEqual(t, "stdin open and once", []bool{c.Config.OpenStdin, c.Config.StdinOnce}, []bool{true, true})
	endpoint := c.NetworkSettings.Networks[a.project+"_default"]
	if endpoint == nil {
		t.Fatalf("it is not in the default network: %v", c.NetworkSettings.Networks)
	}
	if slices.Contains(endpoint.Aliases, "web") {
		t.Errorf("it took the service's alias: %v", endpoint.Aliases)
	}
	if len(a.services("web")) != 0 {
		t.Error("the service itself was started")
	}
}

func TestAttributesOverrideTheService(t *testing.T) {
	t.Parallel()
	a := newApp(t, fullService, `
		task "other" {
			service    = "web"
			entrypoint = ["env", "E=e"]
			command    = ["sh", "-c", "echo ready; sleep $0", 1000]
			env        = { A = "changed", B = null, C = "new", EMPTY = "" }
			labels     = { tier = "back", extra = true }
			user       = "0"
			workdir    = "/tmp"
		}
	`)
	c := a.containerDuringRun("other")
	env := environmentOf(c)
	expectEqual(t, "entrypoint", c.Config.Entrypoint, []string{"env", "E=e"})
	expectEqual(t, "command", c.Config.Cmd, []string{"sh", "-c", "echo ready; sleep $0", "1000"})
	expectEqual(t, "changed and new", []string{env["A"], env["C"], env["EMPTY"]}, []string{"changed", "new", ""})
	for name, there := range map[string]bool{"B": false, "EMPTY": true} {
		if _, ok := env[name]; ok != there {
			t.Errorf("%s is set: %v, want %v (%v)", name, ok, there, c.Config.Env)
		}
	}
	labels := c.Config.Labels
	expectEqual(t, "labels", []string{labels["team"], labels["tier"], labels["extra"]}, []string{"shop", "back", "true"})
	expectEqual(t, "user and workdir", []string{c.Config.User, c.Config.WorkingDir}, []string{"0", "/tmp"})
}

func TestImageTaskNeedsNoComposeFile(t *testing.T) {
	t.Parallel()
	a := newApp(t, "", `
		task "tool" {
			image   = "@image"
			command = ["signals"]
			user    = "app"
			env     = { A = "a" }
		}
		task "own" { image = "@image" }
	`)
	c := a.containerDuringRun("tool")
	expectEqual(t, "image", c.Config.Image, a.image)
	expectEqual(t, "user", c.Config.User, "app")
	expectEqual(t, "environment", environmentOf(c), map[string]string{"A": "a", "PATH": "/bin"})
	if len(c.NetworkSettings.Networks) != 1 || c.NetworkSettings.Networks[a.project+"_default"] == nil {
		t.Errorf("networks %v, want the project's default alone", c.NetworkSettings.Networks)
	}
	cmd := a.command("run", "own")
	cmd.Stdin = strings.NewReader("echo from the image\\'s own command, $0\n")
	if r := a.launch(cmd).wait(); r.code != 0 || r.stdout != "from the image's own command, sh\n" {
		t.Errorf("%+v", r)
	}
	expectEqual(t, "words are the command", a.ok("run", "own", "echo", "a  b"), "a  b\n")
}
