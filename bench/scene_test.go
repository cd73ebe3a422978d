package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tasks/internal/composeproject"
)

type object = map[string]any

func TestComposeFile(t *testing.T) {
	serve := []any{"serve", "-tcp", ":5432"}
	check := func(interval string) object {
		return object{"test": []any{"CMD", "probe", "tcp", "127.0.0.1:5432"}, "interval": interval}
	}
	app := func(on, condition string) object {
		return object{"image": "img", "command": []any{"true"}, "depends_on": object{on: object{"condition": condition}}}
	}
	tests := map[string]struct {
		scene scene
		want  object
	}{
		"warm": {warmScene(), object{"app": app("db", "service_started"), "db": object{"image": "img", "command": serve}}},
		"chain": {chainScene(), object{
			"app": app("api", "service_healthy"),
			"api": object{"image": "img", "command": serve, "healthcheck": check("1s"), "depends_on": object{"db": object{"condition": "service_healthy"}}},
			"db":  object{"image": "img", "command": serve, "healthcheck": check("1s")},
		}},
		"cold": {coldScene("cold", 10*time.Second), object{
			"app": app("db", "service_healthy"),
			"db":  object{"image": "img", "command": append(serve, "-after", "1s"), "healthcheck": check("10s")},
		}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			content, err := test.scene.composeFile("img")
			if err != nil {
				t.Fatal(err)
			}
			var got object
			if err := json.Unmarshal(content, &got); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(object{"services": test.want}, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// The generated project must be valid, or every tool would measure an error message.
func TestScenesAreComposeProjects(t *testing.T) {
	for _, s := range []scene{warmScene(), chainScene(), coldScene("cold", 10*time.Second)} {
		t.Run(s.name, func(t *testing.T) {
			dir, err := s.write(t.TempDir(), "img")
			if err != nil {
				t.Fatal(err)
			}
			project, err := composeproject.Load(t.Context(), composeproject.Options{WorkingDir: dir, Name: "bench"})
			if err != nil {
				t.Fatal(err)
			}
			selected, err := project.Select([]string{targetService})
			if err != nil {
				t.Fatal(err)
			}
			if selected == nil {
				t.Error("the target is not in the project")
			}
			tasks, err := os.ReadFile(filepath.Join(dir, "Tasks.hcl"))
			if err != nil {
				t.Fatal(err)
			}
			if err := parse(string(tasks)); err != nil {
				t.Error(err)
			}
		})
	}
}
