package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tasks/internal/view"
	"tasks/internal/workspace"
)

var (
	secretExpressions = flag.Int("secret-expressions", 180, "the number of generated expressions with sensitive values")
	secretSeed        = flag.Uint64("secret-seed", 1, "the seed of the generated expressions")
)

// tasksPerFile is the number of generated expressions in a file.
const tasksPerFile = 12

// TestNoSecretInOutput: whatever an expression does with sensitive values, and whatever fails, no command shows a part
// of a secret. Each expression is used in a task, and typed at the console.
func TestNoSecretInOutput(t *testing.T) {
	t.Parallel()
	g := newExpressionGenerator(*secretSeed)
	call := newInProcess(t)
	windows := exposedWindows()
	failures := 0
	for done := 0; done < *secretExpressions && failures < 10; done += tasksPerFile {
		var file, console strings.Builder
		file.WriteString(generatedDeclarations + generatedCallees)
		tasks := map[string]string{}
		for i := range tasksPerFile {
			name, expression := fmt.Sprintf("t%d", i), g.expression()
			text := g.task(name, expression)
			tasks[name] = text
			file.WriteString(text)
			console.WriteString(expression + "\n")
		}
		call.write(t, "Tasks.hcl", file.String())
		check := func(text string, args ...string) {
			output := call.run(t, consoleText.Replace(console.String()), args)
			if window := firstWindow(output, windows); window != "" {
				failures++
				t.Errorf("tasks %s shows %q\n%s\n%s", strings.Join(args, " "), window, excerpt(output, window), text)
			}
		}
		for _, args := range [][]string{{"validate"}, {"validate", "--json"}, {"list"}, {"graph", "--json"}, {"console"}} {
			check("", args...)
		}
		for name, text := range tasks {
			for _, args := range [][]string{{"run", "-n", name}, {"plan", "--json", name}, {"show", name}, {"show", "--json", name}} {
				check(text, args...)
			}
		}
	}
}

// excerpt returns the lines of an output before and after a text.
func excerpt(output, text string) string {
	lines := strings.Split(output, "\n")
	at := slices.IndexFunc(lines, func(line string) bool { return strings.Contains(line, text) })
	return strings.Join(lines[max(at-5, 0):min(at+3, len(lines))], "\n")
}

// consoleText replaces arguments: the console is outside of every task.
var consoleText = strings.NewReplacer("arg.word", "local.up", "arg.list", "local.list")

const generatedCallees = `
task "callee" {
  arg "word" {}
  command = ["echo", upper(arg.word), "${base64encode(arg.word)}"]
}

task "chooser" {
  arg "word" {
    enum = ["plain", "other"]
  }
  flag "level" {
    type    = number
    default = 1
    validation {
      condition     = arg.word == ""
      error_message = "no ${upper(arg.word)}"
    }
  }
  command = ["echo", arg.word]
}

`

// inProcess calls the program without a process of its own.
type inProcess struct {
	dir           string
	stdin, output *os.File
}

func newInProcess(t *testing.T) *inProcess {
	dir := t.TempDir()
	p := &inProcess{dir: filepath.Join(dir, "project")}
	if err := os.Mkdir(p.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, file := range map[string]**os.File{"stdin": &p.stdin, "output": &p.output} {
		opened, err := os.Create(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { opened.Close() })
		*file = opened
	}
	return p
}

func (p *inProcess) write(t *testing.T, name, text string) {
	if err := os.WriteFile(filepath.Join(p.dir, name), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// run returns the output of a call: stdout and stderr.
func (p *inProcess) run(t *testing.T, stdin string, args []string) string {
	for file, text := range map[*os.File]string{p.stdin: stdin, p.output: ""} {
		if err := file.Truncate(0); err != nil {
			t.Fatal(err)
		}
		if _, err := file.WriteAt([]byte(text), 0); err != nil {
			t.Fatal(err)
		}
		if _, err := file.Seek(0, io.SeekStart); err != nil {
			t.Fatal(err)
		}
	}
	env := workspace.Environment{WorkingDir: p.dir, Version: "test", Environ: []string{
		"HOME=" + p.dir, "SECRET=" + secretEnv, "TASKS_VAR_token=" + secretToken, "TASKS_VAR_pin=" + secretNumber,
		"DOCKER_HOST=unix:///nonexistent/engine.sock",
	}}
	makeApp(env, p.stdin, view.NewPrinter(p.stdin, p.output, p.output)).main(args)
	output, err := os.ReadFile(p.output.Name())
	if err != nil {
		t.Fatal(err)
	}
	return string(output)
}
