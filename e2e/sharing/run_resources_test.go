//go:build unix

package sharing_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"syscall"
	"testing"
	"time"

	"tasks/internal/testing/apptest"
)

const runResourceTasks = `
task "transient" {
  service           = "web"
  command           = ["sh", "-c", "echo begun; sleep 600"]
  dependency_policy = "transient"
}
task "ephemeral" {
  service           = "web"
  command           = ["sh", "-c", "echo begun; sleep 600"]
  dependency_policy = "ephemeral"
}
task "quick" {
  service           = "web"
  command           = ["echo", "quick"]
  dependency_policy = "transient"
}
task "reusing" {
  service = "web"
  command = ["true"]
}
`

// newRunResourcesApp is a project whose runs leave nothing with an owner.
func newRunResourcesApp(t *testing.T) *apptest.App {
	t.Helper()
	a := apptest.NewApp(t, transientCompose, runResourceTasks)
	t.Cleanup(func() { a.ExpectNoRunResources("after the test") })
	return a
}

// TestRunResourcesAfterCrash: each command that looks at the engine removes what a killed run has made for itself.
func TestRunResourcesAfterCrash(t *testing.T) {
	t.Parallel()
	for _, policy := range []string{"transient", "ephemeral"} {
		for _, next := range [][]string{{"ps"}, {"down"}, {"run", "reusing"}, {"run", "quick"}, {"run", "--isolated", "reusing"}, {"once", "--rm", "db", "true"}} {
			t.Run(policy+" then "+strings.Join(next, " "), func(t *testing.T) {
				t.Parallel()
				a := newRunResourcesApp(t)
				a.KillDuringRun(policy)
				if left := a.RunResources(); len(left) < 3 {
					t.Fatalf("the killed run left only %s", left)
				}
				a.Ok(next...)
				a.ExpectNoRunResources("after " + strings.Join(next, " "))
			})
		}
	}
}

// TestRunResourcesOfRunningRunStay: of two runs one is killed; the other's goes on.
func TestRunResourcesOfRunningRunStay(t *testing.T) {
	t.Parallel()
	for _, policy := range []string{"transient", "ephemeral"} {
		t.Run(policy, func(t *testing.T) {
			t.Parallel()
			a := newRunResourcesApp(t)
			a.Ok("ps")
			dying := a.Start("run", policy)
			dying.WaitOutput("begun")
			living := a.Start("run", policy)
			living.WaitOutput("begun")
			dying.Signal(syscall.SIGKILL)
			dying.Wait()
			ps := a.Start("ps").Wait()
			apptest.ExpectEqual(t, "exit code of ps", ps.Code, 0)
			whose := map[string]string{"transient": "the runs that use it, process ", "ephemeral": fmt.Sprintf("a run, process %d on ", living.Cmd.Process.Pid)}[policy]
			if !strings.Contains(ps.Stdout, "-db-1") || strings.Count(ps.Stdout, "task "+policy) != 1 || !strings.Contains(ps.Stdout, whose) {
				t.Errorf("ps shows\n%s", ps.Stdout)
			}
			down := a.Start("down").Wait()
			apptest.ExpectEqual(t, "exit code of down, which asks", down.Code, 125)
			if living.Cmd.ProcessState != nil || !strings.Contains(down.Stderr, "nothing was removed") {
				t.Errorf("down says\n%s", down.Stderr)
			}
			living.Interrupt()
			a.Ok("ps")
			a.ExpectNoRunResources("after the living run")
		})
	}
}

// TestRunResourcesAfterCrashAtRandomTime: what the engine was asked for before the kill, it still does.
func TestRunResourcesAfterCrashAtRandomTime(t *testing.T) {
	t.Parallel()
	for _, policy := range []string{"transient", "ephemeral", "quick"} {
		t.Run(policy, func(t *testing.T) {
			t.Parallel()
			a := newRunResourcesApp(t)
			seed := rand.Uint64()
			random := rand.New(rand.NewPCG(seed, 0))
			for range (*kills + 3) / 4 { // they are slow: `go test ./e2e/sharing -run TestOwnedKilled -kills 200`
				p := a.Start("run", policy)
				moment := time.Duration(random.Int64N(int64(2 * time.Second)))
				time.Sleep(moment) // the kill is to come at any moment
				_ = p.Cmd.Process.Signal(syscall.SIGKILL)
				p.Wait()
				// An engine that is busy makes a network long after it was asked to.
				apptest.Eventually(t, fmt.Sprintf("a ps that finds all (killed after %s, seed %d)", moment, seed), func() bool {
					time.Sleep(2 * time.Second)
					a.Ok("ps")
					return len(a.RunResources()) == 0
				}, func() string { return strings.Join(a.RunResources(), ", ") })
			}
		})
	}
}

// TestConcurrentStartAndRemoval: runs that come while the last of others removes what it used: each finds what it needs, and none
// leaves anything.
func TestConcurrentStartAndRemoval(t *testing.T) {
	t.Parallel()
	a := newRunResourcesApp(t)
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	for round := range *kills / 2 { // 50 of them: -kills 100
		var runs []*apptest.Process
		for range 3 {
			runs = append(runs, a.Start("run", "quick"))
			time.Sleep(time.Duration(random.Int64N(int64(600 * time.Millisecond)))) // they meet at any moment
		}
		for i, p := range runs {
			if r := p.Wait(); r.Code != 0 || r.Stdout != "quick\n" {
				t.Fatalf("round %d (seed %d), run %d: code %d, output %q\n%s", round, seed, i, r.Code, r.Stdout, r.Stderr)
			}
		}
		if left := a.ResourceNames(); left != "" {
			t.Fatalf("round %d (seed %d), left: %s", round, seed, left)
		}
	}
}
