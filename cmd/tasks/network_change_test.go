package main

import (
	"hash/crc32"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
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
func newNetworkedApp(t *testing.T) (a *testApp, change func(options, subnet string), subnet string) {
	t.Helper()
	a = newApp(t, "services: {}", networkTasks)
	sum := crc32.ChecksumIEEE([]byte(a.project))
	subnet = "10." + strconv.Itoa(110+int(sum%40)) + "." + strconv.Itoa(int(sum/40%250))
	change = func(options, subnet string) {
		text := strings.NewReplacer("@subnet", subnet, "@options", options).Replace(networkCompose)
		a.write("compose.yaml", text+"name: @project\n")
	}
	change("", subnet)
	return a, change, subnet
}

// network is the id of the project's default network.
func (a *testApp) network() string {
	a.t.Helper()
	result, err := a.engine.NetworkInspect(a.t.Context(), a.project+"_default", client.NetworkInspectOptions{})
	if err != nil {
		a.t.Fatal(err)
	}
	return result.Network.ID
}

// containerStates are those of all containers.
func (a *testApp) containerStates() string {
	var all []string
	for _, c := range a.containers() {
		all = append(all, c.Name+" "+c.ID[:12]+" "+string(c.State.Status))
	}
	return strings.Join(all, "\n")
}

func TestNetworkIsRecreated(t *testing.T) {
	t.Parallel()
	a, change, subnet := newNetworkedApp(t)
	a.ok("run", "all")
	for _, options := range []string{"labels: { a: b },", "driver_opts: { com.docker.network.driver.mtu: '1400' },"} {
		before, network := a.containerStates(), a.network()
		change(options, subnet)
		if plan := a.ok("plan", "hi"); !strings.Contains(plan, "recreate  network  "+a.project+"_default  its configuration has changed") || a.network() != network {
			t.Errorf("plan:\n%s", plan)
		}
		a.ok("run", "-n", "hi")
		expectEqual(t, "the network after a plan", a.network(), network)
		a.ok("run", "hi") // fixed is not in this plan
		renewed := a.network()
		if renewed == network {
			t.Errorf("%s: the network was not made anew", options)
		}
		expectEqual(t, "containers", a.containerStates(), before)
		for _, c := range a.containers() {
			if at := c.NetworkSettings.Networks[a.project+"_default"]; at == nil || c.State.Running && at.NetworkID != renewed {
				t.Errorf("%s is not on the network: %+v", c.Name, at)
			}
		}
		fixed := a.service("fixed")
		if expectEqual(t, "the fixed address", a.address(fixed), subnet+".77"); !slices.Contains(fixed.NetworkSettings.Networks[a.project+"_default"].Aliases, "firm") {
			t.Error("the alias is lost")
		}
		if r := a.tasks("run", "all"); r.code != 0 || strings.Contains(r.stderr, "recreated") || strings.Contains(r.stderr, "started") {
			t.Errorf("the next run has something to do: %+v", r)
		}
	}
}

func (a *testApp) address(c container.InspectResponse) string {
	a.t.Helper()
	at := c.NetworkSettings.Networks[a.project+"_default"]
	if at == nil {
		a.t.Fatalf("%s is not on the network", c.Name)
	}
	return at.IPAddress.String()
}

// With another subnet, a container with a fixed address is made anew, as its address is another; the others stay.
func TestNetworkGetsAnotherSubnet(t *testing.T) {
	t.Parallel()
	a, change, subnet := newNetworkedApp(t)
	a.ok("run", "all")
	web, fixed := a.service("web"), a.service("fixed")
	_, rest, _ := strings.Cut(subnet, "10.")
	other := "10." + rest[:strings.Index(rest, ".")] + ".251"
	change("", other)
	a.ok("run", "all")
	expectEqual(t, "web, kept", a.service("web").ID, web.ID)
	after := a.service("fixed")
	if expectEqual(t, "the fixed address", a.address(after), other+".77"); after.ID == fixed.ID {
		t.Error("the container with another address was kept")
	}
	// What was connected before goes back where the engine cannot make the network: the other one's subnet is taken.
	before, network := a.containerStates(), a.network()
	change("driver: there-is-none,", other)
	if r := a.tasks("run", "all"); r.code != 125 || !strings.Contains(r.stderr, "making it anew") {
		t.Errorf("%+v", r)
	}
	expectEqual(t, "containers, as before", a.containerStates(), before)
	if now := a.network(); now == network {
		t.Error("the old network cannot be the same: it had to go first")
	}
	change("", other)
	a.ok("run", "all")
	expectEqual(t, "containers, as before", a.containerStates(), before)
}

func TestNetworkWithOneOffIsKept(t *testing.T) {
	t.Parallel()
	a, change, subnet := newNetworkedApp(t)
	long := a.start("run", "long")
	long.waitOutput("up")
	before, network, name := a.containerStates(), a.network(), strings.TrimPrefix(a.oneOffs()[0].Name, "/")
	change("labels: { a: b },", subnet)
	r := a.start("run", "hi").wait()
	if r.code != 125 || !strings.Contains(r.stderr, "a one-off uses it: "+name) {
		t.Errorf("%+v", r)
	}
	expectEqual(t, "containers, untouched", a.containerStates(), before)
	expectEqual(t, "the network, untouched", a.network(), network)
	long.signal(syscall.SIGTERM)
	long.wait()
}
