//go:build unix

package terminal_test

import (
	"strings"
	"testing"

	"tasks/internal/testing/apptest"
)

const timeoutTasks = `
task "slow" {
  image             = "@image"
  command           = ["signals"]
  timeout           = "5s"
  stop_signal       = "SIGUSR1"
  stop_grace_period = "1s"
}
`

// TestTimeoutInAContainer: the command is asked to end by the task's own signal, and killed when it does not; no container
// is left.
func TestTimeoutInAContainer(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, "", timeoutTasks)
	r := a.Tasks("run", "slow")
	if r.Code != 124 || r.Stdout != "ready\nSIGUSR1 1\n" || !strings.Contains(r.Stderr, "timed out after 5.0 s") {
		t.Errorf("code %d, stdout %q\n%s", r.Code, r.Stdout, r.Stderr)
	}
}
