package composeproject

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestUnselectedContexts checks that a build context keeps its platform and secrets and stays unselected.
func TestUnselectedContexts(t *testing.T) {
	p := selected(t, `
services:
  web: {build: {context: ., additional_contexts: {base: "service:base", files: ./files}}}
  base: {build: {context: ., platforms: [linux/arm64, linux/amd64], additional_contexts: {root: "service:root"}}}
  root: {build: {context: ., secrets: [token]}}
  other: {build: {context: ., secrets: [private]}}
secrets: {token: {file: ./token}, private: {file: ./private}}
`, "web")
	web, _ := p.Service("web")
	contexts := p.BuildContexts(web)
	base := contexts["base"]
	if len(contexts) != 1 || base.Name != "base" {
		t.Fatalf("contexts %v; want service base", contexts)
	}
	if len(base.Build.Platforms) != 0 {
		t.Errorf("platforms %v of base; want none, as of every service that is for several", base.Build.Platforms)
	}
	if got := p.BuildContexts(base)["root"].Name; got != "root" {
		t.Errorf("base is built with %q; want root", got)
	}
	if diff := cmp.Diff([]string{"web"}, p.Model().ServiceNames()); diff != "" {
		t.Errorf("selected:\n%s", diff)
	}
	if _, private := p.Model().Secrets["private"]; private || p.Model().Secrets["token"].Name == "" {
		t.Errorf("secrets %v; want that of root alone", p.Model().Secrets)
	}
}
