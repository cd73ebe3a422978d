//go:build unix

package main

import (
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
)

// The tests of this file hold the promises of SECURITY.md.

// hostileFiles are the files of a repository that tries to run a command while others read the repository.
var hostileFiles = map[string]string{
	"Tasks.hcl": `
locals {
  text = file("inside")
}

task "t" {
  description = "$(touch PWNED)"
  command     = ["touch", "PWNED"]
  env_files   = [".env"]

  arg "x" {
    default = "$(touch PWNED)"
    enum    = ["$(touch PWNED)", "` + "`touch PWNED`" + `"]
  }
}

task "web" {
  service    = "web"
  depends_on = [task.t]
  command    = ["touch", "PWNED"]
}
`,
	"inside": "text",
	"compose.yaml": `
name: hostile
services:
  web:
    image: registry.invalid/x
    build: {context: ., dockerfile_inline: "FROM scratch"}
    env_file: .env
    healthcheck: {test: touch PWNED}
    credential_spec: {file: x}
`,
	".env":        "DOCKER_HOST=unix://@DIR/engine.sock\nDOCKER_CONFIG=@DIR\nPATH=@DIR/bin\nDOCKER_CONTEXT=evil\n",
	"config.json": `{"credsStore": "evil", "currentContext": "evil"}`,
}

// hostileRepository writes the files, and returns the environment of a reader. Each program of the PATH leaves a mark.
// connections counts the connections to the engine of the repository and to that of the reader.
func hostileRepository(t *testing.T) (dir string, env []string, connections *atomic.Int32) {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	bin := filepath.Join(dir, "bin")
	err = errors.Join(err, os.Mkdir(bin, 0o755))
	for name, text := range hostileFiles {
		text = strings.ReplaceAll(text, "@DIR", dir)
		err = errors.Join(err, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644))
	}
	for _, name := range []string{"sh", "bash", "git", "docker", "docker-credential-evil", "touch", "env"} {
		script := "#!/bin/sh\n: >" + filepath.Join(dir, "PWNED") + "\n"
		err = errors.Join(err, os.WriteFile(filepath.Join(bin, name), []byte(script), 0o755))
	}
	if err != nil {
		t.Fatal(err)
	}
	connections = &atomic.Int32{}
	for _, name := range []string{"engine.sock", "own.sock"} {
		listener, err := net.Listen("unix", filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = listener.Close() })
		go func() {
			for {
				conn, err := listener.Accept()
				if err != nil {
					return
				}
				connections.Add(1)
				_ = conn.Close()
			}
		}()
	}
	home := t.TempDir()
	return dir, []string{
		"PATH=" + bin, "HOME=" + home, "TASKS_SHARED_DIR=" + filepath.Join(home, "shared"),
		"DOCKER_HOST=unix://" + filepath.Join(dir, "own.sock"),
	}, connections
}

// TestReadingRunsNothing: no command for reading runs a program, or connects to an engine.
func TestReadingRunsNothing(t *testing.T) {
	t.Parallel()
	program, err := exec.LookPath("tasks")
	if err != nil {
		t.Fatal(err)
	}
	dir, env, connections := hostileRepository(t)
	for _, args := range [][]string{
		{"list"}, {"list", "--all"}, {"list", "--json"}, {"metadata"}, {"version"}, {"fmt", "--check"}, {"completion", "fish"},
		{"__complete", "run", ""}, {"__complete", "run", "t", ""}, {"__complete", "once", ""}, {"run", "t", "--help"},
		{"validate"}, {"validate", "--json"}, {"graph"}, {"graph", "--json"}, {"show", "t"}, {"show", "web"},
		{"show", "--json", "web"}, {"console"}, {"docs"}, {"docs", "--format", "html"}, {"help", "t"}, {"init", "--print"},
	} {
		cmd := exec.Command(program, args...)
		cmd.Dir, cmd.Env, cmd.Stdin = dir, env, strings.NewReader("file(\"inside\")\n")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%q: %v\n%s", args, err, out)
		}
		if _, err := os.Lstat(filepath.Join(dir, "PWNED")); err == nil {
			t.Fatalf("%q has run a program", args)
		}
		if n := connections.Load(); n != 0 {
			t.Fatalf("%q has connected to an engine", args)
		}
		if _, err := os.Lstat(filepath.Join(dir, ".tasks")); err == nil {
			t.Fatalf("%q has written state", args)
		}
	}
}

