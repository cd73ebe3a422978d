package main

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/network"
	"github.com/moby/moby/client"
	"github.com/moby/moby/client/pkg/versions"
)

// supportsAPI says whether the engine speaks at least a version of the API.
func (a *testApp) supportsAPI(version string) bool {
	return versions.GreaterThanOrEqualTo(a.engine.ClientVersion(), version)
}

// newerAttribute is what a compose file may ask of engines from some version of the API on.
type newerAttribute struct {
	// since is that version of the API.
	since string
	// web is the configuration of service web, one attribute a line; more stands behind the services.
	web, more string
	// warning is what an older engine's user is told; the run fails, unless stillRuns says that it goes on without.
	warning   string
	stillRuns bool
	inspect   func(c container.InspectResponse) (got, want any)
	// script is a script in such a container that prints prints, and beforehand one that another service runs first.
	script, output, setup string
}

func newerAttributes() map[string]newerAttribute {
	return map[string]newerAttribute{
		"mac_address": {since: "1.44", web: "mac_address: 02:42:ac:11:65:43", warning: "service web: mac_address: needs Docker Engine 25.0",
			inspect: func(c container.InspectResponse) (any, any) { return macs(c), "default 02:42:ac:11:65:43" }},
		"mac_address of each network": {since: "1.44",
			web:     "networks: {front: {mac_address: '02:42:ac:11:65:44', priority: 9}, back: {mac_address: '02:42:ac:11:65:45'}}",
			more:    "networks: {front: {}, back: {}}",
			warning: "networks.back.mac_address: needs Docker Engine 25.0",
			inspect: func(c container.InspectResponse) (any, any) {
				return macs(c), "back 02:42:ac:11:65:45, front 02:42:ac:11:65:44"
			}},
		"annotations": {since: "1.43", web: "annotations: {who: me}", warning: "service web: annotations: needs Docker Engine 24.0",
			inspect: func(c container.InspectResponse) (any, any) {
				return c.HostConfig.Annotations, map[string]string{"who": "me"}
			}},
		"start_interval": {since: "1.44", web: "healthcheck: {test: [CMD, 'true'], interval: 30s, start_period: 20s, start_interval: 200ms}",
			warning: "start_interval is ignored: it needs Docker Engine 25.0", stillRuns: true,
			inspect: func(c container.InspectResponse) (any, any) {
				return fmt.Sprint(c.Config.Healthcheck.StartInterval), "200ms"
			}},
		"recursively read-only": {since: "1.44", web: "volumes: [{type: bind, source: ., target: /src, read_only: true, bind: {recursive: readonly, propagation: rprivate}}]",
			warning: "bind.recursive: readonly needs Docker Engine 25.0",
			inspect: func(c container.InspectResponse) (any, any) {
				return c.HostConfig.Mounts[0].BindOptions.ReadOnlyForceRecursive, true
			}},
		"missing folder of a long bind": {since: "1.42", web: "volumes: [{type: bind, source: ./missing, target: /src, bind: {create_host_path: true, recursive: disabled}}]",
			warning: "bind source path does not exist",
			inspect: func(c container.InspectResponse) (any, any) {
				return c.HostConfig.Mounts[0].BindOptions.CreateMountpoint, true
			}},
		"part of a volume": {since: "1.45", web: "volumes: [{type: volume, source: data, target: /part, volume: {subpath: sub}}]", more: "volumes: {data: {}}",
			setup: "mkdir -p /data/sub && echo below >/data/sub/file", script: "cat /part/file", output: "below\n",
			warning: "volume.subpath needs Docker Engine 26.0"},
		"image as a volume": {since: "1.48", web: "volumes: [{type: image, source: @image, target: /image, image: {subpath: bin}}]",
			script: "ls /image/sh", output: "sh", warning: "type image needs Docker Engine 28.0"},
		"image of a service as a volume": {since: "1.48", web: "volumes: [{type: image, source: assets, target: /image}]",
			more: "  assets: {image: @image}", script: "ls /image/bin/sh", output: "sh", warning: "type image needs Docker Engine 28.0"},
		"gw_priority": {since: "1.48", web: "networks: {front: {gw_priority: 7}, back: {}}", more: "networks: {front: {}, back: {}}",
			warning: "networks.front.gw_priority: needs Docker Engine 28.0",
			inspect: func(c container.InspectResponse) (any, any) { return endpointOf(c, "front").GwPriority, 7 }},
		"interface_name": {since: "1.49", web: "networks: {default: {interface_name: lan7}}", warning: "networks.default.interface_name: needs Docker Engine 28.1",
			script: "ls /sys/class/net", output: "lan7"},
		"network without IPv4": {since: "1.48", web: "networks: [six]", more: "networks: {six: {enable_ipv4: false, enable_ipv6: true}}",
			warning: "enable_ipv4: false needs Docker Engine 28.0 (API 1.48)",
			inspect: func(c container.InspectResponse) (any, any) {
				e := endpointOf(c, "six")
				return []bool{e.IPAddress.IsValid(), e.GlobalIPv6Address.IsValid()}, []bool{false, true}
			}},
	}
}

