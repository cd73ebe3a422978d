//go:build unix

package services_test

import (
	"hash/crc32"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"tasks/internal/testing/apptest"
)

const networkCompose = `
services:
  app:
    image: @image
    depends_on: { web: { condition: service_healthy }, "off": { condition: service_completed_successfully } }
  web:
    image: @image
    command: ["sleep", "infinity"]
    init: true
    healthcheck: { test: ["CMD", "true"], interval: 30s }
    networks: { default: { aliases: [site] } }
    depends_on: { db: { condition: service_healthy } }
  db:
    image: @image
    command: ["sleep", "infinity"]
    init: true
    scale: 2
    healthcheck: { test: ["CMD", "true"], interval: 30s }
  fixed:
    image: @image
    command: ["sleep", "infinity"]
    init: true
    networks: { default: { ipv4_address: @subnet.77, aliases: [firm] } }
  "off":
    image: @image
    command: ["true"]
networks:
  default: { @options ipam: { config: [{ subnet: @subnet.0/24 }] } }
`

const networkTasks = `
task "hi" {
	service = "app"
	command = ["echo", "hi"]
}
task "all" {
	depends_on = [task.hi, service.fixed.started]
}
task "long" {
	service = "app"
	command = ["sh", "-c", "echo up; exec sleep infinity"]
}
`

// newNetworkedApp is a project on a network with a subnet, and what changes its configuration.
func newNetworkedApp(t *testing.T) (a *apptest.App, change func(options, subnet string), subnet string) {
	t.Helper()
	a = apptest.NewApp(t, "services: {}", networkTasks)
	sum := crc32.ChecksumIEEE([]byte(a.Project))
	subnet = "10." + strconv.Itoa(110+int(sum%40)) + "." + strconv.Itoa(int(sum/40%250))
	change = func(options, subnet string) {
		text := strings.NewReplacer("@subnet", subnet, "@options", options).Replace(networkCompose)
		a.Write("compose.yaml", text+"name: @project\n")
	}
	change("", subnet)
	return a, change, subnet
}

func TestNetworkIsRecreated(t *testing.T) {
	t.Parallel()
	a, change, subnet := newNetworkedApp(t)
	a.Ok("run", "all")
	for _, options := range []string{"labels: { a: b },", "driver_opts: { com.docker.network.driver.mtu: '1400' },"} {
		before, network := a.ContainerStates(), a.Network()
		change(options, subnet)
		if plan := a.Ok("plan", "hi"); !strings.Contains(plan, "recreate  network  "+a.Project+"_default  its configuration has changed") || a.Network() != network {
			t.Errorf("plan:\n%s", plan)
		}
		a.Ok("run", "-n", "hi")
		apptest.ExpectEqual(t, "the network after a plan", a.Network(), network)
		a.Ok("run", "hi") // fixed is not in this plan
		renewed := a.Network()
		if renewed == network {
			t.Errorf("%s: the network was not made anew", options)
		}
		apptest.ExpectEqual(t, "containers", a.ContainerStates(), before)
		for _, c := range a.Containers() {
			if at := c.NetworkSettings.Networks[a.Project+"_default"]; at == nil || c.State.Running && at.NetworkID != renewed {
				t.Errorf("%s is not on the network: %+v", c.Name, at)
			}
		}
		fixed := a.Service("fixed")
		if apptest.ExpectEqual(t, "the fixed address", a.Address(fixed), subnet+".77"); !slices.Contains(fixed.NetworkSettings.Networks[a.Project+"_default"].Aliases, "firm") {
			t.Error("the alias is lost")
		}
		if r := a.Tasks("run", "all"); r.Code != 0 || strings.Contains(r.Stderr, "recreated") || regexp.MustCompile(`(?m)^(service|network) .* (created|started)`).MatchString(r.Stderr) {
			t.Errorf("the next run has something to do: %+v", r)
		}
	}
}

// With another subnet, a container with a fixed address is made anew, as its address is another; the others stay.
func TestNetworkGetsAnotherSubnet(t *testing.T) {
	t.Parallel()
	a, change, subnet := newNetworkedApp(t)
	a.Ok("run", "all")
	web, fixed := a.Service("web"), a.Service("fixed")
	_, rest, _ := strings.Cut(subnet, "10.")
	other := "10." + rest[:strings.Index(rest, ".")] + ".251"
	change("", other)
	a.Ok("run", "all")
	apptest.ExpectEqual(t, "web, kept", a.Service("web").ID, web.ID)
	after := a.Service("fixed")
	if apptest.ExpectEqual(t, "the fixed address", a.Address(after), other+".77"); after.ID == fixed.ID {
		t.Error("the container with another address was kept")
	}
	// What was connected before goes back where the engine cannot make the network: the other one's subnet is taken.
	before, network := a.ContainerStates(), a.Network()
	change("driver: there-is-none,", other)
	if r := a.Tasks("run", "all"); r.Code != 125 || !strings.Contains(r.Stderr, "making it anew") {
		t.Errorf("%+v", r)
	}
	apptest.ExpectEqual(t, "containers, as before", a.ContainerStates(), before)
	if now := a.Network(); now == network {
		t.Error("the old network cannot be the same: it had to go first")
	}
	change("", other)
	a.Ok("run", "all")
	apptest.ExpectEqual(t, "containers, as before", a.ContainerStates(), before)
}

func TestNetworkWithOneOffIsKept(t *testing.T) {
	t.Parallel()
	a, change, subnet := newNetworkedApp(t)
	long := a.Start("run", "long")
	long.WaitOutput("up")
	before, network, name := a.ContainerStates(), a.Network(), strings.TrimPrefix(a.OneOffs()[0].Name, "/")
	change("labels: { a: b },", subnet)
	r := a.Start("run", "hi").Wait()
	if r.Code != 125 || !strings.Contains(r.Stderr, "a one-off uses it: "+name) {
		t.Errorf("%+v", r)
	}
	apptest.ExpectEqual(t, "containers, untouched", a.ContainerStates(), before)
	apptest.ExpectEqual(t, "the network, untouched", a.Network(), network)
	long.Signal(syscall.SIGTERM)
	long.Wait()
}
