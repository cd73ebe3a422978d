package executor_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"tasks/executor/engine"
)

// breakAfter breaks the connections of a container, as a proxy with a time limit does.
func (r *rig) breakAfter(d time.Duration, name string) {
	r.after(d, func() { r.engine.BreakStreams(name) })
}

// The rest of the output of a one-off comes from the log of the container, if the connection breaks before the end.
func TestBrokenAttachment(t *testing.T) {
	const lost = "the rest of the output is lost"
	for name, test := range map[string]struct {
		environment string
		code        int
		out, says   string
	}{
		"the rest from the log":   {"STDOUT: late, STDOUT_AFTER: 2s, STDERR: early, SLEEP: 4s", 0, "late\n", "from the log of the container"},
		"the code of the command": {"STDOUT: late, STDOUT_AFTER: 2s, STDERR: early, SLEEP: 4s, EXIT_CODE: '7'", 7, "late\n", "from the log of the container"},
		"no more output":          {"STDOUT: done, STDERR: early, SLEEP: 4s", 0, "done", ""},
		"no log":                  {"STDOUT: late, STDOUT_AFTER: 2s, STDERR: early, SLEEP: 4s, NO_LOG: '1'", 125, "", lost},
		"no log, a code":          {"STDOUT: late, STDOUT_AFTER: 2s, STDERR: early, SLEEP: 4s, NO_LOG: '1', EXIT_CODE: '7'", 7, "", lost},
		"just before the end":     {"STDOUT: done, STDERR: early, SLEEP: 1100ms, NO_LOG: '1'", 0, "done", ""},
	} {
		t.Run(name, func(t *testing.T) {
			yaml := "services:\n  web: {image: web, environment: {" + test.environment + "}}\n"
			inVirtualTime(t, yaml, []string{"web"}, func(r *rig) {
				task := oneOff("test", "web")
				task.ContainerName = "job"
				r.breakAfter(time.Second, "job")
				result := r.run(task)
				r.assertCode(result, test.code)
				if got := r.observer.out.String(); got != test.out {
					t.Errorf("stdout %q, want %q", got, test.out)
				}
				if got := r.observer.errOut.String(); got != "early" {
					t.Errorf("stderr %q", got)
				}
				said := strings.Join(r.observer.lines(), "\n")
				if result.Err != nil {
					said += result.Err.Error()
				}
				if !strings.Contains(said, test.says) || test.says == "" && strings.Contains(said, "connection") {
					t.Errorf("%q is missing in\n%s", test.says, said)
				}
				r.assertRemaining("network app_default")
			})
		})
	}
}

// A command in the container of a service has no log. A broken connection fails the task, with the reason.
func TestBrokenExec(t *testing.T) {
	inWeb(t, func(r *rig) {
		r.breakAfter(time.Second, "app-web-1")
		result := r.run(inService("test", "web", "sleep 4"))
		r.assertCode(result, 125)
		if result.Err == nil || !strings.Contains(result.Err.Error(), "the connection to the command broke before the end of the command") {
			t.Errorf("it says %v", result.Err)
		}
	})
}

// failingConnections is an engine behind a connection that fails at once.
type failingConnections struct{ engine.Engine }

func (e failingConnections) Attach(ctx context.Context, id string, o engine.AttachOptions) (engine.Attachment, error) {
	attachment, err := e.Engine.Attach(ctx, id, o)
	return failingAttachment{attachment}, err
}

type failingAttachment struct{ engine.Attachment }

func (failingAttachment) Copy(io.Writer, io.Writer) error {
	return errors.New("connection reset by peer")
}

// A connection that fails is no failed write: the command goes on, and its output comes from the log.
func TestFailedAttachment(t *testing.T) {
	const yaml = "services:\n  web: {image: web, environment: {STDOUT: late, STDOUT_AFTER: 2s, SLEEP: 4s}}\n"
	inVirtualTime(t, yaml, []string{"web"}, func(r *rig) {
		session := r.sessionOn(failingConnections{r.engine})
		result := session.Run(r.t.Context(), r.plan(oneOff("test", "web")), r.signals)
		r.assertCode(result, 0)
		if got := r.observer.out.String(); got != "late\n" {
			t.Errorf("stdout %q", got)
		}
	})
}
