package standby

import (
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"

	"tasks/internal/composeproject"
	"tasks/planner"
	"tasks/planner/observed"
)

const slug = "0123456789abcdef"

// oneOff is a container without anything against a started standby.
func oneOff() planner.ContainerSpec {
	return planner.ContainerSpec{
		Name: "app-web-run-0123456789ab", Image: "web",
		Labels:   map[string]string{composeproject.LabelSlug: slug, observed.LabelOwner: "me"},
		Networks: []planner.Endpoint{{Key: "default", Aliases: []string{"app-web-run-0123456789ab"}}},
	}
}

func TestChoose(t *testing.T) {
	limits := func(l types.Resource) *types.DeployConfig {
		return &types.DeployConfig{Resources: types.Resources{Limits: &l}}
	}
	for name, test := range map[string]struct {
		change func(*planner.ContainerSpec, *Circumstances)
		mode   Mode
		reason string
	}{
		"nothing":         {func(*planner.ContainerSpec, *Circumstances) {}, Started, ""},
		"private project": {func(_ *planner.ContainerSpec, c *Circumstances) { c.IsPrivate = true }, None, "project of its own"},
		"no owner":        {func(s *planner.ContainerSpec, _ *Circumstances) { delete(s.Labels, observed.LabelOwner) }, None, "stays after its run"},
		"no holder":       {func(_ *planner.ContainerSpec, c *Circumstances) { c.HolderError = "the engine runs windows containers" }, Created, "windows"},
		"platform":        {func(s *planner.ContainerSpec, _ *Circumstances) { s.Service.Platform = "linux/arm64" }, Created, "platform"},
		"runtime":         {func(s *planner.ContainerSpec, _ *Circumstances) { s.Service.Runtime = "runsc" }, Created, "runtime"},
		"ports": {func(s *planner.ContainerSpec, _ *Circumstances) {
			s.Service.Ports = []types.ServicePortConfig{{Target: 80}}
		}, Created, "publishes"},
		"MAC address": {func(s *planner.ContainerSpec, _ *Circumstances) { s.Service.MacAddress = "02:42:ac:11:00:02" }, Created, "MAC"},
		"alias": {func(s *planner.ContainerSpec, _ *Circumstances) {
			s.Networks[0].Aliases = append(s.Networks[0].Aliases, "web")
		}, Created, "aliases"},
		"address": {func(s *planner.ContainerSpec, _ *Circumstances) {
			s.Networks[0].Config = &types.ServiceNetworkConfig{Ipv4Address: "10.0.0.7"}
		}, Created, "fixed address in network default"},
		"free address": {func(s *planner.ContainerSpec, _ *Circumstances) {
			s.Networks[0].Config = &types.ServiceNetworkConfig{Priority: 1}
		}, Started, ""},
		"fixed name": {func(s *planner.ContainerSpec, _ *Circumstances) {
			s.Name, s.Networks = "fixed", nil
		}, Created, "fixed name"},
		"healthcheck": {func(s *planner.ContainerSpec, _ *Circumstances) {
			s.Service.HealthCheck = &types.HealthCheckConfig{Test: []string{"CMD", "true"}}
		}, Created, "it has a healthcheck"},
		"healthcheck of the image": {func(_ *planner.ContainerSpec, c *Circumstances) { c.Image.HasHealthcheck = true }, Created, "its image"},
		"disabled healthcheck": {func(s *planner.ContainerSpec, c *Circumstances) {
			c.Image.HasHealthcheck, s.Service.HealthCheck = true, &types.HealthCheckConfig{Disable: true}
		}, Started, ""},
		"post_start": {func(s *planner.ContainerSpec, _ *Circumstances) { s.Service.PostStart = []types.ServiceHook{{}} }, Created, "post_start"},
		"network":    {func(s *planner.ContainerSpec, _ *Circumstances) { s.Service.NetworkMode = "container:x" }, Created, "network of another"},
		"no network": {func(s *planner.ContainerSpec, _ *Circumstances) { s.Service.NetworkMode = "none" }, Started, ""},
		"ipc":        {func(s *planner.ContainerSpec, _ *Circumstances) { s.Service.Ipc = "shareable" }, Created, "IPC"},
		"pid":        {func(s *planner.ContainerSpec, _ *Circumstances) { s.Service.Pid = "host" }, Created, "visible outside"},
		"init":       {func(s *planner.ContainerSpec, _ *Circumstances) { s.Service.Init = new(true) }, Created, "its init"},
		"read_only":  {func(s *planner.ContainerSpec, _ *Circumstances) { s.Service.ReadOnly = true }, Created, "read-only"},
		"seccomp":    {func(s *planner.ContainerSpec, _ *Circumstances) { s.Service.SecurityOpt = []string{"seccomp=x.json"} }, Created, "seccomp"},
		"no privileges": {func(s *planner.ContainerSpec, _ *Circumstances) {
			s.Service.SecurityOpt = []string{"no-new-privileges:true"}
		}, Started, ""},
		"little memory": {func(s *planner.ContainerSpec, _ *Circumstances) { s.Service.MemLimit = 8 << 20 }, Created, "memory limit"},
		"memory":        {func(s *planner.ContainerSpec, _ *Circumstances) { s.Service.MemLimit = 64 << 20 }, Started, ""},
		"deploy memory": {func(s *planner.ContainerSpec, _ *Circumstances) {
			s.Service.Deploy = limits(types.Resource{MemoryBytes: 8 << 20})
		}, Created, "memory limit"},
		"processes":     {func(s *planner.ContainerSpec, _ *Circumstances) { s.Service.PidsLimit = 1 }, Created, "limit of processes"},
		"cgroup_parent": {func(s *planner.ContainerSpec, _ *Circumstances) { s.Service.CgroupParent = "/x" }, Created, "cgroup_parent"},
		"remote bind": {func(s *planner.ContainerSpec, c *Circumstances) {
			c.IsLocal, s.Service.Volumes = false, []types.ServiceVolumeConfig{{Type: "bind", Source: "/a", Target: "/b"}}
		}, Created, "another machine"},
		"remote volume": {func(s *planner.ContainerSpec, c *Circumstances) {
			c.IsLocal, s.Service.Volumes = false, []types.ServiceVolumeConfig{{Type: "volume", Source: "a", Target: "/b"}}
		}, Started, ""},
		"copied files": {func(s *planner.ContainerSpec, c *Circumstances) {
			c.CopiesSources, s.Service.Volumes = true, []types.ServiceVolumeConfig{{Type: "bind", Source: "/a", Target: "/b"}}
		}, None, "copies the files"},
		"remote secret": {func(s *planner.ContainerSpec, c *Circumstances) {
			c.IsLocal, s.Service.Secrets = false, []types.ServiceSecretConfig{{Source: "a"}}
			s.Secrets = types.Secrets{"a": {File: "/a"}}
		}, Created, "another machine"},
		"mount over the root": {func(s *planner.ContainerSpec, _ *Circumstances) {
			s.Service.Volumes = []types.ServiceVolumeConfig{{Type: "volume", Source: "a", Target: "/"}}
		}, Created, "over its root"},
	} {
		t.Run(name, func(t *testing.T) {
			spec, c := oneOff(), Circumstances{IsLocal: true}
			test.change(&spec, &c)
			got := Choose(spec, c)
			if got.Mode != test.mode || !strings.Contains(got.Reason, test.reason) || (got.Reason == "") != (test.mode == Started) {
				t.Errorf("mode %d because %q; want %d because …%s…", got.Mode, got.Reason, test.mode, test.reason)
			}
		})
	}
}
