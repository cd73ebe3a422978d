//go:build unix

package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/moby/moby/client"

	"tasks/planner/observed"
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

// runResources are the names of all that runs have made for themselves and that is there: containers, networks and volumes of the
// project and of its private ones, with an owner.
func (a *testApp) runResources() []string {
	a.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), testTimeout)
	defer cancel()
	var names []string
	ours := func(labels map[string]string, name string) {
		if labels[observed.LabelOriginal] == a.project || labels[observed.LabelOwner] != "" && labels["com.docker.compose.project"] == a.project {
			names = append(names, name)
		}
	}
	filters := make(client.Filters).Add("label", observed.LabelOwner)
	containers, err := a.engine.ContainerList(ctx, client.ContainerListOptions{All: true, Filters: filters})
	if err != nil {
		a.t.Fatal(err)
	}
	for _, c := range containers.Items {
		ours(c.Labels, "container "+strings.Join(c.Names, " "))
	}
	networks, err := a.engine.NetworkList(ctx, client.NetworkListOptions{Filters: filters})
	if err != nil {
		a.t.Fatal(err)
	}
	for _, n := range networks.Items {
		ours(n.Labels, "network "+n.Name)
	}
	volumes, err := a.engine.VolumeList(ctx, client.VolumeListOptions{Filters: filters})
	if err != nil {
		a.t.Fatal(err)
	}
	for _, v := range volumes.Items {
		ours(v.Labels, "volume "+v.Name)
	}
	slices.Sort(names)
	return names
}

// expectNoRunResources fails the test where something with an owner is there.
func (a *testApp) expectNoRunResources(when string) {
	a.t.Helper()
	if left := a.runResources(); len(left) > 0 {
		a.t.Errorf("%s, left: %s", when, strings.Join(left, ", "))
	}
}

// newRunResourcesApp is a project whose runs leave nothing with an owner.
func newRunResourcesApp(t *testing.T) *testApp {
	t.Helper()
	a := newApp(t, transientCompose, runResourceTasks)
	t.Cleanup(func() { a.expectNoRunResources("after the test") })
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
				a.killDuringRun(policy)
				if left := a.runResources(); len(left) < 3 {
					t.Fatalf("the killed run left only %s", left)
				}
				a.ok(next...)
				a.expectNoRunResources("after " + strings.Join(next, " "))
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
			a.ok("ps")
			dying := a.start("run", policy)
			dying.waitOutput("begun")
			living := a.start("run", policy)
			living.waitOutput("begun")
			dying.signal(syscall.SIGKILL)
			dying.wait()
			ps := a.start("ps").wait()
			expectEqual(t, "exit code of ps", ps.code, 0)
			whose := map[string]string{"transient": "the runs that use it, process ", "ephemeral": fmt.Sprintf("a run, process %d on ", living.cmd.Process.Pid)}[policy]
			if !strings.Contains(ps.stdout, "-db-1") || strings.Count(ps.stdout, "task "+policy) != 1 || !strings.Contains(ps.stdout, whose) {
				t.Errorf("ps shows\n%s", ps.stdout)
			}
			down := a.start("down").wait()
			expectEqual(t, "exit code of down, which asks", down.code, 125)
			if living.cmd.ProcessState != nil || !strings.Contains(down.stderr, "Nothing was removed") {
				t.Errorf("down says\n%s", down.stderr)
			}
			living.interrupt()
			a.ok("ps")
			a.expectNoRunResources("after the living run")
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
			for range (*kills + 3) / 4 { // they are slow: `go test ./cmd/tasks -run TestOwnedKilled -kills 200`
				p := a.start("run", policy)
				moment := time.Duration(random.Int64N(int64(2 * time.Second)))
				time.Sleep(moment) // the kill is to come at any moment
				_ = p.cmd.Process.Signal(syscall.SIGKILL)
				p.wait()
				// An engine that is busy makes a network long after it was asked to.
				eventually(t, fmt.Sprintf("a ps that finds all (killed after %s, seed %d)", moment, seed), func() bool {
					time.Sleep(2 * time.Second)
					a.ok("ps")
					return len(a.runResources()) == 0
				}, func() string { return strings.Join(a.runResources(), ", ") })
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
		var runs []*process
		for range 3 {
			runs = append(runs, a.start("run", "quick"))
			time.Sleep(time.Duration(random.Int64N(int64(600 * time.Millisecond)))) // they meet at any moment
		}
		for i, p := range runs {
			if r := p.wait(); r.code != 0 || r.stdout != "quick\n" {
				t.Fatalf("round %d (seed %d), run %d: code %d, output %q\n%s", round, seed, i, r.code, r.stdout, r.stderr)
			}
		}
		if left := a.resourceNames(); left != "" {
			t.Fatalf("round %d (seed %d), left: %s", round, seed, left)
		}
	}
}
