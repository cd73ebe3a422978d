package composeproject

import (
	"os"
	"path/filepath"
	"testing"
)

// projectFolder writes files into a new folder and returns the folder.
func projectFolder(t *testing.T, name string, files map[string]string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), name)
	for file, content := range files {
		path := filepath.Join(dir, file)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// load loads a compose.yaml with the given content.
func load(t *testing.T, content string, environ ...string) *Project {
	t.Helper()
	dir := projectFolder(t, "hashlab", map[string]string{"compose.yaml": content})
	p, err := Load(t.Context(), Options{WorkingDir: dir, Environ: environ})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// selected loads a project and selects services.
func selected(t *testing.T, content string, services ...string) *Project {
	t.Helper()
	p, err := load(t, content).Select(services)
	if err != nil {
		t.Fatal(err)
	}
	return p
}
