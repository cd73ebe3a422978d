package main

import (
	"strings"
	"testing"
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
	a := newApp(t, "", timeoutTasks)
	r := a.tasks("run", "slow")
	if r.code != 124 || r.stdout != "ready\nSIGUSR1 1\n" || !strings.Contains(r.stderr, "longer than its timeout of 5s") {
		t.Errorf("code %d, stdout %q\n%s", r.code, r.stdout, r.stderr)
	}
}
