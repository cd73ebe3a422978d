//go:build unix

package terminal_test

import (
	"fmt"
	"regexp"
	"testing"

	"tasks/internal/testing/apptest"
	"tasks/internal/testing/screen"
)

const screenTasks = `
task "bad" { script = "until test -f go; do sleep 0.05; done; echo reason; exit 3" }
task "stopped" { script = "echo begun; exec sleep 100" }
task "ci" { depends_on = [task.bad, task.stopped] }
task "deploy" { depends_on = [task.ci] }
`

// The live display is on the terminal while tasks run, also after a resize, and a failure ends with the verdict.
func TestScreenOfAFailure(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, "", screenTasks)
	p := a.AtTerminal(apptest.NoRedirect, "run", "deploy")
	apptest.Resize(t, p.Master, 24, 60)
	p.WaitOutput("stopped | begun")
	p.WaitOutput("task bad  running ")
	apptest.Resize(t, p.Master, 24, 80)
	a.Write("go", "")
	r := p.Wait()
	p.WaitOutput("FAILED: bad (exit code 3) after ")
	terminal := screen.New(24, 80)
	fmt.Fprint(terminal, p.Stdout.String())
	const want = `stopped | begun
bad     | reason
task bad  failed: exit code 3 (T)
task stopped  cancelled (T)
task deploy → task ci → task bad  failed: exit code 3
task ci  skipped: task bad failed
task deploy  skipped: task bad failed
FAILED: bad (exit code 3) after T`
	durations := regexp.MustCompile(`[0-9]+\.[0-9] s`)
	if got := durations.ReplaceAllString(terminal.String(), "T"); r.Code != 3 || got != want {
		t.Errorf("code %d, the terminal shows\n%s\nwant\n%s", r.Code, got, want)
	}
}
