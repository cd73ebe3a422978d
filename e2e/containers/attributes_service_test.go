//go:build unix

package containers_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/moby/moby/api/types/container"

	"tasks/internal/testing/apptest"
)

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
	a := apptest.NewApp(t, fullService, `task "own" { service = "web" }`)
	c := a.ContainerDuringRun("own")
	env := apptest.EnvironmentOf(c)
	apptest.ExpectEqual(t, "command", c.Config.Cmd, []string{"signals"})
	apptest.ExpectEqual(t, "environment", []string{env["A"], env["B"], env["PATH"]}, []string{"a", "b", "/bin"})
	apptest.ExpectEqual(t, "labels", []string{c.Config.Labels["team"], c.Config.Labels["tier"]}, []string{"shop", "front"})
	apptest.ExpectEqual(t, "user", c.Config.User, "1000:1000")
	apptest.ExpectEqual(t, "workdir", c.Config.WorkingDir, "/home/app")
	apptest.ExpectEqual(t, "hostname", c.Config.Hostname, "webhost")
	apptest.ExpectEqual(t, "health test", c.Config.Healthcheck.Test, []string{"CMD", "true"})
	apptest.ExpectEqual(t, "health numbers", []any{c.Config.Healthcheck.Interval.String(), c.Config.Healthcheck.Timeout.String(), c.Config.Healthcheck.Retries}, []any{"31s", "7s", 4})
	apptest.ExpectEqual(t, "capabilities", [][]string{c.HostConfig.CapAdd, c.HostConfig.CapDrop}, [][]string{{"CAP_SYS_TIME"}, {"CAP_CHOWN"}})
	apptest.ExpectEqual(t, "tmpfs", c.HostConfig.Tmpfs, map[string]string{"/run/t": ""})
	apptest.ExpectEqual(t, "hosts", c.HostConfig.ExtraHosts, []string{"elsewhere:10.1.2.3"})
	apptest.ExpectEqual(t, "stop signal", c.Config.StopSignal, "SIGTERM")
	apptest.ExpectEqual(t, "memory", c.HostConfig.Memory, 64<<20)
	apptest.ExpectEqual(t, "mounts", apptest.MountsOf(c), map[string]string{"/data": a.Project + "_data"})
	checkDropped(t, a, c)
}

// checkDropped checks that a one-off is without what belongs to its service alone.
func checkDropped(t *testing.T, a *apptest.App, c container.InspectResponse) {
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
	apptest.ExpectEqual(t, "tty, without a terminal", c.Config.Tty, false)
	apptest.ExpectEqual(t, "stdin open and once", []bool{c.Config.OpenStdin, c.Config.StdinOnce}, []bool{true, true})
	endpoint := c.NetworkSettings.Networks[a.Project+"_default"]
	if endpoint == nil {
		t.Fatalf("it is not in the default network: %v", c.NetworkSettings.Networks)
	}
	if slices.Contains(endpoint.Aliases, "web") {
		t.Errorf("it took the service's alias: %v", endpoint.Aliases)
	}
	if len(a.Services("web")) != 0 {
		t.Error("the service itself was started")
	}
}

func TestAttributesOverrideTheService(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, fullService, `
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
	c := a.ContainerDuringRun("other")
	env := apptest.EnvironmentOf(c)
	apptest.ExpectEqual(t, "entrypoint", c.Config.Entrypoint, []string{"env", "E=e"})
	apptest.ExpectEqual(t, "command", c.Config.Cmd, []string{"sh", "-c", "echo ready; sleep $0", "1000"})
	apptest.ExpectEqual(t, "changed and new", []string{env["A"], env["C"], env["EMPTY"]}, []string{"changed", "new", ""})
	for name, there := range map[string]bool{"B": false, "EMPTY": true} {
		if _, ok := env[name]; ok != there {
			t.Errorf("%s is set: %v, want %v (%v)", name, ok, there, c.Config.Env)
		}
	}
	labels := c.Config.Labels
	apptest.ExpectEqual(t, "labels", []string{labels["team"], labels["tier"], labels["extra"]}, []string{"shop", "back", "true"})
	apptest.ExpectEqual(t, "user and workdir", []string{c.Config.User, c.Config.WorkingDir}, []string{"0", "/tmp"})
}

func TestImageTaskNeedsNoComposeFile(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, "", `
		task "tool" {
			image   = "@image"
			command = ["signals"]
			user    = "app"
			env     = { A = "a" }
		}
		task "own" { image = "@image" }
	`)
	c := a.ContainerDuringRun("tool")
	apptest.ExpectEqual(t, "image", c.Config.Image, a.Image)
	apptest.ExpectEqual(t, "user", c.Config.User, "app")
	apptest.ExpectEqual(t, "environment", apptest.EnvironmentOf(c), map[string]string{"A": "a", "PATH": "/bin"})
	if len(c.NetworkSettings.Networks) != 1 || c.NetworkSettings.Networks[a.Project+"_default"] == nil {
		t.Errorf("networks %v, want the project's default alone", c.NetworkSettings.Networks)
	}
	cmd := a.Command("run", "own")
	cmd.Stdin = strings.NewReader("echo from the image\\'s own command, $0\n")
	if r := a.Launch(cmd).Wait(); r.Code != 0 || r.Stdout != "from the image's own command, sh\n" {
		t.Errorf("%+v", r)
	}
	apptest.ExpectEqual(t, "words are the command", a.Ok("run", "own", "echo", "a  b"), "a  b\n")
}
