package projects_test

import (
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/moby/moby/client/pkg/versions"
	"go.yaml.in/yaml/v4"

	"tasks/internal/composeproject"
	"tasks/internal/testing/composetest"
)

// attributesWanted is the minimum number of service attributes in the comparison with Compose.
const attributesWanted = 60

// refusesRanges is the API of the first engine (Docker 29) that rejects a range of exposed ports in the form of Compose
// v2. Compose v2 cannot start such a service on this engine.
const refusesRanges = "1.52"

// newAttributesProject returns the project of testdata/attributes. The task all needs every service.
func newAttributesProject(t *testing.T) *project {
	t.Helper()
	p := newProject(t, "services: {}")
	p.Env = append(p.Env, "COMPOSE_PROFILES=extra", "SHELL_WORD=from the shell", "PASSED=passed on")
	entries, err := os.ReadDir("testdata/attributes")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join("testdata/attributes", e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		p.Write(e.Name(), string(text))
	}
	p.Write("Tasks.hcl", `
task "all" {
  depends_on = [service.aside.started, service.metrics.started, service.web.started]
}
`)
	return p
}

// replaceInFile replaces an existing text in a file of the project.
func (p *project) replaceInFile(name, old, text string) {
	p.T.Helper()
	before, err := os.ReadFile(filepath.Join(p.Dir, name))
	if err != nil || !strings.Contains(string(before), old) {
		p.T.Fatalf("%s has no %s (%v)", name, old, err)
	}
	p.Write(name, strings.ReplaceAll(string(before), old, text))
}

// TestAttributeCount counts the attributes in the file, and checks that the loaded configuration has a field for each.
func TestAttributeCount(t *testing.T) {
	t.Parallel()
	p := newAttributesProject(t)
	loaded, err := composeproject.Load(t.Context(), composeproject.Options{WorkingDir: p.Dir, Environ: p.Env})
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(p.Dir, "compose.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Services map[string]map[string]any
	}
	if err := yaml.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	used, fields := map[string]bool{}, serviceFields()
	for name, attributes := range file.Services {
		if !slices.Contains(loaded.ServiceNames(), name) {
			t.Errorf("service %s was not loaded", name)
		}
		for attribute, value := range attributes {
			if !fields[attribute] {
				t.Errorf("service %s: %s is no attribute of the loaded configuration", name, attribute)
			}
			if !isEmptyValue(value) {
				used[attribute] = true
			}
		}
	}
	t.Logf("%d attributes: %s", len(used), strings.Join(slices.Sorted(maps.Keys(used)), " "))
	if len(used) < attributesWanted {
		t.Errorf("%d attributes, want at least %d", len(used), attributesWanted)
	}
}

// isEmptyValue reports whether an attribute has an empty value.
func isEmptyValue(value any) bool {
	v := reflect.ValueOf(value)
	switch v.Kind() {
	case reflect.Map, reflect.Slice, reflect.String:
		return v.Len() == 0
	}
	return !v.IsValid()
}

func serviceFields() map[string]bool {
	fields := map[string]bool{}
	for _, field := range reflect.VisibleFields(reflect.TypeFor[types.ServiceConfig]()) {
		tag, _, _ := strings.Cut(field.Tag.Get("yaml"), ",")
		fields[tag] = tag != "" && tag != "-" && !field.Anonymous
	}
	return fields
}

// TestBothWays compares all attributes, also in the other direction.
func TestBothWays(t *testing.T) {
	for _, compose := range []tool{v5, v2} {
		t.Run("tasks first, then "+string(compose), func(t *testing.T) {
			t.Parallel()
			p := newAttributesProject(t)
			p.OK(tasks, "run", "all")
			before := p.Identities()
			p.expectComplete(before)
			p.OK(compose, "up", "-d", "--no-build")
			composetest.ExpectSame(t, string(compose)+" up", before, p.Identities())
			p.OK(tasks, "run", "all")
			composetest.ExpectSame(t, "tasks again", before, p.Identities())
		})
		t.Run(string(compose)+" first, then tasks", func(t *testing.T) {
			t.Parallel()
			p := newAttributesProject(t)
			if compose == v2 && versions.GreaterThanOrEqualTo(p.Engine.ClientVersion(), refusesRanges) {
				p.replaceInFile("compose.yaml", `-9102/udp"`, `/udp"`)
				p.replaceInFile("compose.yaml", `-9202/udp"`, `/udp"`)
			}
			p.OK(compose, "up", "-d", "--no-build")
			before := p.Identities()
			p.expectComplete(before)
			for _, line := range p.planLines("all") {
				if line.verb != "reuse" && line.verb != "wait" && line.verb != "group" {
					t.Errorf("the plan says %q", line.text)
				}
			}
			p.OK(tasks, "run", "all")
			composetest.ExpectSame(t, "tasks", before, p.Identities())
			p.OK(compose, "up", "-d", "--no-build")
			composetest.ExpectSame(t, string(compose)+" up again", before, p.Identities())
		})
	}
}

// expectComplete expects a container of each service, two of the scaled service, and both networks.
func (p *project) expectComplete(identities map[string]string) {
	p.T.Helper()
	want := []string{"aside-1", "cache-1", "cache-2", "db-1", "front", "metrics-1", "network back", "network default", "seed-1"}
	if got := slices.Sorted(maps.Keys(identities)); !slices.Equal(got, want) {
		p.T.Errorf("there are %q, want %q", got, want)
	}
}

// planLine is a step of a plan.
type planLine struct{ verb, kind, name, text string }

// planLines returns the plan of a task, without changing anything.
func (p *project) planLines(task string) []planLine {
	p.T.Helper()
	var all []planLine
	for line := range strings.Lines(p.OK(tasks, "plan", task)) {
		if strings.HasPrefix(line, "Plan: ") { // the summary
			continue
		}
		words := strings.Fields(line)
		if len(words) < 3 {
			p.T.Fatalf("the plan has the line %q", line)
		}
		all = append(all, planLine{words[0], words[1], words[2], strings.TrimSpace(line)})
	}
	return all
}
