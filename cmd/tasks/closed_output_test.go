package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tasks/internal/view"
	"tasks/internal/workspace"
)

const closedOutputFile = `
variable "x" { default = "1" }

task "host" {
  arg "word" { default = "" }
  command = ["sh", "-c", "yes"]
  watch { paths = ["*.hcl"] }
}

task "short" {
  command = ["echo", "short"]
}

task "group" {
  depends_on = [task.host, task.short]
}
`

// closedOutputCalls are calls with output on stdout, for each command that needs no engine.
var closedOutputCalls = [][]string{
	{}, {"list"}, {"list", "--json"}, {"-C", ".", "list", "--all"},
	{"plan", "short"}, {"plan", "--json", "short"}, {"plan", "--format", "dot", "short"}, {"run", "-n", "short"},
	{"show", "host"}, {"show", "--json", "host"},
	{"graph"}, {"graph", "--json"}, {"graph", "--format", "mermaid"},
	{"validate"}, {"validate", "--json"}, {"-f", "broken.hcl", "validate", "--json"},
	{"metadata"},
	{"completion", "bash"}, {"completion", "zsh"}, {"completion", "fish"}, {"completion", "powershell"},
	{"__complete", "run", ""},
	{"help"}, {"help", "run"}, {"--help"}, {"run", "--help"}, {"run", "host", "--help"},
	{"fmt", "--check", "broken-layout.hcl"}, {"fmt", "--diff", "--check", "broken-layout.hcl"}, {"fmt", "-"},
	{"console"},
	{"version"}, {"--version"},
	{"once", "--as-task", "x", "app"},
	{"run", "host"}, {"run", "short", ":::", "host"}, {"run", "group"}, {"run", "--output-style", "group", "short"},
	{"run", "--output-style", "prefix", "host"}, {"watch", "host"},
}

// TestClosedOutput: a lost reader of stdout ends every command with 141, without a message.
func TestClosedOutput(t *testing.T) {
	t.Parallel()
	dir := closedOutputDir(t)
	for _, args := range closedOutputCalls {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			t.Parallel()
			code, stderr := runWithoutReader(t, dir, args)
			if code != 141 {
				t.Errorf("code %d, want 141\n%s", code, stderr)
			}
			if strings.Contains(stderr, "broken pipe") || strings.Contains(stderr, "stdout") {
				t.Errorf("a message about the lost reader: %s", stderr)
			}
		})
	}
}

// TestClosedOutputOfAllCommands: a new command needs a call here, or a test with the engine.
func TestClosedOutputOfAllCommands(t *testing.T) {
	withEngine := []string{"ps", "logs"}      // e2e/commands has their tests
	silent := []string{"down", "up", "trust"} // write nothing to stdout
	a := makeApp(workspace.Environment{}, os.Stdin, view.NewPrinter(os.Stdin, os.Stdout, os.Stderr))
	for _, c := range newRootCommand(a).Commands() {
		isCalled := slices.ContainsFunc(closedOutputCalls, func(args []string) bool { return slices.Contains(args, c.Name()) })
		if !isCalled && !slices.Contains(slices.Concat(withEngine, silent), c.Name()) {
			t.Errorf("no call of `tasks %s`", c.Name())
		}
	}
}

// TestFullOutput: any other failed write to stdout is an error, also of commands that do not look.
func TestFullOutput(t *testing.T) {
	t.Parallel()
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("the system has no device that is always full")
	}
	defer full.Close()
	dir := closedOutputDir(t)
	for _, args := range [][]string{{"version"}, {"list"}, {"validate", "--json"}, {"--help"}} {
		cmd := exec.Command("tasks", args...)
		var stderr strings.Builder
		cmd.Dir, cmd.Stdout, cmd.Stderr = dir, full, &stderr
		err := cmd.Run()
		exit, isExit := errors.AsType[*exec.ExitError](err)
		if !isExit || exit.ExitCode() != codeRunFailed || !strings.Contains(stderr.String(), "no space left on device") {
			t.Errorf("tasks %s: %v\n%s", args, err, stderr.String())
		}
	}
}

// closedOutputDir returns a directory with the files of the calls.
func closedOutputDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"Tasks.hcl":         closedOutputFile,
		"compose.yaml":      "services: {app: {image: box}}\n",
		"broken.hcl":        "task \"a\" {\n  nosuch = 1\n}\n",
		"broken-layout.hcl": "task \"a\" {\ncommand=[\"true\"]\n}\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// runWithoutReader runs the program with a pipe without a reader as stdout, and returns the exit code and stderr.
func runWithoutReader(t *testing.T, dir string, args []string) (code int, stderr string) {
	t.Helper()
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	reader.Close()
	defer writer.Close()
	cmd := exec.Command("tasks", args...)
	var text strings.Builder
	input := "x = 1\n"
	if slices.Contains(args, "console") {
		input = "1 + 1\n"
	}
	cmd.Dir, cmd.Stdout, cmd.Stderr, cmd.Stdin = dir, writer, &text, strings.NewReader(input)
	cmd.Env = append(os.Environ(), "DOCKER_HOST=unix:///nonexistent/docker.sock")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	timer := time.AfterFunc(time.Minute, func() { _ = cmd.Process.Kill() })
	defer timer.Stop()
	_ = cmd.Wait() // the exit code tells
	return cmd.ProcessState.ExitCode(), text.String()
}
