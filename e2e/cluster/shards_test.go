//go:build linux

package cluster_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tasks/internal/composeproject"
	"tasks/internal/testing/apptest"
)

const shardsCompose = `
services:
  web:
    image: @image
    depends_on: [db]
    volumes: ["./src:/src"]
  db:
    image: @image
    command: [sleep, infinity]
    init: true
    volumes: ["data:/data"]
volumes: {data: }
`

const shardsHCL = `
task "slow" {
  service = "web"
  shards  = 6
  on_lost = "retry"
  script  = "sleep 12; echo done $TASKS_SHARD_INDEX."
}
task "strict" {
  service = "web"
  shards  = 6
  script  = "sleep 12; echo done $TASKS_SHARD_INDEX."
}
task "endless" {
  service = "web"
  shards  = 6
  script  = "sleep infinity"
}
`

func newShards(t *testing.T) farm {
	t.Helper()
	f := newFarm(t, shardsCompose, shardsHCL)
	f.Write("src/a", "a")
	return f
}

// TestShardsOverNodes: each shard ends once, all nodes work, and nothing is left. The nodes get the image from the first.
func TestShardsOverNodes(t *testing.T) {
	f := newShards(t)
	for _, n := range f.nodes[1:] {
		if err := n.engine.RemoveImage(t.Context(), f.Image); err != nil {
			t.Fatal(err)
		}
	}
	p := f.startShards(2, "run", "--engine", "farm", "slow")
	r := p.WaitFor(2 * apptest.TestTimeout)
	expectVerdicts(t, r, 6)
	f.expectNothing("after the run")
}

// TestNodeIsKilled: the shards of a killed node start once more on the others, and each has one verdict.
func TestNodeIsKilled(t *testing.T) {
	f := newShards(t)
	killed := f.nodes[2]
	p := f.startShards(2, "run", "--engine", "farm", "slow")
	killed.swarm(t, "kill")
	t.Cleanup(func() { killed.swarm(t, "engine-start") })
	r := p.WaitFor(3 * apptest.TestTimeout)
	expectVerdicts(t, r, 6)
	if !strings.Contains(r.Stderr, "lost") {
		t.Errorf("no word about the loss:\n%s", r.Stderr)
	}
	killed.swarm(t, "engine-start")
	f.Ok("ps", "--engine", "farm")
	f.expectNothing("after the next command")
}

// TestNodeIsKilledWithoutRetry: exactly the shards of the killed node fail.
func TestNodeIsKilledWithoutRetry(t *testing.T) {
	f := newShards(t)
	killed := f.nodes[2]
	p := f.startShards(2, "run", "--keep-going", "--engine", "farm", "strict")
	killed.swarm(t, "kill")
	t.Cleanup(func() { killed.swarm(t, "engine-start") })
	r := p.WaitFor(3 * apptest.TestTimeout)
	if got := strings.Count(r.Stdout, "done "); got != 4 || r.Code == 0 {
		t.Errorf("code %d, %d shards ended\n%s\n%s", r.Code, got, r.Stdout, r.Stderr)
	}
	if !strings.Contains(r.Stderr, "4 of 6 ok, 2 failed") || !strings.Contains(r.Stderr, "lost") {
		t.Errorf("no count of the shards:\n%s", r.Stderr)
	}
	killed.swarm(t, "engine-start")
	f.Ok("ps", "--engine", "farm")
	f.expectNothing("after the next command")
}

// TestShortCutIsUnnoticed: a node without a network for five seconds loses nothing.
func TestShortCutIsUnnoticed(t *testing.T) {
	f := newShards(t)
	p := f.startShards(2, "run", "--engine", "farm", "slow")
	f.nodes[1].swarm(t, "cut")
	t.Cleanup(func() { f.nodes[1].swarm(t, "join") })
	time.Sleep(cutTime)
	f.nodes[1].swarm(t, "join")
	r := p.WaitFor(3 * apptest.TestTimeout)
	expectVerdicts(t, r, 6)
	if strings.Contains(r.Stderr, "lost") {
		t.Errorf("the cut was noticed:\n%s", r.Stderr)
	}
}

// TestNextCommandAfterKill: the command after a killed client leaves nothing on any node.
func TestNextCommandAfterKill(t *testing.T) {
	f := newShards(t)
	p := f.startShards(2, "run", "--engine", "farm", "endless")
	p.Signal(syscall.SIGKILL)
	p.Wait()
	f.Ok("ps", "--engine", "farm")
	f.expectNothing("after the next command")
}

// TestDownOverNodes: services of the project are on one node, and down removes them with their volume.
func TestDownOverNodes(t *testing.T) {
	f := newShards(t)
	f.Ok("up", "--engine", "farm")
	count := 0
	for _, n := range f.nodes {
		count += len(n.containers(t, f.Project))
	}
	if count != 2 {
		t.Errorf("%d containers are there", count)
	}
	f.Ok("down", "--volumes", "--yes", "--engine", "farm")
	f.expectNothing("after down")
}

// TestNodesHaveTheSources: the files of each node are those of this machine, after each kind of change.
func TestNodesHaveTheSources(t *testing.T) {
	f := newShards(t)
	src := filepath.Join(f.Dir, "src")
	for _, name := range []string{"dir/one", "dir/two", "old", "mode", "dir-too"} {
		f.Write("src/"+name, name)
	}
	for i, change := range []func() error{
		func() error { return nil },
		func() error {
			return errors.Join(os.WriteFile(src+"/a", []byte("changed"), 0o644), os.RemoveAll(src+"/dir"), os.Remove(src+"/dir-too"),
				os.Rename(src+"/old", src+"/new"), os.Chmod(src+"/mode", 0o750))
		},
	} {
		if err := change(); err != nil {
			t.Fatal(err)
		}
		p := f.startShards(2, "run", "--engine", "farm", "endless")
		want := apptest.HostTree(t, src)
		for _, n := range f.nodes {
			for _, c := range n.containers(t, f.Project) {
				if c.Labels[composeproject.LabelOneOff] != "True" {
					continue
				}
				if diff := cmp.Diff(want, apptest.ContainerTree(t, n.client, c.ID, "/src")); diff != "" {
					t.Errorf("change %d, node %d: -this machine +node\n%s", i, n.number, diff)
				}
			}
		}
		p.Signal(os.Interrupt)
		p.Wait()
		f.expectNothing("after an interrupt")
	}
}
