//go:build linux

// Package cluster_test tests an engine of several engines, on the engines of `.ci/swarm`: `.ci/run cluster` starts them.
package cluster_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"

	"tasks/executor/docker"
	"tasks/executor/imagesend"
	"tasks/internal/composeproject"
	"tasks/internal/testing/apptest"
	"tasks/planner/observed"
)

func TestMain(m *testing.M) { apptest.Main(m, nil) }

// node is an engine of the cluster.
type node struct {
	number int
	host   string
	client *client.Client
	engine *docker.Engine
}

// connectNodes connects to all engines of the cluster. Without a cluster the test is skipped: only `.ci/run cluster`
// has a cluster, and `.ci/swarm inside` fails without it.
func connectNodes(t *testing.T) []node {
	t.Helper()
	hosts := strings.Fields(os.Getenv("TASKS_SWARM_HOSTS"))
	if len(hosts) < 3 {
		t.Skip("SKIPPED, NOT TESTED: there is no cluster; run .ci/swarm up, then .ci/swarm inside go test ./e2e/cluster")
	}
	var nodes []node
	for i, host := range hosts[:3] {
		cli, err := client.New(client.WithHost(host))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { cli.Close() })
		engine, err := docker.Connect(docker.Options{Host: host})
		if err != nil {
			t.Fatal(err)
		}
		nodes = append(nodes, node{number: i + 1, host: host, client: cli, engine: engine})
	}
	return nodes
}

// swarm calls .ci/swarm for a node: cut, join, kill.
func (n node) swarm(t *testing.T, action string) {
	t.Helper()
	out, err := exec.Command("../../.ci/swarm", action, fmt.Sprint(n.number)).CombinedOutput()
	if err != nil {
		t.Fatalf(".ci/swarm %s %d: %v\n%s", action, n.number, err, out)
	}
}

// send sends an image of the machine's engine to the node.
func (n node) send(t *testing.T, ref string) imagesend.Result {
	t.Helper()
	here, err := docker.Connect(docker.Options{Getenv: os.Getenv})
	if err != nil {
		t.Fatal(err)
	}
	result, err := imagesend.Transfer{From: here, To: n.engine, Address: n.host, Ref: ref}.Send(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// containers lists the containers of a project and of its private projects.
func (n node) containers(t *testing.T, project string) []container.Summary {
	t.Helper()
	var found []container.Summary
	for _, label := range []string{composeproject.LabelProject, observed.LabelOriginal} {
		filters := make(client.Filters).Add("label", label+"="+project)
		list, err := n.client.ContainerList(context.Background(), client.ContainerListOptions{All: true, Filters: filters})
		if err != nil {
			t.Fatalf("node %d: %v", n.number, err)
		}
		found = append(found, list.Items...)
	}
	return found
}

// leftovers lists what the node has of a project and of its private projects.
func (n node) leftovers(t *testing.T, project string) (left []string) {
	t.Helper()
	for _, c := range n.containers(t, project) {
		left = append(left, "container "+c.Names[0]+" "+string(c.State))
	}
	for _, label := range []string{composeproject.LabelProject, observed.LabelOriginal} {
		filters := make(client.Filters).Add("label", label+"="+project)
		networks, err := n.client.NetworkList(context.Background(), client.NetworkListOptions{Filters: filters})
		if err != nil {
			t.Fatalf("node %d: %v", n.number, err)
		}
		for _, network := range networks.Items {
			left = append(left, "network "+network.Name)
		}
		volumes, err := n.client.VolumeList(context.Background(), client.VolumeListOptions{Filters: filters})
		if err != nil {
			t.Fatalf("node %d: %v", n.number, err)
		}
		for _, volume := range volumes.Items {
			left = append(left, "volume "+volume.Name)
		}
	}
	return left
}

// farm is a project with an engine block of the three nodes.
type farm struct {
	*apptest.App
	nodes []node
}

// newFarm returns a project with the engine "farm". Only the first node has the image at the start of the first test. At
// the end all nodes are there again, and have nothing of the project.
func newFarm(t *testing.T, compose, tasksHCL string) farm {
	t.Helper()
	nodes := connectNodes(t)
	f := farm{App: apptest.NewApp(t, compose, tasksHCL), nodes: nodes}
	nodes[0].send(t, f.Image)
	f.Write("engine.tasks.hcl", fmt.Sprintf("engine \"farm\" {\n  hosts = [%q, %q, %q]\n}\n",
		nodes[0].host, nodes[1].host, nodes[2].host))
	t.Cleanup(func() {
		cmd := exec.Command("tasks", "down", "--volumes", "--yes", "--engine", "farm")
		cmd.Dir, cmd.Env = f.Dir, f.Env
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("tasks down: %v\n%s", err, out)
		}
		f.expectNothing("after down")
	})
	return f
}

// expectNothing expects that no node has anything of the project.
func (f farm) expectNothing(when string) {
	f.T.Helper()
	for _, n := range f.nodes {
		if left := n.leftovers(f.T, f.Project); len(left) > 0 {
			f.T.Errorf("%s: node %d has %q", when, n.number, left)
		}
	}
}

// running counts the running one-offs of each node.
func (f farm) running() (counts [3]int) {
	f.T.Helper()
	for i, n := range f.nodes {
		for _, c := range n.containers(f.T, f.Project) {
			if c.Labels[composeproject.LabelOneOff] == "True" && c.State == container.StateRunning {
				counts[i]++
			}
		}
	}
	return counts
}

// startShards starts a task, and returns when each node runs as many shards.
func (f farm) startShards(each int, args ...string) *apptest.Process {
	f.T.Helper()
	p := f.Start(args...)
	apptest.Eventually(f.T, fmt.Sprintf("%d shards on each node", each), func() bool {
		return f.running() == [3]int{each, each, each}
	}, func() string { return fmt.Sprint(f.running()) })
	return p
}

// expectVerdicts expects the line "done I" exactly once for each shard.
func expectVerdicts(t *testing.T, r apptest.Result, shards int) {
	t.Helper()
	for i := range shards {
		if got := strings.Count(r.Stdout, fmt.Sprintf("done %d.", i+1)); got != 1 {
			t.Errorf("shard %d ended %d times", i+1, got)
		}
	}
	if r.Code != 0 || t.Failed() {
		t.Errorf("code %d\n%s\n%s", r.Code, r.Stdout, r.Stderr)
	}
}

// cutTime is a loss of the network that no run may notice.
const cutTime = 5 * time.Second
