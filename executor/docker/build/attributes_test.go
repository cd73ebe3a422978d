package build

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/google/go-cmp/cmp"
	bkclient "github.com/moby/buildkit/client"
)

// folder is a context with a Dockerfile.
func folder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "Dockerfile"), []byte("FROM scratch\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

func prepared(t *testing.T, r Request) (*buildPlan, error) {
	t.Helper()
	if r.APIVersion == "" {
		r.APIVersion = namedContextsAPI
	}
	if r.Config.Context == "" {
		r.Config.Context = folder(t)
	}
	return prepare(r)
}

func TestAttributes(t *testing.T) {
	tests := []struct {
		name    string
		request Request
		want    map[string]string
	}{
		{"nothing", Request{}, nil},
		{"args", Request{Config: types.BuildConfig{Args: types.MappingWithEquals{"A": new("1"), "B": nil}}}, map[string]string{"build-arg:A": "1"}},
		{"proxies lie under args",
			Request{Proxies: map[string]*string{"HTTP_PROXY": new("http://p"), "NO_PROXY": new("x")},
				Config: types.BuildConfig{Args: types.MappingWithEquals{"NO_PROXY": new("y")}}},
			map[string]string{"build-arg:HTTP_PROXY": "http://p", "build-arg:NO_PROXY": "y"}},
		{"another frontend",
			Request{Config: types.BuildConfig{Args: types.MappingWithEquals{"BUILDKIT_SYNTAX": new("docker/dockerfile:1 x")}}},
			map[string]string{"build-arg:BUILDKIT_SYNTAX": "docker/dockerfile:1 x", "source": "docker/dockerfile:1", "cmdline": "docker/dockerfile:1 x"}},
		{"labels", Request{Labels: map[string]string{"a": "2"}, Config: types.BuildConfig{Labels: types.Labels{"a": "1", "b": "1"}}},
			map[string]string{"label:a": "2", "label:b": "1"}},
		{"target", Request{Config: types.BuildConfig{Target: "dev"}}, map[string]string{"target": "dev"}},
		{"pull", Request{Config: types.BuildConfig{Pull: true}}, map[string]string{"image-resolve-mode": "pull"}},
		{"no cache", Request{Config: types.BuildConfig{NoCache: true}}, map[string]string{"no-cache": ""}},
		{"no cache of some", Request{Config: types.BuildConfig{NoCacheFilter: types.StringList{"a", "b"}}}, map[string]string{"no-cache": "a,b"}},
		{"platform", Request{Platform: "linux/arm64"}, map[string]string{"platform": "linux/arm64"}},
		{"platform offered", Request{Config: types.BuildConfig{Platforms: types.StringList{"linux/arm64"}}}, map[string]string{"platform": "linux/arm64"}},
		{"platforms offered", Request{Config: types.BuildConfig{Platforms: types.StringList{"linux/arm64", "linux/amd64"}}}, nil},
		{"no network", Request{Config: types.BuildConfig{Network: "none"}}, map[string]string{"force-network-mode": "none"}},
		{"host network", Request{Config: types.BuildConfig{Network: "host"}}, map[string]string{"force-network-mode": "host"}},
		{"hosts", Request{Config: types.BuildConfig{ExtraHosts: types.HostsList{"b": {"1.1.1.1"}, "a": {"::1", "2.2.2.2"}}}},
			map[string]string{"add-hosts": "a=2.2.2.2,a=::1,b=1.1.1.1"}},
		{"shm_size", Request{Config: types.BuildConfig{ShmSize: 1 << 20}}, map[string]string{"shm-size": "1048576"}},
		{"ulimits", Request{Config: types.BuildConfig{Ulimits: map[string]*types.UlimitsConfig{"nofile": {Soft: 1, Hard: 2}, "core": {Single: 3}}}},
			map[string]string{"ulimit": "core=3:3,nofile=1:2"}},
		{"provenance", Request{Config: types.BuildConfig{Provenance: "mode=max"}}, map[string]string{"attest:provenance": "mode=max"}},
		{"no provenance", Request{Config: types.BuildConfig{Provenance: "false"}}, nil},
		{"contexts", Request{Config: types.BuildConfig{AdditionalContexts: types.Mapping{"base": "docker-image://x", "repo": "https://example.com/x.git"}}},
			map[string]string{"context:base": "docker-image://x", "context:repo": "https://example.com/x.git", "frontend.caps": "moby.buildkit.frontend.contexts+forward"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p, err := prepared(t, test.request)
			if err != nil {
				t.Fatal(err)
			}
			want := map[string]string{"filename": "Dockerfile", "dockerfilekey": "dockerfile", "image-resolve-mode": "local"}
			maps.Copy(want, test.want)
			if diff := cmp.Diff(want, p.options.FrontendAttrs); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestRefusals(t *testing.T) {
	old := "1.41"
	tests := []struct {
		name    string
		request Request
		says    string
	}{
		{"network", Request{Config: types.BuildConfig{Network: "mine"}}, "build.network"},
		{"isolation", Request{Config: types.BuildConfig{Isolation: "hyperv"}}, "build.isolation"},
		{"platform not offered", Request{Platform: "linux/s390x", Config: types.BuildConfig{Platforms: types.StringList{"linux/arm64"}}}, "build.platforms"},
		{"empty image layout", Request{ProjectDir: t.TempDir(), Config: types.BuildConfig{AdditionalContexts: types.Mapping{"base": "oci-layout://x"}}}, "build.additional_contexts.base"},
		{"missing folder", Request{Config: types.BuildConfig{AdditionalContexts: types.Mapping{"base": "/no/such"}}}, "build.additional_contexts.base"},
		{"missing context", Request{Config: types.BuildConfig{Context: "/no/such"}}, "build.context"},
		{"missing Dockerfile", Request{Config: types.BuildConfig{Dockerfile: "nope"}}, "build.dockerfile"},
		{"two Dockerfiles", Request{Config: types.BuildConfig{Dockerfile: "a", DockerfileInline: "FROM b"}}, "build.dockerfile_inline: it and build.dockerfile exclude each other"},
		{"cache without type", Request{Config: types.BuildConfig{CacheFrom: types.StringList{"ref=x"}}}, "build.cache_from"},
		{"unknown secret", Request{Config: types.BuildConfig{Secrets: []types.ServiceSecretConfig{{Source: "s"}}}}, "build.secrets.s"},
		{"old engine, shm_size", Request{APIVersion: old, Config: types.BuildConfig{ShmSize: 1}}, "build.shm_size: needs Docker Engine 23"},
		{"old engine, ulimits", Request{APIVersion: old, Config: types.BuildConfig{Ulimits: map[string]*types.UlimitsConfig{"core": {Single: 1}}}}, "build.ulimits"},
		{"old engine, contexts", Request{APIVersion: old, Config: types.BuildConfig{AdditionalContexts: types.Mapping{"a": "docker-image://b"}}}, "build.additional_contexts"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if _, err := prepared(t, test.request); err == nil || !strings.Contains(err.Error(), test.says) {
				t.Errorf("error %v, want one that says %q", err, test.says)
			}
		})
	}
}

func TestAllMistakesAtOnce(t *testing.T) {
	_, err := prepared(t, Request{Config: types.BuildConfig{Network: "mine", Isolation: "hyperv"}})
	for _, attribute := range []string{"build.network", "build.isolation"} {
		if err == nil || !strings.Contains(err.Error(), attribute) {
			t.Errorf("error %v does not name %s", err, attribute)
		}
	}
}

func TestCache(t *testing.T) {
	p, err := prepared(t, Request{Config: types.BuildConfig{
		CacheFrom: types.StringList{"example.com/x", "type=local,src=/c"},
		CacheTo:   types.StringList{"type=inline"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	from := []bkclient.CacheOptionsEntry{
		{Type: "registry", Attrs: map[string]string{"ref": "example.com/x"}},
		{Type: "local", Attrs: map[string]string{"src": "/c"}},
	}
	if diff := cmp.Diff(from, p.options.CacheImports); diff != "" {
		t.Error(diff)
	}
	if len(p.options.CacheExports) != 1 || len(p.imageStoreErrors) != 0 {
		t.Errorf("exports %v need %v; want one that needs nothing", p.options.CacheExports, p.imageStoreErrors)
	}
}

func TestWhatOnlyTheWorkerKnows(t *testing.T) {
	config := types.BuildConfig{ExtraHosts: types.HostsList{"me": {hostGateway}, "x": {"1.1.1.1"}}}
	p, err := prepared(t, Request{Config: config})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.applyWorkerLabels(nil); err == nil || !strings.Contains(err.Error(), "build.extra_hosts.me: host-gateway") {
		t.Errorf("error %v of an old engine, want one that names the host", err)
	}
	if err := p.applyWorkerLabels(map[string]string{gatewayLabel: "172.17.0.1"}); err != nil {
		t.Error(err)
	}
	if got := p.options.FrontendAttrs["add-hosts"]; got != "x=1.1.1.1,me=172.17.0.1" {
		t.Errorf("hosts %q", got)
	}
	p, err = prepared(t, Request{Config: types.BuildConfig{SBOM: "true", CacheTo: types.StringList{"type=registry,ref=x"}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.applyWorkerLabels(nil); err == nil || !strings.Contains(err.Error(), "build.sbom") || !strings.Contains(err.Error(), "build.cache_to") {
		t.Errorf("error %v, want one that names sbom and cache_to", err)
	}
	if err := p.applyWorkerLabels(map[string]string{snapshotterLabel: "overlayfs"}); err != nil {
		t.Error(err)
	}
}

func TestEntitlements(t *testing.T) {
	p, err := prepared(t, Request{Config: types.BuildConfig{Network: "host", Privileged: true, Entitlements: []string{"network.host"}}})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"network.host", "security.insecure"}, p.options.AllowedEntitlements); diff != "" {
		t.Error(diff)
	}
}

func TestDockerfilePlaces(t *testing.T) {
	elsewhere := folder(t)
	small := t.TempDir()
	os.WriteFile(filepath.Join(small, "dockerfile"), []byte("FROM scratch\n"), 0o644)
	tests := []struct {
		name         string
		config       types.BuildConfig
		filename     string
		localContext bool
		localFile    bool
	}{
		{"elsewhere", types.BuildConfig{Dockerfile: filepath.Join(elsewhere, "Dockerfile")}, "Dockerfile", true, true},
		{"in small letters", types.BuildConfig{Context: small}, "dockerfile", true, true},
		{"inline", types.BuildConfig{DockerfileInline: "FROM scratch"}, "Dockerfile", true, true},
		{"in a repository", types.BuildConfig{Context: "https://example.com/x.git", Dockerfile: "build/Dockerfile"}, "build/Dockerfile", false, false},
		{"for a repository", types.BuildConfig{Context: "git@example.com:x.git", Dockerfile: filepath.Join(elsewhere, "Dockerfile")}, "Dockerfile", false, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p, err := prepared(t, Request{Config: test.config})
			if err != nil {
				t.Fatal(err)
			}
			if got := p.options.FrontendAttrs["filename"]; got != test.filename {
				t.Errorf("filename %q, want %q", got, test.filename)
			}
			if got := p.options.LocalMounts[contextMount] != nil; got != test.localContext {
				t.Errorf("context from here: %t", got)
			}
			if got := p.options.LocalMounts[dockerfileMount] != nil; got != test.localFile {
				t.Errorf("Dockerfile from here: %t", got)
			}
		})
	}
}