// TestFileOfAnotherUserIsRefused: no command works with the file, until its directory is trusted.
func TestFileOfAnotherUserIsRefused(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("SKIPPED, NOT TESTED: only root can make files of another user")
	}
	dir, home := t.TempDir(), t.TempDir()
	file, below := filepath.Join(dir, "Tasks.hcl"), filepath.Join(dir, "below")
	text := "task \"t\" {\n  command = [\"touch\", \"ran\"]\n}\n"
	err := errors.Join(os.Mkdir(below, 0o755), os.WriteFile(file, []byte(text), 0o644), os.Chown(file, 20001, 20001))
	if err != nil {
		t.Fatal(err)
	}
	call := func(args ...string) (out string, code int) {
		cmd := exec.Command("tasks", args...)
		cmd.Dir = below
		cmd.Env = append(os.Environ(), "HOME="+home, "XDG_CONFIG_HOME=", "TASKS_SHARED_DIR="+home, "DOCKER_HOST=unix:///nonexistent")
		text, _ := cmd.CombinedOutput()
		return string(text), cmd.ProcessState.ExitCode()
	}
	for _, args := range [][]string{
		{"run", "t"}, {"-f", file, "run", "t"}, {"list"}, {"show", "t"}, {"plan", "t"}, {"once", "x"}, {"up"}, {"watch", "t"},
		{"ps"}, {"down"}, {"logs"}, {"validate"}, {"graph"},
	} {
		if out, code := call(args...); code != codeUsage || !strings.Contains(out, "tasks trust "+dir) {
			t.Errorf("%q: code %d\n%s", args, code, out)
		}
	}
	if out, code := call("trust"); code != 0 || !strings.Contains(out, dir) {
		t.Errorf("trust: code %d\n%s", code, out)
	}
	if out, code := call("run", "t"); code != 0 {
		t.Errorf("after trust: code %d\n%s", code, out)
	}
	if _, err := os.Stat(filepath.Join(dir, "ran")); err != nil {
		t.Error(err)
	}
}

// TestNoTextOfFilesOutside: no command for reading shows a line of another file of the user.
func TestNoTextOfFilesOutside(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"[default]\naws_secret = AKIAtopsecret oops\n", "password: \"AKIAtopsecret\n"} {
		outside := filepath.Join(t.TempDir(), "credentials")
		if err := os.WriteFile(outside, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		readFileOutside(t, outside)
	}
}

// readFileOutside calls the commands for reading in repositories that lead to a file outside.
func readFileOutside(t *testing.T, outside string) {
	t.Helper()
	task := "task \"t\" {\n  command = \"true\"\n"
	compose := "name: x\nservices:\n  x: {image: x}\n"
	for name, files := range map[string]map[string]string{
		"include":            {"Tasks.hcl": "include \"x\" {\n  source = \"" + outside + "\"\n}\n"},
		"a link":             {"Tasks.hcl": task + "}\n", "x.tasks.hcl": "@link"},
		"a link of values":   {"Tasks.hcl": task + "}\n", "x.auto.tasksvars": "@link"},
		"the main file":      {"Tasks.hcl": "@link"},
		"a function":         {"Tasks.hcl": task + "  args = [file(\"" + outside + "\")]\n}\n"},
		"a file of a task":   {"Tasks.hcl": task + "  env_files = [\"" + outside + "\"]\n}\n"},
		"a compose file":     {"Tasks.hcl": task + "  service = \"x\"\n}\ncompose {\n  files = [\"" + outside + "\"]\n}\n"},
		"a link of compose":  {"Tasks.hcl": task + "  service = \"x\"\n}\n", "compose.yaml": "@link"},
		"an env_file":        {"Tasks.hcl": task + "  service = \"x\"\n}\n", "compose.yaml": compose + "    env_file: " + outside + "\n"},
		"a .env":             {"Tasks.hcl": task + "  service = \"x\"\n}\n", "compose.yaml": compose, ".env": "@link"},
		"extends":            {"Tasks.hcl": task + "  service = \"x\"\n}\n", "compose.yaml": compose + "  y: {extends: {service: y, file: " + outside + "}}\n"},
		"include of compose": {"Tasks.hcl": task + "  service = \"x\"\n}\n", "compose.yaml": compose + "include: [" + outside + "]\n"},
	} {
		dir := t.TempDir()
		for file, text := range files {
			write := func() error { return os.WriteFile(filepath.Join(dir, file), []byte(text), 0o644) }
			if text == "@link" {
				write = func() error { return os.Symlink(outside, filepath.Join(dir, file)) }
			}
			if err := write(); err != nil {
				t.Fatal(err)
			}
		}
		for _, args := range [][]string{{"list"}, {"validate"}, {"validate", "--json"}, {"graph"}, {"__complete", "once", ""}} {
			cmd := exec.Command("tasks", args...)
			cmd.Dir = dir
			out, _ := cmd.CombinedOutput()
			if strings.Contains(string(out), "AKIA") {
				t.Errorf("%s, %q:\n%s", name, args, out)
			}
		}
	}
}
