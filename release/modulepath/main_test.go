package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// writeTree makes a git repository with files.
func writeTree(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{{"init", "--quiet"}, {"add", "."}} {
		if out, err := exec.Command("git", append([]string{"-C", dir}, args...)...).CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	return dir
}

func read(t *testing.T, dir, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestModulePath(t *testing.T) {
	dir := writeTree(t, map[string]string{
		"go.mod":          "module tasks\n\ngo 1.26\n",
		"release/go.mod":  "module tasks/release\n",
		"release/main.go": "package main\n",
		"internal/a/a.go": "package a\n\nimport \"tasks/internal/b\"\n\nconst agent = \"tasks/\" + \"1\" // tasks/internal/b\n",
		"internal/b/b.go": "package b\n\nconst dir = \".tasks/internal\"\n",
		"scripts/run":     "grep -v '^tasks/internal/' bin/tasks tasks\n",
		"picture.png":     "tasks/internal",
	})
	if err := run(dir, []string{"example.com/owner/tasks"}); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"go.mod":         "module example.com/owner/tasks\n\ngo 1.26\n",
		"release/go.mod": "module example.com/owner/tasks/release\n",
		"internal/a/a.go": "package a\n\nimport \"example.com/owner/tasks/internal/b\"\n\n" +
			"const agent = \"tasks/\" + \"1\" // example.com/owner/tasks/internal/b\n",
		"internal/b/b.go": "package b\n\nconst dir = \".tasks/internal\"\n",
		"scripts/run":     "grep -v '^example.com/owner/tasks/internal/' bin/tasks tasks\n",
		"picture.png":     "tasks/internal",
	} {
		if got := read(t, dir, name); got != want {
			t.Errorf("%s: %q, not %q", name, got, want)
		}
	}
	// The path can be changed again.
	if err := run(dir, []string{"example.org/tasks"}); err != nil || !strings.Contains(read(t, dir, "internal/a/a.go"), `import "example.org/tasks/internal/b"`) {
		t.Errorf("%v %s", err, read(t, dir, "internal/a/a.go"))
	}
}

// TestWholeTree changes the path in a clone of this tree: Go finds every package by its new path.
func TestWholeTree(t *testing.T) {
	clone := filepath.Join(t.TempDir(), "clone")
	if out, err := exec.Command("git", "clone", "--quiet", "../..", clone).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if err := run(clone, []string{"example.com/owner/tasks"}); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", "list", "-test", "-deps", "./...")
	cmd.Dir = clone
	out, err := cmd.CombinedOutput()
	packages := strings.Count(string(out), "example.com/owner/tasks/")
	if err != nil || packages < 80 || strings.Contains(string(out), "\ntasks/") {
		t.Errorf("%d packages, %v\n%.2000s", packages, err, out)
	}
}

func TestRefusedPaths(t *testing.T) {
	for _, args := range [][]string{nil, {"tasks"}, {"a/b"}, {"https://example.com/x"}, {"example.com/a", "b"}, {"example.com"}} {
		if err := run(t.TempDir(), args); err == nil || !strings.Contains(err.Error(), "takes a module path") {
			t.Errorf("%q: %v", args, err)
		}
	}
	if err := run(writeTree(t, map[string]string{"go.mod": "go 1.26\n"}), []string{"example.com/x"}); err == nil || !strings.Contains(err.Error(), "no module line") {
		t.Error(err)
	}
}
