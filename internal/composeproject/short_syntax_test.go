package composeproject

import (
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/google/go-cmp/cmp"
)

func TestParsePorts(t *testing.T) {
	tcp := func(ip, published string, target uint32) types.ServicePortConfig {
		return types.ServicePortConfig{Mode: "ingress", HostIP: ip, Published: published, Target: target, Protocol: "tcp"}
	}
	tests := map[string]struct {
		specs []string
		want  []types.ServicePortConfig
	}{
		"none":          {nil, nil},
		"container":     {[]string{"80"}, []types.ServicePortConfig{tcp("", "", 80)}},
		"host":          {[]string{"8080:80"}, []types.ServicePortConfig{tcp("", "8080", 80)}},
		"address":       {[]string{"127.0.0.1:8080:80"}, []types.ServicePortConfig{tcp("127.0.0.1", "8080", 80)}},
		"address alone": {[]string{"127.0.0.1::80"}, []types.ServicePortConfig{tcp("127.0.0.1", "", 80)}},
		"range":         {[]string{"9000-9001:80-81"}, []types.ServicePortConfig{tcp("", "9000", 80), tcp("", "9001", 81)}},
		"host range":    {[]string{"9000-9005:80"}, []types.ServicePortConfig{tcp("", "9000-9005", 80)}},
		"twice":         {[]string{"8080:80", "8080:80/tcp"}, []types.ServicePortConfig{tcp("", "8080", 80)}},
		"udp": {[]string{"53:53/UDP"}, []types.ServicePortConfig{
			{Mode: "ingress", Published: "53", Target: 53, Protocol: "udp"},
		}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := ParsePorts(test.specs)
			if diff := cmp.Diff(test.want, got); diff != "" || err != nil {
				t.Errorf("error %v, diff:\n%s", err, diff)
			}
		})
	}
}

func TestParsePortsErrors(t *testing.T) {
	_, err := ParsePorts([]string{"99999:80", "80", "x", "pass-word:secret:80"})
	if err == nil {
		t.Fatal("no error")
	}
	for _, part := range []string{`port "99999:80": `, `port "x": `, "[[IP:]HOST:]CONTAINER"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q is missing in: %v", part, err)
		}
	}
	if strings.Count(err.Error(), "pass-word") != 1 {
		t.Errorf("a part of a port stands alone, so a sensitive port is not masked: %v", err)
	}
}

func TestParseVolumes(t *testing.T) {
	t.Setenv("HOME", "/home/me")
	bind := func(source, target string) types.ServiceVolumeConfig {
		return types.ServiceVolumeConfig{
			Type: "bind", Source: source, Target: target, Bind: &types.ServiceVolumeBind{CreateHostPath: true},
		}
	}
	named := func(source, target string) types.ServiceVolumeConfig {
		return types.ServiceVolumeConfig{Type: "volume", Source: source, Target: target, Volume: &types.ServiceVolumeVolume{}}
	}
	readOnly := bind("/srv/src", "/src")
	readOnly.ReadOnly, readOnly.Bind.SELinux = true, "z"
	tests := map[string]struct {
		specs []string
		want  []types.ServiceVolumeConfig
	}{
		"anonymous":          {[]string{"/data"}, []types.ServiceVolumeConfig{named("", "/data")}},
		"short anonymous":    {[]string{"/d"}, []types.ServiceVolumeConfig{{Type: "volume", Target: "/d"}}},
		"named":              {[]string{"data:/data"}, []types.ServiceVolumeConfig{named("data", "/data")}},
		"relative":           {[]string{"./src:/src"}, []types.ServiceVolumeConfig{bind("/work/src", "/src")}},
		"above":              {[]string{"../src:/src"}, []types.ServiceVolumeConfig{bind("/src", "/src")}},
		"the folder":         {[]string{".:/src"}, []types.ServiceVolumeConfig{bind("/work", "/src")}},
		"home":               {[]string{"~/x:/src"}, []types.ServiceVolumeConfig{bind("/home/me/x", "/src")}},
		"options":            {[]string{"/srv/src:/src:ro,z"}, []types.ServiceVolumeConfig{readOnly}},
		"same target":        {[]string{"v1:/data", "v2:/data/"}, []types.ServiceVolumeConfig{named("v2", "/data/")}},
		"order is kept":      {[]string{"v1:/1", "v2:/2", "v3:/1"}, []types.ServiceVolumeConfig{named("v3", "/1"), named("v2", "/2")}},
		"a drive of Windows": {[]string{`c:\src:d:\dst`}, []types.ServiceVolumeConfig{bind(`c:\src`, `d:\dst`)}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := ParseVolumes(test.specs, "/work", nil)
			if diff := cmp.Diff(test.want, got); diff != "" || err != nil {
				t.Errorf("error %v, diff:\n%s", err, diff)
			}
		})
	}
}

func TestParseVolumesErrors(t *testing.T) {
	tests := map[string]string{
		"":              "nothing is written",
		"data:x":        `the path in the container, "x", is not absolute`,
		"a:/x":          `the path in the container, "a:/x", is not absolute`,
		"x":             `the path in the container, "x", is not absolute`,
		"data::/x":      "empty section between colons",
		"src/x:/x":      "write ./src/x for a path of the host",
		"./a:/b:r":      `unknown option "r": write one of ro, rw, z, Z, nocopy, rprivate`,
		"./a:/b:ro:foo": "too many colons",
		"cache:/cache":  `the compose file declares no volume "cache": add it under volumes, or write ./cache for a folder`,
	}
	for spec, want := range tests {
		t.Run(spec, func(t *testing.T) {
			_, err := ParseVolumes([]string{spec}, "/work", func(name string) bool { return name == "data" })
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("got %v, want %q", err, want)
			}
		})
	}
	if _, err := ParseVolumes([]string{"data:/x"}, "/work", func(name string) bool { return name == "data" }); err != nil {
		t.Errorf("a declared volume: %v", err)
	}
}

func TestMergeVolumesLeavesItsArguments(t *testing.T) {
	volumes := []types.ServiceVolumeConfig{{Source: "a", Target: "/x"}}
	merged := MergeVolumes(volumes, []types.ServiceVolumeConfig{{Source: "b", Target: "/x"}})
	if merged[0].Source != "b" || volumes[0].Source != "a" {
		t.Errorf("merged %+v, given %+v", merged, volumes)
	}
}
