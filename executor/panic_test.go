package executor_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"tasks/executor"
	"tasks/executor/command"
	"tasks/executor/enginetest"
	"tasks/hclspec"
	"tasks/planner/observed"
)

// markVariable names the file that the fake terminal of a dying process writes to when it is restored.
const markVariable = "EXECUTOR_TEST_MARK"

// TestPanicRestoresTheTerminal: a panic while the terminal is raw kills the program, but the user gets the terminal back.
func TestPanicRestoresTheTerminal(t *testing.T) {
	if mark := os.Getenv(markVariable); mark != "" {
		runIntoPanic(t, mark)
		t.Fatal("the run went on")
	}
	mark := filepath.Join(t.TempDir(), "restored")
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestPanicRestoresTheTerminal$")
	cmd.Env = append(os.Environ(), markVariable+"="+mark)
	out, err := cmd.CombinedOutput()
	exit, ended := errors.AsType[*exec.ExitError](err)
	if !ended || exit.ExitCode() != 2 || !strings.Contains(string(out), "the view is broken") {
		t.Fatalf("the program has to die of the panic: %v\n%s", err, out)
	}
	if said, err := os.ReadFile(mark); string(said) != "raw restored" {
		t.Errorf("the terminal was %q, %v", said, err)
	}
}

func runIntoPanic(t *testing.T, mark string) {
	r := &rig{t: t, engine: enginetest.New(t), project: load(t, webAlone, []string{"web"}), host: &fakeHost{}, observer: &recorder{}}
	r.engine.AddRemoteImage("web", observed.Image{})
	task := oneOff("shell", "web")
	task.TTY, task.Interactive = hclspec.TTYAlways, true
	session := executor.NewSession(executor.Config{
		Engine: r.engine, Locks: &memoryLocks{}, Observer: brokenView{r.observer, &markedTerminal{mark}},
		NewSlug: func() string { return strings.Repeat("a", 64) },
	})
	session.Run(t.Context(), r.plan(task), nil)
}

const webAlone = `
services:
  web: {image: web, environment: {STDOUT: hello, SLEEP: 1s}}
`

// brokenView panics at the first output.
type brokenView struct {
	*recorder
	terminal command.Terminal
}

func (v brokenView) TerminalOf(*hclspec.Task) command.Terminal { return v.terminal }

func (v brokenView) StreamsOf(*hclspec.Task) command.Streams {
	return command.Streams{Out: brokenWriter{}, Err: brokenWriter{}, Close: func() error { return nil }}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { panic("the view is broken") }

// markedTerminal notes in a file what is done to it.
type markedTerminal struct{ file string }

func (t *markedTerminal) note(text string) error {
	f, err := os.OpenFile(t.file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = f.WriteString(text)
	return err
}

func (t *markedTerminal) MakeRaw() (func() error, error) {
	return func() error { return t.note(" restored") }, t.note("raw")
}

func (t *markedTerminal) Size() (rows, columns uint, err error) { return 24, 80, nil }

func (t *markedTerminal) Resizes(ctx context.Context) <-chan struct{} {
	c := make(chan struct{})
	context.AfterFunc(ctx, func() { close(c) })
	return c
}
