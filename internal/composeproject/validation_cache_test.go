package composeproject

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// memoryCache is a cache in memory, with counters.
type memoryCache struct {
	keys         []string
	asked, known int
}

func (r *memoryCache) Known(key string) bool {
	r.asked++
	if slices.Contains(r.keys, key) {
		r.known++
		return true
	}
	return false
}

func (r *memoryCache) Remember(key string) { r.keys = append(r.keys, key) }

func writeFile(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

const validated = `
services:
  web:
    image: "${IMAGE:-web}"
    ports: ["80"]
    extends: {file: base.yaml, service: base}
`

func TestValidInputIsValidatedOnce(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, dir, "compose.yaml", validated)
	writeFile(t, dir, "base.yaml", "services: {base: {command: [serve]}}")
	memory := &memoryCache{}
	load := func(environ ...string) string {
		t.Helper()
		with, err := Load(t.Context(), Options{Name: "app", WorkingDir: dir, Environ: environ, ValidationCache: memory})
		if err != nil {
			t.Fatal(err)
		}
		without, err := Load(t.Context(), Options{Name: "app", WorkingDir: dir, Environ: environ})
		if err != nil {
			t.Fatal(err)
		}
		if !isSameModel(with.Model(), without.Model()) {
			t.Error("another model with a memory than without")
		}
		if file, line, _ := with.Locations().Attribute("web"); filepath.Base(file) != "compose.yaml" || line != 3 {
			t.Errorf("service at %s:%d", file, line)
		}
		return with.Model().Services["web"].Image
	}
	for i, step := range []struct {
		do      func()
		environ string
		known   bool
	}{
		{func() {}, "A=1", false},
		{func() {}, "A=1", true},
		{func() {}, "A=2", true}, // an unused variable
		{func() {}, "IMAGE=other", false},
		{func() {}, "IMAGE=other", true},
		{func() { writeFile(t, dir, "compose.yaml", validated+"    user: app\n") }, "A=1", false},
		{func() { writeFile(t, dir, "base.yaml", "services: {base: {command: [other]}}") }, "A=1", false},
		{func() { writeFile(t, dir, "base.yaml", "services: {base: {command: [other]}} # a comment") }, "A=1", false},
		{func() {}, "A=1", true},
	} {
		step.do()
		before := memory.known
		load(step.environ)
		if known := memory.known > before; known != step.known {
			t.Errorf("step %d: known %t; want %t", i, known, step.known)
		}
	}
}

func TestInvalidInputIsNotCached(t *testing.T) {
	for name, text := range map[string]string{
		"unknown attribute": "services: {web: {image: web, prots: ['80']}}",
		"wrong type":        "services: {web: {image: web, ports: 80}}",
		"wrong shape":       "services: [web]",
		"services is text":  "services: web",
		"null service":      "services: {web: {image: [a]}}",
		"broken":            "services: {",
		"in a base":         "services: {web: {extends: {file: base.yaml, service: base}}}",
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			writeFile(t, dir, "compose.yaml", text)
			writeFile(t, dir, "base.yaml", "services: {base: {imge: x}}")
			memory := &memoryCache{}
			var first string
			for range 2 {
				_, err := Load(t.Context(), Options{Name: "app", WorkingDir: dir, Environ: []string{}, ValidationCache: memory})
				if err == nil {
					t.Fatal("no error")
				}
				if first == "" {
					first = err.Error()
				}
				if err.Error() != first || !strings.Contains(first, "yaml") {
					t.Errorf("error %q; the first was %q", err, first)
				}
			}
			if len(memory.keys) != 0 {
				t.Error("remembered as valid")
			}
		})
	}
}

func TestLoaderVersionIsThatOfGoMod(t *testing.T) {
	mod, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	if want := "github.com/compose-spec/compose-go/v2 " + loaderVersion; !strings.Contains(string(mod), want) {
		t.Errorf("go.mod has another version than %q: change loaderVersion with it", want)
	}
}
