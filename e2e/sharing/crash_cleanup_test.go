//go:build unix

package sharing_test

import (
	"flag"
	"math/rand/v2"
	"strings"
	"syscall"
	"testing"
	"time"

	"tasks/internal/testing/apptest"
)

var kills = flag.Int("kills", 8, "how many runs are killed at random moments")

const crashCompose = `
services:
  db:
    image: "@image"
    command: ["signals"]
    healthcheck: {test: ["CMD", "true"], interval: 30s}
  web:
    image: "@image"
    depends_on: {db: {condition: service_healthy}}
    volumes: ["/anonymous"]
`

const crashTasks = `
task "long" {
  service = "web"
  command = ["sh", "-c", "echo begun; sleep 600"]
}
task "named" {
  service        = "web"
  command        = ["sh", "-c", "echo begun; sleep 600"]
  container_name = "@project-debug"
}
task "kept" {
  service = "web"
  command = ["sh", "-c", "echo begun; sleep 600"]
  rm      = false
}
task "short" {
  service        = "web"
  command        = ["echo", "short"]
  container_name = "@project-debug"
}
`

func TestNextRunRemovesGarbage(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, crashCompose, crashTasks)
	living := a.Start("run", "long")
	living.WaitOutput("begun")
	a.KillDuringRun("kept")
	a.KillDuringRun("named")
	apptest.ExpectEqual(t, "one-offs after the kills", a.OneOffTasks(), "kept long named")
	apptest.ExpectEqual(t, "plan", strings.Contains(a.Start("plan", "short").Wait().Stdout, "the run that it belonged to was killed"), true)
	r := a.Start("run", "short").Wait()
	apptest.ExpectEqual(t, "exit code", r.Code, 0)
	apptest.ExpectEqual(t, "output", r.Stdout, "short\n")
	apptest.ExpectEqual(t, "one-offs after the next run", a.OneOffTasks(), "kept long")
	living.Signal(syscall.SIGKILL)
	living.Wait()
	ps := a.Start("ps").Wait()
	apptest.ExpectEqual(t, "exit code of ps", ps.Code, 0)
	apptest.ExpectEqual(t, "one-offs after ps", a.OneOffTasks(), "kept")
	if !strings.Contains(ps.Stdout, a.Project+"-db-1") || !strings.Contains(ps.Stdout, "kept") {
		t.Errorf("ps shows\n%s", ps.Stdout)
	}
	a.RemoveOneOffs()
}

// TestDownDoesNotAskForCrashedRuns: a living run's one-off is asked for, a dead one's is not.
func TestDownDoesNotAskForCrashedRuns(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, crashCompose, crashTasks)
	a.KillDuringRun("named")
	r := a.Start("down").Wait()
	apptest.ExpectEqual(t, "exit code", r.Code, 0)
	a.ExpectNothingLeft()
}

// TestCrashAtRandomTime: two seconds after the death at the latest, the next command finds all that was left.
func TestCrashAtRandomTime(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, crashCompose, crashTasks)
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	for range *kills {
		p := a.Start("run", "long")
		moment := time.Duration(random.Int64N(int64(1500 * time.Millisecond)))
		time.Sleep(moment) // the kill is to come at any moment
		p.Signal(syscall.SIGKILL)
		p.Wait()
		time.Sleep(2 * time.Second) // what the engine was asked for, it still does
		a.Ok("ps")
		if left := a.OneOffTasks(); left != "" {
			t.Fatalf("killed after %s (seed %d), one-offs of %s are left", moment, seed, left)
		}
	}
	a.RemoveOneOffs()
}
