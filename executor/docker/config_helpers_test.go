package docker

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/moby/moby/api/types/container"

	"tasks/internal/composeproject"
	"tasks/planner"
)

// specOf loads a compose file with the given attributes of service web as YAML, and makes a spec like the planner. more
// are further top-level sections.
func specOf(t *testing.T, attributes string, more ...string) planner.ContainerSpec {
	t.Helper()
	project, err := loadService(t, attributes, more...)
	if err != nil {
		t.Fatalf("%v\n%s", err, attributes)
	}
	if project, err = project.Select([]string{"web"}); err != nil {
		t.Fatal(err)
	}
	return specFrom(project)
}

func loadService(t *testing.T, attributes string, more ...string) (*composeproject.Project, error) {
	t.Helper()
	dir := t.TempDir()
	file := "name: p\nservices:\n  web:\n    image: busybox\n" + indented(attributes) + strings.Join(more, "\n")
	if err := os.WriteFile(filepath.Join(dir, "compose.yaml"), []byte(file), 0o644); err != nil {
		t.Fatal(err)
	}
	return composeproject.Load(t.Context(), composeproject.Options{WorkingDir: dir, Environ: []string{"TOKEN=s3cret", "EMPTY="}})
}

func loadError(t *testing.T, attributes string) error {
	t.Helper()
	_, err := loadService(t, attributes)
	return err
}

// encoded returns a value as JSON.
func encoded(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func indented(attributes string) string {
	var lines strings.Builder
	for line := range strings.Lines(strings.TrimSpace(attributes) + "\n") {
		lines.WriteString("    " + line)
	}
	return lines.String()
}

func specFrom(project *composeproject.Project) planner.ContainerSpec {
	model := project.Model()
	s := model.Services["web"]
	spec := planner.ContainerSpec{
		Name: "p-web-1", Service: s, Image: s.Image, Labels: map[string]string{"l": "1"}, Volumes: map[string]string{},
		Secrets: model.Secrets, Configs: model.Configs, ProjectDir: model.WorkingDir, StdinOpen: s.StdinOpen, TTY: s.Tty,
	}
	for _, key := range s.NetworksByPriority() {
		spec.Networks = append(spec.Networks, planner.Endpoint{
			Key: key, Network: project.NetworkName(key), Aliases: []string{"p-web-1", "web"}, Config: s.Networks[key],
		})
	}
	for key := range model.Volumes {
		spec.Volumes[key] = project.VolumeName(key)
	}
	return spec
}

// created maps a spec without an error.
func created(t *testing.T, spec planner.ContainerSpec, api apiVersion) createRequest {
	t.Helper()
	made, err := createOptions(spec, api)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// sent returns the sent configuration, without the fields of an empty request and without the common fields.
func sent(t *testing.T, made createRequest) map[string]any {
	t.Helper()
	all := onTheWire(t, made.options.Config, made.options.HostConfig)
	for key, value := range onTheWire(t, &container.Config{}, &container.HostConfig{}) {
		if reflect.DeepEqual(all[key], value) {
			delete(all, key)
		}
	}
	for _, always := range []string{"Image", "Labels", "AttachStdout", "AttachStderr", "NetworkMode"} {
		delete(all, always)
	}
	return all
}

func onTheWire(t *testing.T, parts ...any) map[string]any {
	t.Helper()
	all := map[string]any{}
	for _, part := range parts {
		encoded, err := json.Marshal(part)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(encoded, &all); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// parsed reads the expected JSON of a test.
func parsed(t *testing.T, text string) map[string]any {
	t.Helper()
	want := map[string]any{}
	if err := json.Unmarshal([]byte(text), &want); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return want
}
