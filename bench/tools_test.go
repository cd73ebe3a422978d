package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// script writes a program that answers any arguments, and returns the path.
func script(t *testing.T, dir, name, body string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+body+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

var toolCmp = cmp.AllowUnexported(tools{}, tool{}, missingResult{})

func TestFindReportsMissingTools(t *testing.T) {
	dir, elsewhere := t.TempDir(), t.TempDir()
	t.Setenv("PATH", dir)
	docker := script(t, dir, "docker", `[ "$1" = version ] && echo 28.2.2`)
	v2 := script(t, dir, "docker-compose-v2", "echo 2.40.3")
	script(t, dir, "just", "echo broken >&2; exit 1")
	gnuMake := script(t, dir, "make", "echo 'GNU Make 4.3'; echo 'Built for x86_64'")
	given, goTask := script(t, elsewhere, "compose-of-mine", "echo 9.9"), script(t, elsewhere, "task", "echo 3.50.0")

	f := &finder{}
	got, err := f.find(t.Context(), []string{given}, goTask)
	if err != nil {
		t.Fatal(err)
	}
	want := tools{
		docker: &tool{"docker 28.2.2", []string{docker}}, make: &tool{"make 4.3", []string{gnuMake}}, goTask: &tool{"go-task 3.50.0", []string{goTask}},
		composes: []tool{{"docker-compose-v2 2.40.3", []string{v2}}, {"compose-of-mine 9.9", []string{given}}},
	}
	if diff := cmp.Diff(want, got, toolCmp); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	missing := []missingResult{
		{"just", "cannot ask just for its version: " + filepath.Join(dir, "just") + " --version: exit status 1: broken"},
		{"docker compose", "docker has no such plugin"},
		{"docker-compose-v5", "no docker-compose-v5 in PATH, and none of .ci/peers"},
		{"docker-compose", "no docker-compose in PATH, and none of .ci/peers"},
	}
	if diff := cmp.Diff(missing, f.missing, toolCmp); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestFindTakesThePluginOfDocker(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("PATH", dir)
	docker := script(t, dir, "docker", `echo 5.6.0`)
	got, err := (&finder{}).find(t.Context(), nil, "")
	if err != nil {
		t.Fatal(err)
	}
	want := []tool{{"docker compose 5.6.0", []string{docker, "compose"}}}
	if diff := cmp.Diff(want, got.composes, toolCmp); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestFindTakesPeersBeforePath(t *testing.T) {
	dir, peers := t.TempDir(), t.TempDir()
	t.Setenv("PATH", dir)
	script(t, dir, "task", "echo 1")
	script(t, dir, "docker-compose-v5", "echo 1")
	v2 := script(t, dir, "docker-compose-v2", "echo 2.40.3")
	v5, goTask := script(t, peers, "docker-compose-v5", "echo 5.6.0"), script(t, peers, "go-task", "echo 3.50.0")
	got, err := (&finder{peers: peers}).find(t.Context(), nil, "")
	if err != nil {
		t.Fatal(err)
	}
	want := tools{
		goTask:   &tool{"go-task 3.50.0", []string{goTask}},
		composes: []tool{{"docker-compose-v5 5.6.0", []string{v5}}, {"docker-compose-v2 2.40.3", []string{v2}}},
	}
	if diff := cmp.Diff(want, got, toolCmp); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestFindRequiresGivenPath(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	nowhere := filepath.Join(t.TempDir(), "nothing")
	for name, find := range map[string]func() error{
		"compose": func() error { _, err := (&finder{}).find(t.Context(), []string{nowhere}, ""); return err },
		"task":    func() error { _, err := (&finder{}).find(t.Context(), nil, nowhere); return err },
	} {
		t.Run(name, func(t *testing.T) {
			if err := find(); err == nil || !strings.Contains(err.Error(), "cannot ask") || !strings.Contains(err.Error(), nowhere) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestShortVersion(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct{ said, path, want string }{
		"a number":                   {"1.29.2", "", "1.29.2"},
		"a sentence":                 {"GNU Make 4.3\nBuilt for x86_64", "", "4.3"},
		"nothing":                    {"", "", ""},
		"dev, of no Go program":      {"dev", "/etc/passwd", ""},
		"dev, of a Go program alike": {"dev", self, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := shortVersion(test.said, test.path); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestToolWithDoesNotChangeTheTool(t *testing.T) {
	docker := tool{argv: append(make([]string, 0, 8), "docker")}
	one, two := docker.with("compose"), docker.with("run")
	if one[1] != "compose" || two[1] != "run" || len(docker.argv) != 1 {
		t.Errorf("%v, %v, %v", one, two, docker.argv)
	}
}
