//go:build linux

package host_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"tasks/executor/host"
)

// play is the test binary in a role.
func play(role string, args ...string) host.Command {
	return host.Command{Args: append([]string{os.Args[0]}, args...), Env: asRole(role)}
}

func start(t *testing.T, c host.Command) *host.Process {
	t.Helper()
	p, err := host.Start(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Kill() })
	return p
}

func wait(t *testing.T, p *host.Process) int {
	t.Helper()
	code, err := p.Wait()
	if err != nil {
		t.Fatal(err)
	}
	return code
}

func TestExitCodes(t *testing.T) {
	for _, test := range []struct {
		role, arg string
		want      int
	}{
		{"exit", "0", 0},
		{"exit", "3", 3},
		{"exit", "255", 255},
		{"kill-self", "15", 143},
		{"kill-self", "9", 137},
		{"kill-self", "1", 129},
	} {
		t.Run(test.role+test.arg, func(t *testing.T) {
			p := start(t, play(test.role, test.arg))
			if got := wait(t, p); got != test.want {
				t.Errorf("exit code %d, want %d", got, test.want)
			}
			if got := wait(t, p); got != test.want {
				t.Errorf("second Wait: exit code %d, want %d", got, test.want)
			}
			if err := p.Signal(syscall.SIGTERM); !errors.Is(err, os.ErrProcessDone) {
				t.Errorf("Signal after the end: %v", err)
			}
			if err := p.Kill(); !errors.Is(err, os.ErrProcessDone) {
				t.Errorf("Kill after the end: %v", err)
			}
		})
	}
}

// slowWriter delays the first write, longer than the drain of the pipe.
type slowWriter struct {
	bytes.Buffer
	once sync.Once
}

func (w *slowWriter) Write(p []byte) (int, error) {
	w.once.Do(func() { time.Sleep(600 * time.Millisecond) })
	return w.Buffer.Write(p)
}

func TestOutputIsComplete(t *testing.T) {
	const lines = 2500 // some 50 kB: fits into the pipe, so that the command ends before the first byte is written
	var stdout slowWriter
	var stderr bytes.Buffer
	c := play("write", fmt.Sprint(lines))
	c.Stdout, c.Stderr = &stdout, &stderr
	if code := wait(t, start(t, c)); code != 0 {
		t.Fatalf("exit code %d", code)
	}
	if got := strings.Count(stdout.String(), "\n"); got != lines {
		t.Errorf("%d lines of stdout, want %d", got, lines)
	}
	if got := strings.Count(stderr.String(), "\n"); got != lines/100 {
		t.Errorf("%d lines of stderr, want %d", got, lines/100)
	}
}

func TestOneWriterForBothStreams(t *testing.T) {
	var both bytes.Buffer // without a lock: the race detector would see two writers
	c := play("write", "100000")
	c.Stdout, c.Stderr = &both, &both
	wait(t, start(t, c))
	if got := strings.Count(both.String(), "\n"); got != 101000 {
		t.Errorf("%d lines, want 101000", got)
	}
}

func TestOutputToFile(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	c := play("write", "1000")
	c.Stdout = file
	wait(t, start(t, c))
	content, _ := os.ReadFile(file.Name())
	if got := bytes.Count(content, []byte("\n")); got != 1000 {
		t.Errorf("%d lines, want 1000", got)
	}
}

// fullDisk fails after some bytes.
type fullDisk struct{ left int }

var errFull = errors.New("no space left")

func (w *fullDisk) Write(p []byte) (int, error) {
	if w.left -= len(p); w.left < 0 {
		return 0, errFull
	}
	return len(p), nil
}

func TestFailingWriterEndsTheCommand(t *testing.T) {
	c := play("write", "10000000")
	c.Stdout = &fullDisk{left: 100_000}
	code, err := start(t, c).Wait()
	if !errors.Is(err, errFull) {
		t.Errorf("error %v, want %v", err, errFull)
	}
	if want := 128 + int(syscall.SIGPIPE); code != want {
		t.Errorf("exit code %d, want %d", code, want)
	}
}

func TestStdin(t *testing.T) {
	text := strings.Repeat("all work and no play\n", 20_000)
	file := filepath.Join(t.TempDir(), "in")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	opened, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close()
	for name, test := range map[string]struct {
		in   io.Reader
		want string
	}{
		"nothing": {nil, ""},
		"reader":  {strings.NewReader(text), text},
		"file":    {opened, text},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			c := play("cat")
			c.Stdin, c.Stdout = test.in, &out
			wait(t, start(t, c))
			if out.String() != test.want {
				t.Errorf("%d bytes came back, want %d", out.Len(), len(test.want))
			}
		})
	}
}

func TestStdinThatBlocksDoesNotBlockTheEnd(t *testing.T) {
	r, w := io.Pipe()
	defer w.Close()
	c := play("exit", "4")
	c.Stdin = r
	if code := waitSoon(t, start(t, c)); code != 4 {
		t.Errorf("exit code %d, want 4", code)
	}
}

// waitSoon fails if Wait takes too long for an ended command.
func waitSoon(t *testing.T, p *host.Process) int {
	t.Helper()
	code := make(chan int, 1)
	go func() {
		c, _ := p.Wait()
		code <- c
	}()
	select {
	case c := <-code:
		return c
	case <-time.After(10 * time.Second):
		t.Fatal("Wait hangs")
		return 0
	}
}

func TestEnvironmentAndDirectory(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("OF_OURS", "inherited")
	for name, test := range map[string]struct {
		env  []string
		want string
	}{
		"own":   {[]string{"PATH=/usr/bin:/bin", "A=1", "A=2"}, dir + " 2 unset\n"},
		"ours":  {nil, dir + " unset inherited\n"},
		"empty": {[]string{}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			p, err := host.Start(host.Command{
				Args: []string{"sh", "-c", `echo "$(pwd) ${A-unset} ${OF_OURS-unset}"`}, Dir: dir, Env: test.env, Stdout: &out,
			})
			if test.want == "" {
				if err == nil || !strings.Contains(err.Error(), "no PATH") {
					t.Fatalf("error %v, want one about PATH", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			wait(t, p)
			if out.String() != test.want {
				t.Errorf("got %q, want %q", out.String(), test.want)
			}
		})
	}
}

func TestCommandIsNotChanged(t *testing.T) {
	env := []string{"PATH=/usr/bin:/bin", "A=1", "A=2"}
	c := host.Command{Args: []string{"true"}, Env: slices.Clone(env)}
	wait(t, start(t, c))
	if !slices.Equal(c.Env, env) || !slices.Equal(c.Args, []string{"true"}) {
		t.Errorf("the command became %v, %v", c.Args, c.Env)
	}
}
