package composeproject

import (
	"path/filepath"
	"slices"
	"testing"
)

func TestSourceFiles(t *testing.T) {
	dir := projectFolder(t, "demo", map[string]string{
		"compose.yaml": "include: [inc/compose.yaml]\nservices:\n  web:\n    extends: {file: base.yaml, service: base}\n" +
			"    env_file: [web.env]\n    label_file: [web.labels]\n",
		"compose.override.yaml": "services: {web: {user: \"1\"}}\n",
		"base.yaml":             "services: {base: {image: tool}}\n",
		"inc/compose.yaml":      "services: {db: {image: tool}}\n",
		"web.env":               "A=b\n", "web.labels": "a=b\n",
	})
	p, err := Load(t.Context(), Options{WorkingDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	files := SourceFiles(p)
	for name, want := range map[string]bool{
		"compose.yaml": true, "compose.override.yaml": true, "base.yaml": true, "inc/compose.yaml": true, "web.env": true,
		"web.labels": true, ".env": true, "docker-compose.yml": true, "other.yaml": false,
	} {
		if got := slices.Contains(files, filepath.Join(dir, name)); got != want {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
	p, err = Load(t.Context(), Options{
		WorkingDir: dir, Files: []string{filepath.Join(dir, "base.yaml")}, EnvFiles: []string{filepath.Join(dir, "web.env")},
	})
	if err != nil {
		t.Fatal(err)
	}
	files = SourceFiles(p)
	for name, want := range map[string]bool{"base.yaml": true, "web.env": true, "compose.yaml": false, ".env": false} {
		if got := slices.Contains(files, filepath.Join(dir, name)); got != want {
			t.Errorf("with explicit files, %s: %v, want %v", name, got, want)
		}
	}
}
