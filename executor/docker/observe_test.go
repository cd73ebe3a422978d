package docker

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	dockerspec "github.com/moby/docker-image-spec/specs-go/v1"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/image"
	"github.com/moby/moby/api/types/network"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"tasks/executor/engine"
	"tasks/planner/observed"
)

func TestListed(t *testing.T) {
	got := observedContainer(container.Summary{
		ID: "1", Names: []string{"/web/db", "/p-db-1"}, ImageID: "sha256:2", State: "running", Created: 60,
		Labels:          map[string]string{"a": "b"},
		Mounts:          []container.MountPoint{{Type: "volume", Name: "v", Source: "/s", Destination: "/d"}},
		NetworkSettings: &container.NetworkSettingsSummary{Networks: map[string]*network.EndpointSettings{"n": {NetworkID: "3"}, "gone": nil}},
	})
	want := &observed.Container{
		ID: "1", Name: "p-db-1", ImageID: "sha256:2", State: "running", CreatedAt: time.Unix(60, 0).UTC(),
		Labels:   map[string]string{"a": "b"},
		Mounts:   []observed.Mount{{Type: "volume", Name: "v", Source: "/s", Destination: "/d"}},
		Networks: map[string]string{"n": "3"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestContainerState(t *testing.T) {
	got := containerState(container.InspectResponse{
		ID: "1", Name: "/p-db-1", Image: "sha256:2", Created: "2026-01-02T03:04:05.6Z",
		State: &container.State{
			Status: "exited", ExitCode: 127, Error: "not there", OOMKilled: true,
			Health: &container.Health{Status: "unhealthy", FailingStreak: 3, Log: []*container.HealthcheckResult{{}, {ExitCode: 1, Output: " refused\n"}}},
		},
		HostConfig: &container.HostConfig{Resources: container.Resources{Memory: 8 << 20}},
		Config:     &container.Config{Tty: true, User: "app", Healthcheck: &container.HealthConfig{Test: []string{"CMD", "probe"}}},
	})
	want := engine.ContainerState{
		Container: observed.Container{
			ID: "1", Name: "p-db-1", ImageID: "sha256:2", State: "exited", ExitCode: 127, Health: "unhealthy", HasHealthcheck: true,
			Mounts: []observed.Mount{}, CreatedAt: time.Date(2026, 1, 2, 3, 4, 5, 6e8, time.UTC),
		},
		Error: "not there", IsOutOfMemory: true, MemoryLimit: 8 << 20, LastProbeOutput: "refused (exit code 1)", TTY: true,
		Probe: &engine.Probe{Command: []string{"probe"}, User: "app", Timeout: 30 * time.Second, Interval: 30 * time.Second, Retries: 3},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// The last words of a healthcheck are those of the last start, and no noise of the engine.
func TestLastProbe(t *testing.T) {
	start := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	result := func(after time.Duration, code int, output string) *container.HealthcheckResult {
		return &container.HealthcheckResult{Start: start.Add(after), ExitCode: code, Output: output}
	}
	before, early := result(-time.Second, 1, "of an earlier start"), result(time.Second, 1, "refused\n")
	for name, test := range map[string]struct {
		log  []*container.HealthcheckResult
		want string
	}{
		"none":                   {nil, ""},
		"of an earlier start":    {[]*container.HealthcheckResult{before}, ""},
		"of this start":          {[]*container.HealthcheckResult{before, early}, "refused (exit code 1)"},
		"no words":               {[]*container.HealthcheckResult{early, result(2*time.Second, 2, "")}, "(exit code 2)"},
		"killed":                 {[]*container.HealthcheckResult{early, result(2*time.Second, 137, "")}, "refused (exit code 1)"},
		"noise":                  {[]*container.HealthcheckResult{early, result(2*time.Second, 126, "cannot exec in a deleted state: unknown")}, "refused (exit code 1)"},
		"only noise":             {[]*container.HealthcheckResult{before, result(2*time.Second, -1, "OCI runtime exec failed: exec failed: write init-p: broken pipe: unknown")}, ""},
		"the engine had trouble": {[]*container.HealthcheckResult{early, result(2*time.Second, -1, "context canceled")}, "refused (exit code 1)"},
		"no answer in time":      {[]*container.HealthcheckResult{early, result(2*time.Second, -1, "Health check exceeded timeout (1s)")}, "Health check exceeded timeout (1s) (exit code -1)"},
		"no such program":        {[]*container.HealthcheckResult{result(2*time.Second, -1, `OCI runtime exec failed: exec: "x": executable file not found`)}, `OCI runtime exec failed: exec: "x": executable file not found (exit code -1)`},
	} {
		if got := lastProbe(&container.Health{Log: test.log}, start); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

// A pause ends the engine's probing, and the engine reports unhealthy.
func TestHealth(t *testing.T) {
	check := func(retries int) *container.Config {
		return &container.Config{Healthcheck: &container.HealthConfig{Test: []string{"CMD", "x"}, Retries: retries}}
	}
	for name, test := range map[string]struct {
		config *container.Config
		health *container.Health
		want   string
	}{
		"none":            {check(0), nil, ""},
		"no healthcheck":  {check(0), &container.Health{Status: container.NoHealthcheck}, ""},
		"starting":        {check(0), &container.Health{Status: container.Starting}, "starting"},
		"healthy":         {check(0), &container.Health{Status: container.Healthy}, "healthy"},
		"unhealthy":       {check(0), &container.Health{Status: container.Unhealthy, FailingStreak: 3}, "unhealthy"},
		"after one":       {check(1), &container.Health{Status: container.Unhealthy, FailingStreak: 1}, "unhealthy"},
		"probing ended":   {check(0), &container.Health{Status: container.Unhealthy}, "starting"},
		"ended in doubt":  {check(5), &container.Health{Status: container.Unhealthy, FailingStreak: 4}, "starting"},
		"no config known": {nil, &container.Health{Status: container.Unhealthy, FailingStreak: 2}, "starting"},
	} {
		got := health(container.InspectResponse{State: &container.State{Health: test.health}, Config: test.config})
		if got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

func TestProbe(t *testing.T) {
	tests := []struct {
		name     string
		config   container.Config
		platform string
		want     []string
	}{
		{"none", container.Config{}, "linux", nil},
		{"switched off", container.Config{Healthcheck: &container.HealthConfig{Test: []string{"NONE"}}}, "linux", nil},
		{"only a schedule", container.Config{Healthcheck: &container.HealthConfig{Retries: 1}}, "linux", nil},
		{"words", container.Config{Healthcheck: &container.HealthConfig{Test: []string{"CMD", "a", "b c"}}}, "linux", []string{"a", "b c"}},
		{"shell", container.Config{Healthcheck: &container.HealthConfig{Test: []string{"CMD-SHELL", "a b"}}}, "linux", []string{"/bin/sh", "-c", "a b"}},
		{"the image's shell", container.Config{Shell: []string{"bash", "-ec"}, Healthcheck: &container.HealthConfig{Test: []string{"CMD-SHELL", "a b"}}},
			"linux", []string{"bash", "-ec", "a b"}},
		{"windows", container.Config{Healthcheck: &container.HealthConfig{Test: []string{"CMD-SHELL", "a b"}}}, "windows", []string{"cmd", "/S", "/C", "a b"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var got []string
			if p := probe(&test.config, test.platform); p != nil {
				got = p.Command
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// manifest is a manifest of an image, for a platform "os/arch".
func manifest(id, platform string, available bool) image.ManifestSummary {
	os, arch, _ := strings.Cut(platform, "/")
	return image.ManifestSummary{
		ID: id, Kind: image.ManifestKindImage, Available: available,
		ImageData: &image.ImageProperties{Platform: ocispec.Platform{OS: os, Architecture: arch}},
	}
}

func TestImageID(t *testing.T) {
	attestation := image.ManifestSummary{ID: "attestation", Kind: image.ManifestKindAttestation, Available: true}
	arm, s390 := manifest("arm", "linux/arm64", true), manifest("s390", "linux/s390x", true)
	tests := []struct {
		name, platform string
		manifests      []image.ManifestSummary
		want           string
	}{
		{"no manifests", "", nil, "index"},
		{"no manifests, fitting", "linux/s390x", nil, "index"},
		{"no manifests, other platform", "linux/arm64", nil, ""},
		{"fitting manifest", "linux/arm64", []image.ManifestSummary{s390, arm, attestation}, "arm"},
		{"fitting but not here", "linux/arm64", []image.ManifestSummary{s390, manifest("arm", "linux/arm64", false)}, ""},
		{"the engine's choice", "", []image.ManifestSummary{arm, s390}, "s390"},
		{"the only one", "", []image.ManifestSummary{manifest("odd", "plan9/mips", true), attestation}, "odd"},
		{"several, none fitting", "", []image.ManifestSummary{manifest("a", "plan9/mips", true), manifest("b", "plan9/386", true)}, "index"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := imageID(image.InspectResponse{ID: "index", Os: "linux", Architecture: "s390x", Manifests: test.manifests}, test.platform)
			if got != test.want || engine.IsNotFound(err) != (test.want == "") {
				t.Errorf("id %q, error %v; want %q", got, err, test.want)
			}
		})
	}
	if _, err := imageID(image.InspectResponse{}, "a/b/c/d/e"); err == nil {
		t.Error("a platform of five parts is accepted")
	}
}

func TestObservedImage(t *testing.T) {
	r := image.InspectResponse{ID: "i", Config: &dockerspec.DockerOCIImageConfig{}}
	r.Config.Volumes = map[string]struct{}{"/b": {}, "/a": {}}
	r.Config.Healthcheck = &dockerspec.HealthcheckConfig{Test: []string{"CMD", "x"}}
	got, err := observedImage(r, "")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(observed.Image{ID: "i", Volumes: []string{"/a", "/b"}, HasHealthcheck: true}, got); diff != "" {
		t.Error(diff)
	}
}

// TestObservedImageOfAList: a label may have the id for the platform, the id of the list, or the id for the engine's
// own platform. Mounts use the last id.
func TestObservedImageOfAList(t *testing.T) {
	arm, s390 := manifest("arm", "linux/arm64", true), manifest("s390", "linux/s390x", true)
	r := image.InspectResponse{ID: "index", Os: "linux", Architecture: "s390x", Manifests: []image.ManifestSummary{arm, s390}}
	for platform, want := range map[string]observed.Image{
		"linux/arm64": {ID: "arm", ListID: "index", MountID: "s390"},
		"":            {ID: "s390", ListID: "index"},
	} {
		got, err := observedImage(r, platform)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("platform %q: %s", platform, diff)
		}
	}
}

func TestTailKeepsTheEnd(t *testing.T) {
	end := tail{limit: 5}
	for _, part := range []string{"ab", "cdef", "0123456789", "x"} {
		if n, err := end.Write([]byte(part)); n != len(part) || err != nil {
			t.Errorf("wrote %d, %v", n, err)
		}
	}
	if got := string(end.bytes); got != "6789x" {
		t.Errorf("kept %q", got)
	}
}

func TestWholeSeconds(t *testing.T) {
	if got := wholeSeconds(nil); got != nil {
		t.Errorf("none became %d", *got)
	}
	for d, want := range map[time.Duration]int{0: 0, time.Millisecond: 1, time.Second: 1, 1500 * time.Millisecond: 2, -time.Second: 0} {
		if got := wholeSeconds(&d); *got != want {
			t.Errorf("%v became %d, want %d", d, *got, want)
		}
	}
}

func TestShort(t *testing.T) {
	id := strings.Repeat("0123456789abcdef", 4)
	for in, want := range map[string]string{id: "0123456789ab", "web-1": "web-1", strings.Repeat("z", 64): strings.Repeat("z", 64)} {
		if got := shortID(in); got != want {
			t.Errorf("%q became %q", in, got)
		}
	}
}

func TestListedHealth(t *testing.T) {
	for status, want := range map[string]string{
		"Up 5 minutes": "",
		"Up Less than a second (health: starting)": "starting",
		"Up 5 minutes (healthy)":                   "healthy",
		"Up About an hour (unhealthy)":             "unhealthy",
		"Up 5 minutes (Paused)":                    "",
	} {
		if got := listedHealth(status); got != want {
			t.Errorf("%q: %q; want %q", status, got, want)
		}
	}
}
