//go:build linux

package main

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// With this variable, the test binary acts as the toolbox. So tests run the programs as processes, with signals.
const runAsToolboxEnv = "TEST_RUN_AS_TOOLBOX"

func TestMain(m *testing.M) {
	if os.Getenv(runAsToolboxEnv) != "" {
		main()
	}
	os.Exit(m.Run())
}

// programDir returns a directory with a link for every program.
func programDir(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name := range applets() {
		if err := os.Symlink(self, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// program prepares a program of the box, in a separate directory.
func program(t *testing.T, name string, args ...string) *exec.Cmd {
	t.Helper()
	dir := programDir(t)
	cmd := exec.CommandContext(t.Context(), filepath.Join(dir, name), args...)
	cmd.Dir = t.TempDir()
	// The race detector makes each process sleep for a second at the end, unless disabled.
	cmd.Env = []string{"PATH=" + dir, runAsToolboxEnv + "=1", "COLOR=blue", "GORACE=atexit_sleep_ms=0"}
	return cmd
}

// outcome is the output and exit code of a program.
type outcome struct {
	out, err string
	code     int
}

func finish(t *testing.T, cmd *exec.Cmd) outcome {
	t.Helper()
	var out, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &stderr
	err := cmd.Run()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return outcome{out.String(), stderr.String(), cmd.ProcessState.ExitCode()}
}

// conversation is a running program with input and output.
type conversation struct {
	t   *testing.T
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

func start(t *testing.T, name string, args ...string) *conversation {
	t.Helper()
	cmd := program(t, name, args...)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return &conversation{t, cmd, in, bufio.NewReader(out)}
}

// expect reads a line. The time limit of the test limits the wait.
func (c *conversation) expect(want string) {
	c.t.Helper()
	got, err := c.out.ReadString('\n')
	if strings.TrimSuffix(got, "\n") != want {
		c.t.Fatalf("got %q (%v), want %q", got, err, want)
	}
}

func (c *conversation) signal(sig os.Signal) {
	c.t.Helper()
	if err := c.cmd.Process.Signal(sig); err != nil {
		c.t.Fatal(err)
	}
}

// end waits for the exit code, and fails after a time limit.
func (c *conversation) end() int {
	c.t.Helper()
	timeout := time.AfterFunc(20*time.Second, func() { c.cmd.Process.Kill() })
	defer timeout.Stop()
	c.cmd.Wait()
	return c.cmd.ProcessState.ExitCode()
}

func TestUnknownProgram(t *testing.T) {
	var stderr bytes.Buffer
	if code := run("nope", streams{err: &stderr}, nil); code != 127 || !strings.Contains(stderr.String(), `"nope"`) {
		t.Errorf("%d, %q", code, stderr.String())
	}
}

func TestFirstArgumentNamesTheProgram(t *testing.T) {
	cmd := program(t, "sh", "cat")
	toolbox := filepath.Join(t.TempDir(), "toolbox")
	if err := os.Symlink(cmd.Path, toolbox); err != nil {
		t.Fatal(err)
	}
	cmd.Path, cmd.Args = toolbox, []string{"toolbox", "echo", "a"}
	if got := finish(t, cmd); got != (outcome{out: "a\n"}) {
		t.Errorf("%+v", got)
	}
}
