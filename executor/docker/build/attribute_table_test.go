package build

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the table of docs/images.md")

// TestTableIsComplete fails when the compose specification gains an attribute.
func TestTableIsComplete(t *testing.T) {
	var want, got []string
	for field := range reflect.TypeFor[types.BuildConfig]().Fields() {
		if name, _, _ := strings.Cut(field.Tag.Get("yaml"), ","); name != "#extensions" {
			want = append(want, name)
		}
	}
	for _, a := range attributes() {
		got = append(got, a.name)
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-attributes of a build section +rows of the table:\n%s", diff)
	}
}

// samples has each attribute set, alone.
func samples(t *testing.T) map[string]types.BuildConfig {
	elsewhere := folder(t)
	return map[string]types.BuildConfig{
		"context":             {Context: "https://example.com/x.git"},
		"dockerfile":          {Dockerfile: filepath.Join(elsewhere, "Other")},
		"dockerfile_inline":   {DockerfileInline: "FROM scratch"},
		"additional_contexts": {AdditionalContexts: types.Mapping{"a": "docker-image://b"}},
		"args":                {Args: types.MappingWithEquals{"A": new("1")}},
		"target":              {Target: "dev"},
		"labels":              {Labels: types.Labels{"a": "1"}},
		"tags":                {Tags: types.StringList{"other"}},
		"platforms":           {Platforms: types.StringList{"linux/arm64"}},
		"pull":                {Pull: true},
		"no_cache":            {NoCache: true},
		"no_cache_filter":     {NoCacheFilter: types.StringList{"a"}},
		"cache_from":          {CacheFrom: types.StringList{"a"}},
		"cache_to":            {CacheTo: types.StringList{"a"}},
		"secrets":             {Secrets: []types.ServiceSecretConfig{{Source: "s"}}},
		"ssh":                 {SSH: types.SSHConfig{{ID: "default", Path: "/no/such/agent"}}},
		"network":             {Network: "none"},
		"extra_hosts":         {ExtraHosts: types.HostsList{"a": {"1.1.1.1"}}},
		"shm_size":            {ShmSize: 1},
		"ulimits":             {Ulimits: map[string]*types.UlimitsConfig{"core": {Single: 1}}},
		"entitlements":        {Entitlements: []string{"network.host"}},
		"privileged":          {Privileged: true},
		"provenance":          {Provenance: "true"},
		"sbom":                {SBOM: "true"},
		"isolation":           {Isolation: "hyperv"},
	}
}

// outcome is what a request comes to, in a form that can be compared.
func outcome(t *testing.T, c types.BuildConfig) string {
	t.Helper()
	p, err := prepared(t, Request{Ref: "image", Config: c})
	if err != nil {
		return err.Error()
	}
	o := p.options
	return fmt.Sprint(p.dockerfile == "dockerfile_inline", o.FrontendAttrs, o.Exports, o.CacheImports, o.CacheExports, len(o.LocalMounts), len(o.Session), o.AllowedEntitlements, p.imageStoreErrors)
}

func TestNoAttributeIsIgnored(t *testing.T) {
	bare, given := outcome(t, types.BuildConfig{}), samples(t)
	for _, a := range attributes() {
		sample, ok := given[a.name]
		switch {
		case !ok:
			t.Errorf("%s has no sample", a.name)
		case outcome(t, sample) == bare:
			t.Errorf("%s: a build with it is as one without it: %s", a.name, bare)
		}
	}
}

func TestRefusalTellsThePlace(t *testing.T) {
	where := func(path ...string) string { return "compose.yaml:7, by " + strings.Join(path, "/") }
	for name, c := range map[string]types.BuildConfig{
		"compose.yaml:7, by isolation: build.isolation":                           {Isolation: "hyperv"},
		"compose.yaml:7, by additional_contexts/base: build.additional_contexts.": {AdditionalContexts: types.Mapping{"base": "/no/such"}},
		"compose.yaml:7, by secrets/s: build.secrets.s":                           {Secrets: []types.ServiceSecretConfig{{Source: "s"}}},
	} {
		if _, err := prepared(t, Request{Config: c, Locate: where}); err == nil || !strings.HasPrefix(err.Error(), name) {
			t.Errorf("error %v; want %s…", err, name)
		}
	}
}

// TestDocs holds the table of docs/images.md against the code; -update writes it.
func TestDocs(t *testing.T) {
	const page, from, to = "../../../docs/images.md", "<!-- build attributes: go test ./executor/docker/build -run Docs -update -->\n\n", "\n<!-- end of build attributes -->"
	content, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(content), from)
	got, after, closed := strings.Cut(rest, to)
	if !found || !closed {
		t.Fatalf("%s has no table between %s and %s", page, from, to)
	}
	want := documented()
	if *update {
		err = os.WriteFile(page, []byte(before+from+want+to+after), 0o644)
	} else if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-code +%s:\n%s", page, diff)
	}
	if err != nil {
		t.Error(err)
	}
}

func documented() string {
	var table strings.Builder
	table.WriteString("| attribute | translation | since |\n|---|---|---|\n")
	for _, a := range attributes() {
		since := ""
		if a.since != "" {
			since = "Docker Engine 23.0 (API " + a.since + ")"
		}
		fmt.Fprintf(&table, "| `%s` | %s | %s |\n", a.name, a.target, since)
	}
	return table.String()
}