// endpointOf is a container's end of a network of its project; nil: it has none.
func endpointOf(c container.InspectResponse, key string) *network.EndpointSettings {
	return c.NetworkSettings.Networks[c.Config.Labels["com.docker.compose.project"]+"_"+key]
}

// macs are the hardware addresses of a container in its networks, by their keys.
func macs(c container.InspectResponse) string {
	var all []string
	for _, key := range []string{"back", "default", "front"} {
		if e := endpointOf(c, key); e != nil {
			all = append(all, key+" "+e.MacAddress.String())
		}
	}
	return strings.Join(all, ", ")
}

// TestNewerAttributes: what an engine knows it is asked for; who has an older one is told, and not left to find out.
func TestNewerAttributes(t *testing.T) {
	t.Parallel()
	for name, test := range newerAttributes() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newNewerApp(t, test)
			if !a.supportsAPI(test.since) {
				a.expectRefused(test)
				return
			}
			if test.setup != "" {
				a.ok("run", "beforehand")
			}
			if test.inspect != nil {
				got, wanted := test.inspect(a.containerDuringRun("x"))
				expectEqual(t, "in the container", got, wanted)
			}
			if out := a.ok("run", "show"); !strings.Contains(out, test.output) {
				t.Errorf("printed %q, want %q in it", out, test.output)
			}
		})
	}
}

func newNewerApp(t *testing.T, test newerAttribute) *testApp {
	t.Helper()
	compose := "services:\n  web:\n    image: @image\n    command: [signals]\n    " + test.web + "\n" + test.more
	tasks := `
task "x" { service = "web" }
task "show" {
  service = "web"
  script  = "` + test.script + `"
}
`
	if test.script == "" {
		tasks = strings.Replace(tasks, `script  = ""`, `command = ["true"]`, 1)
	}
	if test.setup != "" {
		compose = strings.Replace(compose, "services:\n", "services:\n  other: {image: @image, volumes: ['data:/data']}\n", 1)
		tasks += "task \"beforehand\" {\n  service = \"other\"\n  script  = \"" + test.setup + "\"\n}\n"
	}
	return newApp(t, compose, tasks)
}

// expectRefused fails the test unless an older engine's user is told.
func (a *testApp) expectRefused(test newerAttribute) {
	a.t.Helper()
	r := a.tasks("run", "show")
	if code := map[bool]int{true: 0, false: 125}[test.stillRuns]; r.code != code {
		a.t.Errorf("code %d, want %d", r.code, code)
	}
	place := ""
	if strings.Contains(test.warning, "Docker Engine") {
		place = `compose\.yaml:\d+:\d+: .*`
	}
	if !regexp.MustCompile(place + regexp.QuoteMeta(test.warning)).MatchString(r.stderr) {
		a.t.Errorf("stderr lacks %q with a place:\n%s", test.warning, r.stderr)
	}
}

// TestAttestedBuildsKeepTheContainer: what an attestation says of a build changes with each, and so the list of manifests
// that has it; what runs does not.
func TestAttestedBuildsKeepTheContainer(t *testing.T) {
	t.Parallel()
	a := newApp(t, `
services:
  db:
    build:
      context: .
      provenance: mode=max
    command: [sleep, infinity]
`, `
task "x" {
  depends_on = [service.db]
  command    = ["true"]
}
`)
	a.write("Dockerfile", "FROM @image\nENV MADE=once\n")
	ref := a.project + "-db"
	t.Cleanup(func() { a.removeImage(ref) })
	first := a.tasks("run", "x")
	if first.code != 0 {
		expectEqual(t, "why it fails", strings.Contains(first.stderr, "containerd"), true)
		t.Skipf("the engine has no image store of containerd, and says so:\n%s", first.stderr)
	}
	list, before := a.imageID(ref), a.service("db")
	a.ok("run", "--build", "x")
	if a.imageID(ref) == list {
		t.Error("the second build has the same attestations: the test shows nothing")
	}
	expectEqual(t, "container after the second build", a.service("db").ID, before.ID)
	a.write("Dockerfile", "FROM @image\nENV MADE=twice\n")
	a.ok("run", "--build", "x")
	expectEqual(t, "environment after a change", environmentOf(a.service("db"))["MADE"], "twice")
}

// imageID is the engine's own id of an image, which may be that of a list.
func (a *testApp) imageID(ref string) string {
	a.t.Helper()
	image, err := a.engine.ImageInspect(a.t.Context(), ref)
	if err != nil {
		a.t.Fatal(err)
	}
	return image.ID
}

// removeImage may be called in a cleanup; that the image was never made is no matter.
func (a *testApp) removeImage(ref string) {
	_, _ = a.engine.ImageRemove(context.Background(), ref, client.ImageRemoveOptions{Force: true, PruneChildren: true})
}
