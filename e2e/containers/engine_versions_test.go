//go:build unix

package containers_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/network"

	"tasks/internal/testing/apptest"
)

func newerAttributes() map[string]apptest.NewerAttribute {
	return map[string]apptest.NewerAttribute{
		"mac_address": {Since: "1.44", Web: "mac_address: 02:42:ac:11:65:43", Warning: "service web: mac_address: needs Docker Engine 25.0",
			Inspect: func(c container.InspectResponse) (any, any) { return macs(c), "default 02:42:ac:11:65:43" }},
		"mac_address of each network": {Since: "1.44",
			Web:     "networks: {front: {mac_address: '02:42:ac:11:65:44', priority: 9}, back: {mac_address: '02:42:ac:11:65:45'}}",
			More:    "networks: {front: {}, back: {}}",
			Warning: "networks.back.mac_address: needs Docker Engine 25.0",
			Inspect: func(c container.InspectResponse) (any, any) {
				return macs(c), "back 02:42:ac:11:65:45, front 02:42:ac:11:65:44"
			}},
		"annotations": {Since: "1.43", Web: "annotations: {who: me}", Warning: "service web: annotations: needs Docker Engine 24.0",
			Inspect: func(c container.InspectResponse) (any, any) {
				return c.HostConfig.Annotations, map[string]string{"who": "me"}
			}},
		"start_interval": {Since: "1.44", Web: "healthcheck: {test: [CMD, 'true'], interval: 30s, start_period: 20s, start_interval: 200ms}",
			Warning: "start_interval is ignored: it needs Docker Engine 25.0", StillRuns: true,
			Inspect: func(c container.InspectResponse) (any, any) {
				return fmt.Sprint(c.Config.Healthcheck.StartInterval), "200ms"
			}},
		"recursively read-only": {Since: "1.44", Web: "volumes: [{type: bind, source: ., target: /src, read_only: true, bind: {recursive: readonly, propagation: rprivate}}]",
			Warning: "bind.recursive: readonly needs Docker Engine 25.0",
			Inspect: func(c container.InspectResponse) (any, any) {
				return c.HostConfig.Mounts[0].BindOptions.ReadOnlyForceRecursive, true
			}},
		"missing folder of a long bind": {Since: "1.42", Web: "volumes: [{type: bind, source: ./missing, target: /src, bind: {create_host_path: true, recursive: disabled}}]",
			Warning: "missing does not exist",
			Inspect: func(c container.InspectResponse) (any, any) {
				return c.HostConfig.Mounts[0].BindOptions.CreateMountpoint, true
			}},
		"part of a volume": {Since: "1.45", Web: "volumes: [{type: volume, source: data, target: /part, volume: {subpath: sub}}]", More: "volumes: {data: {}}",
			Setup: "mkdir -p /data/sub && echo below >/data/sub/file", Script: "cat /part/file", Output: "below\n",
			Warning: "volume.subpath needs Docker Engine 26.0"},
		"image as a volume": {Since: "1.48", Web: "volumes: [{type: image, source: @image, target: /image, image: {subpath: bin}}]",
			Script: "ls /image/sh", Output: "sh", Warning: "type image needs Docker Engine 28.0"},
		"image of a service as a volume": {Since: "1.48", Web: "volumes: [{type: image, source: assets, target: /image}]",
			More: "  assets: {image: @image}", Script: "ls /image/bin/sh", Output: "sh", Warning: "type image needs Docker Engine 28.0"},
		"gw_priority": {Since: "1.48", Web: "networks: {front: {gw_priority: 7}, back: {}}", More: "networks: {front: {}, back: {}}",
			Warning: "networks.front.gw_priority: needs Docker Engine 28.0",
			Inspect: func(c container.InspectResponse) (any, any) { return endpointOf(c, "front").GwPriority, 7 }},
		"interface_name": {Since: "1.49", Web: "networks: {default: {interface_name: lan7}}", Warning: "networks.default.interface_name: needs Docker Engine 28.1",
			Script: "ls /sys/class/net", Output: "lan7"},
		"network without IPv4": {Since: "1.48", Web: "networks: [six]", More: "networks: {six: {enable_ipv4: false, enable_ipv6: true}}",
			Warning: "enable_ipv4: false needs Docker Engine 28.0 (API 1.48)",
			Inspect: func(c container.InspectResponse) (any, any) {
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
			if !a.SupportsAPI(test.Since) {
				a.ExpectRefused(test)
				return
			}
			if test.Setup != "" {
				a.Ok("run", "beforehand")
			}
			if test.Inspect != nil {
				got, wanted := test.Inspect(a.ContainerDuringRun("x"))
				apptest.ExpectEqual(t, "in the container", got, wanted)
			}
			if out := a.Ok("run", "show"); !strings.Contains(out, test.Output) {
				t.Errorf("printed %q, want %q in it", out, test.Output)
			}
		})
	}
}

func newNewerApp(t *testing.T, test apptest.NewerAttribute) *apptest.App {
	t.Helper()
	compose := "services:\n  web:\n    image: @image\n    command: [signals]\n    " + test.Web + "\n" + test.More
	tasks := `
task "x" { service = "web" }
task "show" {
  service = "web"
  script  = "` + test.Script + `"
}
`
	if test.Script == "" {
		tasks = strings.Replace(tasks, `script  = ""`, `command = ["true"]`, 1)
	}
	if test.Setup != "" {
		compose = strings.Replace(compose, "services:\n", "services:\n  other: {image: @image, volumes: ['data:/data']}\n", 1)
		tasks += "task \"beforehand\" {\n  service = \"other\"\n  script  = \"" + test.Setup + "\"\n}\n"
	}
	return apptest.NewApp(t, compose, tasks)
}

// TestAttestedBuildsKeepTheContainer: what an attestation says of a build changes with each, and so the list of manifests
// that has it; what runs does not.
func TestAttestedBuildsKeepTheContainer(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, `
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
	a.Write("Dockerfile", "FROM @image\nENV MADE=once\n")
	ref := a.Project + "-db"
	t.Cleanup(func() { a.RemoveImage(ref) })
	first := a.Tasks("run", "x")
	if first.Code != 0 {
		apptest.ExpectEqual(t, "why it fails", strings.Contains(first.Stderr, "containerd"), true)
		t.Skipf("the engine has no image store of containerd, and says so:\n%s", first.Stderr)
	}
	list, before := a.ImageID(ref), a.Service("db")
	a.Ok("run", "--build", "x")
	if a.ImageID(ref) == list {
		t.Error("the second build has the same attestations: the test shows nothing")
	}
	apptest.ExpectEqual(t, "container after the second build", a.Service("db").ID, before.ID)
	a.Write("Dockerfile", "FROM @image\nENV MADE=twice\n")
	a.Ok("run", "--build", "x")
	apptest.ExpectEqual(t, "environment after a change", apptest.EnvironmentOf(a.Service("db"))["MADE"], "twice")
}
