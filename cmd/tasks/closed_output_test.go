package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
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

task "red" {
  command = ["sh", "-c", "echo red; exit 3"]
}

task "much" {
  command = ["sh", "-c", "head -c 6000000 /dev/zero"]
}

task "masked" {
  command = ["echo", "short"]
  env     = { TOKEN = sensitive("hidden") }
}

task "cells" {
  matrix  = { x = ["1", "2"] }
  command = ["echo", matrix.x]
}

task "captured" {
  command = ["sh", "-c", "yes | head -c 17000000"]
}

task "captures" {
  depends_on = [task.captured]
  command    = ["echo", task.captured.stdout]
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
	{"metadata"}, {"init", "--print"},
	{"completion", "bash"}, {"completion", "zsh"}, {"completion", "fish"}, {"completion", "powershell"},
	{"__complete", "run", ""},
	{"help"}, {"help", "run"}, {"--help"}, {"run", "--help"}, {"run", "host", "--help"},
	{"fmt", "--check", "broken-layout.hcl"}, {"fmt", "--diff", "--check", "broken-layout.hcl"}, {"fmt", "-"},
	{"console"},
	{"version"}, {"--version"}, {"doctor"}, {"doctor", "--json"}, {"engine", "check", "tcp://127.0.0.1:1"}, {"docs"}, {"docs", "--format", "html"},
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
	withEngine := []string{"ps", "logs", "wait"} // e2e/commands has their tests
	silent := []string{"down", "up", "trust"}    // write nothing to stdout
	editor := []string{"lsp"}                    // ends with its stdin
	a := makeApp(workspace.Environment{}, os.Stdin, view.NewPrinter(os.Stdin, os.Stdout, os.Stderr))
	for _, c := range newRootCommand(a).Commands() {
		isCalled := slices.ContainsFunc(closedOutputCalls, func(args []string) bool { return slices.Contains(args, c.Name()) })
		if !isCalled && !slices.Contains(slices.Concat(withEngine, silent, editor), c.Name()) {
			t.Errorf("no call of `tasks %s`", c.Name())
		}
	}
}

// fullOutputCalls are the calls with output of tasks that `tasks` itself writes.
var fullOutputCalls = [][]string{
	{"run", "--output-style", "prefix", "short"}, {"run", "--output-style", "prefix", "host"},
	{"run", "--output-style", "group", "short"}, {"run", "--output-style", "group", "much"},
	{"run", "--output-style", "quiet", "red"}, {"run", "--output-style", "stream", "masked"},
	{"run", "--output-style", "prefix", "cells"}, {"run", "--output-style", "group", "cells"},
	{"run", "--output-style", "group", "red"}, {"run", "--output-style", "prefix", "red"},
}

// TestFullOutput: any other failed write to stdout is an error with the code 125, for every command and every output
// style.
func TestFullOutput(t *testing.T) {
	t.Parallel()
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("the system has no device that is always full")
	}
	t.Cleanup(func() { full.Close() })
	dir := closedOutputDir(t)
	calls := slices.DeleteFunc(slices.Clone(closedOutputCalls), func(args []string) bool {
		return slices.Contains(args, "run") || slices.Contains(args, "watch")
	})
	for _, args := range append(calls, fullOutputCalls...) {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			t.Parallel()
			code, stderr := runWithStdout(t, dir, full, args)
			if code != codeRunFailed || !strings.Contains(stderr, "cannot be written: write /dev/stdout: no space left on device") {
				t.Errorf("code %d, want 125\n%s", code, stderr)
			}
		})
	}
}

// TestCaptureOverTheLimit: output that is too long for a value fails the run, and no signal of the command counts.
func TestCaptureOverTheLimit(t *testing.T) {
	t.Parallel()
	code, stderr := runWithStdout(t, closedOutputDir(t), nil, []string{"run", "captures"})
	if code != codeRunFailed || !strings.Contains(stderr, "is over 16 MiB") {
		t.Errorf("code %d, want 125\n%s", code, stderr)
	}
}

// TestFmtNamesWrittenFiles: a file that could not be written is not among the names of the changed files.
func TestFmtNamesWrittenFiles(t *testing.T) {
	t.Parallel()
	maxPath := 4096
	if runtime.GOOS == "darwin" {
		maxPath = 1024
	}
	dir := t.TempDir()
	for len(dir) < maxPath-8 { // no temporary file fits into the last directory
		dir = filepath.Join(dir, strings.Repeat("d", min(200, maxPath-8-len(dir))))
	}
	path := filepath.Join(dir, "x")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("task \"a\" {\ncommand=[\"true\"]\n}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("tasks", "fmt", path).Output()
	if exit, ok := errors.AsType[*exec.ExitError](err); !ok || exit.ExitCode() != codeUsage || len(out) > 0 {
		t.Errorf("%v, stdout %q", err, out)
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
	return runWithStdout(t, dir, writer, args)
}

// runWithStdout runs the program with a file as stdout, and returns the exit code and stderr.
func runWithStdout(t *testing.T, dir string, stdout *os.File, args []string) (code int, stderr string) {
	t.Helper()
	cmd := exec.Command("tasks", args...)
	var text strings.Builder
	if stdout != nil {
		cmd.Stdout = stdout
	}
	input := "x = 1\n"
	if slices.Contains(args, "console") {
		input = "1 + 1\n"
	}
	cmd.Dir, cmd.Stderr, cmd.Stdin = dir, &text, strings.NewReader(input)
	cmd.Env = append(os.Environ(), "DOCKER_HOST=unix:///nonexistent/docker.sock")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	timer := time.AfterFunc(time.Minute, func() { _ = cmd.Process.Kill() })
	defer timer.Stop()
	_ = cmd.Wait() // the exit code tells
	return cmd.ProcessState.ExitCode(), text.String()
}
