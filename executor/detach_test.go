package executor_test

import (
	"errors"
	"io"
	"strings"
	"syscall"
	"testing"
	"time"

	"tasks/executor"
	"tasks/executor/command"
	"tasks/hclspec"
)

const webForever = `
services:
  web: {image: web, environment: {SLEEP: forever}}
`

func TestDetachedContainerStays(t *testing.T) {
	inVirtualTime(t, webForever, []string{"web"}, func(r *rig) {
		task := oneOff("bg", "web")
		task.Detach, task.RM = true, true
		r.assertCode(r.run(task), 0)
		r.assertRemaining("container app-web-run-000000000001 (running)", "network app_default")
		if got := r.observer.out.String(); got != "app-web-run-000000000001\n" {
			t.Errorf("printed %q; want the container's name", got)
		}
	})
}

func TestDetachedContainerThatDoesNotStart(t *testing.T) {
	inVirtualTime(t, strings.Replace(webForever, "SLEEP: forever", "START_FAIL: 127", 1), []string{"web"}, func(r *rig) {
		task := oneOff("bg", "web")
		task.Detach, task.RM = true, false
		r.assertCode(r.run(task), 127)
		r.assertRemaining("network app_default")
		if got := r.observer.out.String(); got != "" {
			t.Errorf("printed %q", got)
		}
	})
}

// typing is a user's keyboard: each part is one key press, or a few at once.
type typing struct{ parts []string }

func (k *typing) Read(p []byte) (int, error) {
	time.Sleep(time.Second)
	if len(k.parts) == 0 {
		time.Sleep(time.Hour)
		return 0, io.EOF
	}
	n := copy(p, k.parts[0])
	k.parts = k.parts[1:]
	return n, nil
}

func TestDetachKeys(t *testing.T) {
	for name, test := range map[string]struct {
		keys  string
		typed []string
		want  string
	}{
		"default":        {"", []string{"ls\r", "\x10", "\x11"}, "ls\r"},
		"at once":        {"", []string{"a", "\x10\x11"}, "a"},
		"one of the two": {"", []string{"\x10x", "\x10\x11"}, "\x10x"},
		"their own":      {"ctrl-a,d", []string{"\x10\x11", "\x01d"}, "\x10\x11"},
	} {
		t.Run(name, func(t *testing.T) {
			inVirtualTime(t, strings.Replace(webForever, "SLEEP: forever", "SLEEP: forever, ECHO_STDIN: \"1\"", 1), []string{"web"}, func(r *rig) {
				r.observer.in = &typing{test.typed}
				task := oneOff("shell", "web")
				task.TTY, task.Interactive = hclspec.TTYAlways, true
				session := executor.NewSession(executor.Config{
					Engine: r.engine, Locks: &memoryLocks{}, Observer: withTerminal{r.observer}, DetachKeys: test.keys,
					NewSlug: func() string { return strings.Repeat("1", 64) },
				})
				r.assertCode(session.Run(r.t.Context(), r.plan(task), r.signals), 0)
				r.assertRemaining("container app-web-run-111111111111 (running)", "network app_default")
				if got := r.observer.out.String(); got != test.want {
					t.Errorf("the command got %q; want %q", got, test.want)
				}
			})
		})
	}
}

// withTerminal has a terminal that cannot be broken.
type withTerminal struct{ *recorder }

func (withTerminal) TerminalOf(*hclspec.Task) command.Terminal { return &markedTerminal{"/dev/null"} }

func TestBrokenPipe(t *testing.T) {
	inVirtualTime(t, webAlone, []string{"web"}, func(r *rig) {
		session := executor.NewSession(executor.Config{
			Engine: r.engine, Locks: &memoryLocks{}, Observer: goneReader{r.observer},
			NewSlug: func() string { return strings.Repeat("1", 64) },
		})
		result := session.Run(r.t.Context(), r.plan(oneOff("x", "web")), r.signals)
		r.assertCode(result, 141)
		if result.Err != nil {
			t.Errorf("told as a failure: %v", result.Err)
		}
		r.assertRemaining("network app_default")
	})
}

// TestDetachWithoutReader: the container was started for good, and only its name finds no reader.
func TestDetachWithoutReader(t *testing.T) {
	inVirtualTime(t, webForever, []string{"web"}, func(r *rig) {
		session := executor.NewSession(executor.Config{
			Engine: r.engine, Locks: &memoryLocks{}, Observer: goneReader{r.observer},
			NewSlug: func() string { return strings.Repeat("1", 64) },
		})
		task := oneOff("bg", "web")
		task.Detach = true
		result := session.Run(r.t.Context(), r.plan(task), r.signals)
		r.assertCode(result, 141)
		if result.Err != nil {
			t.Errorf("told as a failure: %v", result.Err)
		}
		r.assertRemaining("container app-web-run-111111111111 (running)", "network app_default")
	})
}

// goneReader is `| head` after its last line.
type goneReader struct{ *recorder }

func (g goneReader) StreamsOf(*hclspec.Task) command.Streams {
	return command.Streams{Out: closedPipe{}, Err: closedPipe{}, Close: func() error { return nil }}
}

type closedPipe struct{}

func (closedPipe) Write([]byte) (int, error) {
	return 0, errors.Join(errors.New("write |1"), syscall.EPIPE)
}
