package contract

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tasks/internal/toolbox"
)

var update = flag.Bool("update", false, "rewrite the files of testdata")

// TestMain compiles the program, and puts it first on PATH.
func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "tasks-contract-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	if out, err := exec.Command("go", "build", "-o", filepath.Join(dir, "tasks"), "../../cmd/tasks").CombinedOutput(); err != nil {
		panic(fmt.Sprintf("compiling tasks: %v\n%s", err, out))
	}
	if err := os.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH")); err != nil {
		panic(err)
	}
	m.Run()
}

// patience bounds each call of the program. The machine may be busy.
const patience = time.Minute

// place is a directory with files, and a cache directory, in which the program runs.
type place struct {
	t          *testing.T
	dir, cache string
	env        []string
}

// newPlace writes files, by their names.
func newPlace(t *testing.T, files map[string]string) *place {
	t.Helper()
	p := &place{t: t, dir: t.TempDir(), cache: t.TempDir()}
	for name, text := range files {
		path := filepath.Join(p.dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	p.env = slices.DeleteFunc(os.Environ(), func(entry string) bool {
		return strings.HasPrefix(entry, "COMPOSE_") || strings.HasPrefix(entry, "TASKS_")
	})
	p.env = append(p.env, toolbox.StateVariables(p.cache)...)
	return p
}

// process is a call of the program.
type process struct {
	*exec.Cmd
	stdout, stderr bytes.Buffer
}

func (p *place) command(ctx context.Context, args ...string) *process {
	c := &process{Cmd: exec.CommandContext(ctx, "tasks", args...)}
	c.Dir, c.Env, c.WaitDelay = p.dir, p.env, 5*time.Second
	c.Stdout, c.Stderr = &c.stdout, &c.stderr
	return c
}

// start starts the program; it is killed when the test ends.
func (p *place) start(args ...string) *process {
	p.t.Helper()
	c := p.command(p.t.Context(), args...)
	if err := c.Start(); err != nil {
		p.t.Fatal(err)
	}
	return c
}

// code waits for the end of a call, and returns its exit code.
func (p *place) code(c *process) int {
	p.t.Helper()
	late := time.AfterFunc(patience, func() { _ = c.Process.Kill() })
	defer late.Stop()
	err := c.Wait()
	if _, ended := errors.AsType[*exec.ExitError](err); err != nil && !ended {
		p.t.Fatalf("tasks %q: %v", c.Args[1:], err)
	}
	return c.ProcessState.ExitCode()
}

// run is a call of the program that ends with an exit code. It returns stdout.
func (p *place) run(code int, args ...string) string {
	p.t.Helper()
	c := p.start(args...)
	if got := p.code(c); got != code {
		p.t.Fatalf("tasks %q ended with %d, want %d\n%s%s", args, got, code, &c.stdout, &c.stderr)
	}
	return c.stdout.String()
}

func (p *place) read(name string) string {
	p.t.Helper()
	content, err := os.ReadFile(filepath.Join(p.dir, name))
	if err != nil {
		p.t.Fatal(err)
	}
	return string(content)
}

// exists reports whether there is a file.
func (p *place) exists(name string) bool {
	_, err := os.Stat(filepath.Join(p.dir, name))
	return err == nil
}

// eventually waits until a condition holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !holds(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited %s for %s", patience, what)
		}
	}
}

// golden compares a text with a file of testdata; with -update it writes the file.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s: -want +got:\n%s", path, diff)
	}
}

// equal compares two values.
func equal(t *testing.T, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s: -want +got:\n%s", what, diff)
	}
}

// matches wants a text to be of a form.
func matches(t *testing.T, what, text, form string) {
	t.Helper()
	if !regexp.MustCompile(`^(?:` + form + `)$`).MatchString(text) {
		t.Errorf("%s is %q, want %s", what, text, form)
	}
}
