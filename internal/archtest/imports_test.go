// Package archtest holds the rules of docs/ARCHITECTURE.md that the compiler does not: who may import what.
package archtest

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// deps lists what a package reaches (transitively) or imports (directly).
func deps(t *testing.T, scope, pkg string) []string {
	t.Helper()
	format := map[string]string{"transitively": `{{join .Deps "\n"}}`, "directly": `{{join .Imports "\n"}}`}[scope]
	out, err := exec.CommandContext(t.Context(), "go", "list", "-f", format, pkg).CombinedOutput()
	if err != nil {
		t.Fatalf("go list %s: %v\n%s", pkg, err, out)
	}
	list := strings.Fields(string(out))
	if len(list) < 3 {
		t.Fatalf("go list %s: %q: too little to be true", pkg, list)
	}
	return list
}

// containsPackage reports whether a list has a package or a package below it. Three packages do not count: net/netip opens no
// connection, and internal/suggest and internal/plaintext work on words only.
func containsPackage(list []string, path string) bool {
	excepted := []string{"net/netip", "tasks/internal/suggest", "tasks/internal/plaintext"}
	return slices.ContainsFunc(list, func(p string) bool {
		return p == path || strings.HasPrefix(p, path+"/") && !slices.Contains(excepted, p)
	})
}

const dockerClient = "github.com/moby/moby/client"

func TestImportRules(t *testing.T) {
	for _, rule := range []struct {
		pkg, how string
		not      []string
	}{
		{"tasks/hclspec", "transitively", []string{dockerClient, "os/exec", "net", "tasks/planner", "tasks/executor", "tasks/internal"}},
		{"tasks/internal/composeproject", "transitively", []string{dockerClient, "tasks/hclspec", "tasks/planner", "tasks/executor"}},
		{"tasks/internal/composeproject", "directly", []string{"os/exec", "net"}},
		{"tasks/internal/dockerfile", "transitively", []string{dockerClient, "tasks/hclspec", "tasks/planner", "tasks/executor", "tasks/internal/composeproject"}},
		{"tasks/planner", "transitively", []string{dockerClient, "tasks/executor", "tasks/internal/view"}},
		{"tasks/planner", "directly", []string{"os/exec", "net", "os"}},
		{"tasks/planner/observed", "transitively", []string{dockerClient, "tasks/hclspec", "tasks/executor", "tasks/internal/view"}},
		{"tasks/executor", "transitively", []string{dockerClient, "tasks/executor/docker", "tasks/executor/host", "tasks/internal/view"}},
		{"tasks/executor/engine", "transitively", []string{dockerClient, "tasks/executor"}},
		{"tasks/executor/step", "directly", []string{"tasks/executor/removal", "tasks/executor/command", "tasks/internal", "os/exec"}},
		{"tasks/executor/removal", "transitively", []string{"tasks/executor/command", "tasks/executor/readiness", "tasks/executor/release"}},
		{"tasks/executor/release", "transitively", []string{"tasks/executor/command", "tasks/executor/readiness"}},
		{"tasks/executor/readiness", "transitively", []string{"tasks/executor/command", "tasks/executor/release"}},
		{"tasks/executor/command", "transitively", []string{"tasks/executor/readiness", "tasks/executor/release"}},
		{"tasks/executor/host", "transitively", []string{dockerClient, "tasks/executor/docker", "tasks/internal/view"}},
		{"tasks/executor/watch", "transitively", []string{dockerClient, "tasks/executor", "tasks/planner", "tasks/hclspec"}},
		{"tasks/executor/docker", "transitively", []string{"tasks/internal/view", "github.com/docker/cli/cli/command"}},
		{"tasks/internal/view", "transitively", []string{dockerClient, "tasks/executor/docker", "tasks/executor/host"}},
		{"tasks/internal/view/diagnostics", "transitively", []string{"tasks/hclspec", "tasks/planner", "tasks/executor", "os/exec", "net"}},
		{"tasks/internal/view/annotations", "transitively", []string{"tasks/hclspec", "tasks/planner", "tasks/executor", "tasks/internal/plaintext", "os/exec", "net"}},
		{"tasks/internal/durations", "transitively", []string{"tasks/hclspec", "tasks/planner", "tasks/executor", "os/exec", "net"}},
		{"tasks/internal/composecall", "transitively", []string{dockerClient, "tasks/planner", "tasks/executor", "tasks/internal/view", "os/exec"}},
		{"tasks/internal/workspace", "transitively", []string{dockerClient, "tasks/executor/docker", "tasks/internal/view", "github.com/spf13/cobra"}},
		{"tasks/internal/fingerprint", "transitively", []string{dockerClient, "tasks/hclspec", "tasks/planner", "tasks/executor", "os/exec"}},
		{"tasks/internal/coord", "transitively", []string{
			dockerClient, "tasks/hclspec", "tasks/planner", "tasks/executor", "tasks/internal/composeproject", "tasks/internal/fingerprint",
			"tasks/internal/view", "tasks/internal/workspace", "os/exec",
		}},
	} {
		list := deps(t, rule.how, rule.pkg)
		for _, forbidden := range rule.not {
			if containsPackage(list, forbidden) {
				t.Errorf("%s %s imports %s", rule.pkg, rule.how, forbidden)
			}
		}
	}
}

// TestLibraryHomes: a library that shapes everything it touches stays in one place.
func TestLibraryHomes(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "tasks/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	for library, homes := range map[string][]string{
		"github.com/spf13/cobra":   {"tasks/cmd/tasks"},
		dockerClient:               {"tasks/executor/docker", "tasks/executor/docker/build", "tasks/internal/toolbox", "tasks/internal/testing/apptest", "tasks/internal/testing/composetest", "tasks/internal/testregistry", "tasks/bench"},
		"github.com/moby/buildkit": {"tasks/executor/docker/build", "tasks/internal/dockerfile"},
		"github.com/fsnotify":      {"tasks/executor/watch"},
		"github.com/gofrs/flock":   {"tasks/internal/coord", "tasks/internal/toolbox"},
		"github.com/hashicorp/hcl": {
			"tasks/hclspec", "tasks/hclspec/internal/...", "tasks/planner", "tasks/executor", "tasks/executor/step", "tasks/internal/workspace",
			"tasks/internal/view", "tasks/internal/view/diagnostics", "tasks/cmd/tasks", "tasks/bench", "tasks/internal/format",
			"tasks/internal/starter",
		},
		"github.com/zclconf/go-cty":  {"tasks/hclspec", "tasks/hclspec/internal/...", "tasks/internal/starter"},
		"golang.org/x/term":          {"tasks/internal/terminal", "tasks/executor/host", "tasks/internal/toolbox/cmd/toolbox"},
		"github.com/docker/cli/cli/": {"tasks/executor/docker", "tasks/executor/docker/build"},
	} {
		found := false
		for line := range strings.Lines(string(out)) {
			pkg, imports, _ := strings.Cut(strings.TrimSpace(line), " ")
			if !containsPackage(strings.Fields(imports), strings.TrimSuffix(library, "/")) {
				continue
			}
			found = true
			if !slices.ContainsFunc(homes, func(home string) bool {
				below, isTree := strings.CutSuffix(home, "...")
				return pkg == home || isTree && strings.HasPrefix(pkg, below)
			}) {
				t.Errorf("%s imports %s; it belongs to %v", pkg, library, homes)
			}
		}
		if !found {
			t.Errorf("nobody imports %s: take the rule out, or mend it", library)
		}
	}
}
