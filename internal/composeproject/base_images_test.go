package composeproject

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestUnselectedBaseImages: a base image of an unselected service is prepared as the image of a selected service, and
// keeps its secret. The service stays unselected.
func TestUnselectedBaseImages(t *testing.T) {
	p := selected(t, `
services:
  web: {image: web, build: {context: ., dockerfile_inline: "FROM base:latest\nCOPY --from=tools:2 /a /b"}}
  base: {image: base, profiles: [x], build: {context: ., platforms: [linux/arm64, linux/amd64], secrets: [token], dockerfile_inline: "FROM root"}}
  root: {image: root, profiles: [x], build: {context: ., dockerfile_inline: "FROM scratch"}}
  tools: {image: "tools:1", profiles: [x], build: {context: ., tags: ["tools:2"], dockerfile_inline: "FROM scratch"}}
  other: {image: other, build: {context: ., secrets: [private]}}
secrets: {token: {file: ./token}, private: {file: ./private}}
`, "web")
	web, _ := p.Service("web")
	var got []string
	for _, base := range BaseImages(p, web) {
		got = append(got, base.Service+" for "+base.Ref)
	}
	if text := strings.Join(got, ", "); text != "base for base:latest, tools for tools:2" {
		t.Errorf("base images: %s", text)
	}
	base, _ := p.Service("base")
	if len(base.Build.Platforms) != 0 || len(BaseImages(p, base)) != 1 {
		t.Errorf("base has platforms %v and base images %v; want none, and root", base.Build.Platforms, BaseImages(p, base))
	}
	if names := p.Model().ServiceNames(); len(names) != 1 {
		t.Errorf("selected: %v", names)
	}
	if _, private := p.Model().Secrets["private"]; private || p.Model().Secrets["token"].Name == "" {
		t.Errorf("secrets %v; want that of base alone", p.Model().Secrets)
	}
	for ref, want := range map[string]string{"docker.io/library/base": "base", "tools:2": "tools", "web": "web", "other": "", "nope": ""} {
		if builder, _ := ImageBuilder(p, ref); builder.Name != want {
			t.Errorf("%s is built by %q; want %q", ref, builder.Name, want)
		}
	}
}

// TestImagesOfTasks: the builds for other images leave the first project as it was.
func TestImagesOfTasks(t *testing.T) {
	p := selected(t, `
services:
  web: {image: web}
  tool: {image: tool, build: {context: ., platforms: [linux/arm64, linux/amd64], dockerfile_inline: "FROM scratch"}}
`, "web")
	next, err := WithImages(p, []string{"tool", "nope"})
	if err != nil {
		t.Fatal(err)
	}
	if builder, exists := ImageBuilder(next, "tool"); !exists || len(builder.Build.Platforms) != 0 {
		t.Errorf("builder %q with platforms %v", builder.Name, builder.Build)
	}
	if _, exists := ImageBuilder(p, "tool"); exists {
		t.Error("the first project has got a build")
	}
	if tool, _ := p.Service("tool"); len(tool.Build.Platforms) != 2 {
		t.Errorf("platforms %v in the first project; want two", tool.Build.Platforms)
	}
}

// TestBaseImageThroughLink: a Dockerfile may be a link out of its context.
func TestBaseImageThroughLink(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"compose.yaml":      "services: {web: {image: web, build: ./web}, base: {image: base, build: ./base}}",
		"shared/Dockerfile": "FROM base\n",
		"web/a":             "",
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("../shared/Dockerfile", filepath.Join(dir, "web/Dockerfile")); err != nil {
		t.Fatal(err)
	}
	p, err := Load(t.Context(), Options{Name: "app", WorkingDir: dir, Environ: []string{}})
	if err != nil {
		t.Fatal(err)
	}
	if p, err = p.Select([]string{"web"}); err != nil {
		t.Fatal(err)
	}
	web, _ := p.Service("web")
	if bases := BaseImages(p, web); len(bases) != 1 || bases[0].Service != "base" || bases[0].Line != 1 {
		t.Errorf("base images %v; want base", bases)
	}
}
