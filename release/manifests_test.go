package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// fakeRelease is a release of all targets, with short archives. Nothing is compiled.
func fakeRelease(t *testing.T) *release {
	t.Helper()
	r := &release{dist: t.TempDir(), source: "..", version: "1.2.3"}
	r.home = home{"https://example.com/o/tasks", "https://example.com/d/v{version}", "O <o@example.com>"}
	for _, name := range allTargets() {
		target, err := parseTarget(name)
		if err != nil {
			t.Fatal(err)
		}
		r.targets = append(r.targets, target)
		if err := r.write(r.archiveName(target), []byte(name), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return r
}

// TestManifests: each manifest has the address and the checksum of each archive that it names. The tools of Homebrew, Scoop and
// Nix are not installed here, so no tool reads the formula and the expression.
func TestManifests(t *testing.T) {
	r := fakeRelease(t)
	if err := r.writeManifests(); err != nil {
		t.Fatal(err)
	}
	for name, systems := range map[string][]string{
		"tasks.rb": {"darwin", "linux"}, "tasks.nix": {"linux", "darwin"}, "tasks.json": {"windows"},
	} {
		text, err := os.ReadFile(filepath.Join(r.dist, name))
		if err != nil {
			t.Fatal(err)
		}
		for _, system := range systems {
			for _, arch := range []string{"amd64", "arm64"} {
				archive := r.archiveName(target{system, arch})
				sum, err := r.checksum(archive)
				pair := regexp.MustCompile(`"https://example\.com/d/v1\.2\.3/` + regexp.QuoteMeta(archive) + `"[;,]?\s+"?(sha256|hash)"?[ :=]+"` + sum + `"`)
				if err != nil || !pair.Match(text) {
					t.Errorf("%s has no %s with %s: %v\n%s", name, archive, sum, err, text)
				}
			}
		}
		if n := strings.Count(string(text), "https://example.com/d/"); n != 2*len(systems) {
			t.Errorf("%s has %d addresses", name, n)
		}
		if strings.Count(string(text), "{") != strings.Count(string(text), "}") {
			t.Errorf("%s has braces without their partner", name)
		}
	}
	scoop, err := os.ReadFile(filepath.Join(r.dist, "tasks.json"))
	if err != nil || !json.Valid(scoop) {
		t.Errorf("%v\n%s", err, scoop)
	}
}

// TestManifestsOfPart: a release of a part of the targets has no manifest with missing archives.
func TestManifestsOfPart(t *testing.T) {
	r := fakeRelease(t)
	r.targets = r.targets[:1]
	if err := r.writeManifests(); err != nil {
		t.Fatal(err)
	}
	if last := r.files[len(r.files)-1]; last != "install.sh" {
		t.Errorf("%q", r.files)
	}
}

func TestPlaceholders(t *testing.T) {
	for text, want := range map[string]bool{"https://github.com/OWNER/tasks": true, "https://example.com/o/tasks": false} {
		if got := (home{Repository: text}).isUnset(); got != want {
			t.Errorf("%s: %t", text, got)
		}
	}
}
