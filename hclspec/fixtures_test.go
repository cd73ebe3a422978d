package hclspec

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"tasks/internal/view/diagnostics"
)

// fakeProject is a compose project with these services.
type fakeProject []string

func (p fakeProject) Name() string           { return "shop" }
func (p fakeProject) ServiceNames() []string { return p }

func (p fakeProject) Variables() map[string]string {
	return map[string]string{"TAG": "17", "REGISTRY": "example.org"}
}

func (p fakeProject) JobNames() []string { return []string{"migrate", "nightly", "seed"} }

func (p fakeProject) CheckJob(name string) error {
	if name == "nightly" {
		return errors.New("compose.yaml:1:1: job \"nightly\" has triggers.manual: false, so only its schedule may run it")
	}
	return nil
}

func (p fakeProject) ServiceJSON(name string) ([]byte, error) {
	return []byte(`{"image": "` + name + `:1", "user": null, "ports": [{"target": 5432, "published": "80", "protocol": "tcp"}, {"target": 53, "protocol": "udp"}], "environment": {"A": "1"}}`), nil
}

// testInputs are the facts that tests evaluate with: a project in a directory of its own and a fixed host.
func testInputs(t testing.TB) Inputs {
	t.Helper()
	return inputsIn(t.TempDir(), nil)
}

func inputsIn(root string, env map[string]string) Inputs {
	return Inputs{
		Env: func(name string) (string, bool) {
			value, ok := env[name]
			return value, ok
		},
		Environ: func() []string {
			var entries []string
			for _, name := range slices.Sorted(maps.Keys(env)) {
				entries = append(entries, name+"="+env[name])
			}
			return entries
		},
		Root: root, Cwd: filepath.Join(root, "sub"),
		OS: "linux", Arch: "amd64", UID: "1000", GID: "1000",
		Project: func() (Project, error) { return fakeProject{"db", "web"}, nil },
	}
}

// source is a file Tasks.hcl in the project's directory.
func source(in Inputs, text string) Source {
	return Source{Name: "Tasks.hcl", Path: filepath.Join(in.Root, "Tasks.hcl"), Bytes: []byte(text)}
}

// parseFile parses a file that must be right.
func parseFile(t testing.TB, in Inputs, text string) *File {
	t.Helper()
	f, diags := Parse([]Source{source(in, text)})
	if diags.HasErrors() {
		t.Fatalf("parse:\n%s", diagnosticsText(f, diags))
	}
	return f
}

// evaluateOne evaluates one task that must be right.
func evaluateOne(t testing.TB, in Inputs, text, name string, words ...string) *Task {
	t.Helper()
	f := parseFile(t, in, text)
	spec, diags := f.Evaluate(in, []Target{{Name: name, Args: words}})
	if diags.HasErrors() {
		t.Fatalf("evaluate:\n%s", diagnosticsText(f, diags))
	}
	return spec.Tasks[name]
}

// diagnosticsText shows diagnostics as a user sees them, without colours.
func diagnosticsText(f *File, diags hcl.Diagnostics) string {
	var out strings.Builder
	if err := diagnostics.WriteText(&out, f.SourceFiles(), diags, diagnostics.TextOptions{Width: 100}); err != nil {
		return err.Error()
	}
	return out.String()
}

func writeFile(t testing.TB, path, text string) {
	t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
		t.Fatal(err)
	}
}
