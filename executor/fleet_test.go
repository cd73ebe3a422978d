package executor_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tasks/executor"
	"tasks/executor/enginetest"
	"tasks/executor/fleet"
	"tasks/hclspec"
	"tasks/planner"
	"tasks/planner/observed"
)

// fleetRig is a project on three nodes.
type fleetRig struct {
	*rig
	nodes []enginetest.Node
	fleet *fleet.Fleet
}

// onNodes makes three nodes of the rig. Only the first node can pull the images.
func (r *rig) onNodes(slots int) *fleetRig {
	f := &fleetRig{rig: r}
	cfg := fleet.Config{Name: "ci", Slots: slots, Warn: func(text string) { r.t.Log(text) }, SendImage: sendInMemory}
	for i := range 3 {
		n := enginetest.NewNode(r.t, fmt.Sprintf("tsw%d", i+1))
		f.nodes = append(f.nodes, n)
		cfg.Nodes = append(cfg.Nodes, fleet.Node{Name: fmt.Sprintf("tsw%d", i+1), Engine: n})
	}
	for _, s := range r.project.Model().Services {
		f.nodes[0].AddRemoteImage(r.project.ImageName(s), observed.Image{})
	}
	f.fleet = fleet.New(cfg)
	return f
}

// sendInMemory copies an image between engines in memory.
func sendInMemory(ctx context.Context, image fleet.Image, progress func(string)) error {
	found, err := image.From.InspectImage(ctx, image.Ref, image.Platform)
	if err == nil {
		progress("image " + image.Ref)
		image.To.(enginetest.Node).AddImage(image.Ref, found)
	}
	return err
}

// runShards runs the shards of a task on the nodes.
func (f *fleetRig) runShards(shards []*hclspec.Task) executor.Result {
	f.t.Helper()
	plan := f.fleetPlan(shards)
	result := f.sessionOn(f.fleet).Run(f.t.Context(), plan, f.signals)
	f.fleet.Close()
	return result
}

func (f *fleetRig) fleetPlan(shards []*hclspec.Task) *planner.Plan {
	f.t.Helper()
	return f.shardPlanOn(f.fleet, shards, nil)
}

// creations counts the containers that a node has made for a task.
func (f *fleetRig) creations(node int, part string) (count int) {
	for _, name := range f.nodes[node].CallsOf("CreateContainer") {
		if strings.Contains(name, part) {
			count++
		}
	}
	return count
}

func (f *fleetRig) assertNothingRemains(nodes ...int) {
	f.t.Helper()
	for _, i := range nodes {
		if left := f.nodes[i].Remaining(); len(left) > 0 {
			f.t.Errorf("node %d has %q", i+1, left)
		}
	}
}

const fleetYAML = `
services:
  web:
    image: web
    environment: {SLEEP: 20s}
    depends_on: {db: {condition: service_healthy}}
  db:
    image: db
    environment: {PROBE_OK_AFTER: 1s}
    healthcheck: {test: [CMD, "true"], interval: 30s}
    volumes: [data:/data]
volumes: {data: }
`

// TestShardsSpreadOverNodes: each shard has its whole project on one node, and the nodes have the same number of shards.
func TestShardsSpreadOverNodes(t *testing.T) {
	inVirtualTime(t, fleetYAML, []string{"web"}, func(r *rig) {
		f := r.onNodes(2)
		r.assertCode(f.runShards(shardsOf("test", 6)), 0)
		for i, n := range f.nodes {
			if got := f.creations(i, "-web-run-"); got != 2 {
				t.Errorf("node %d ran %d shards", i+1, got)
			}
			if got := n.CallsOf("CreateVolume"); len(got) != 2 {
				t.Errorf("node %d has made the volumes %q", i+1, got)
			}
		}
		f.assertNothingRemains(0, 1, 2)
	})
}

// TestShardsTakeTheSlotsOfTheNodes: no node has more private projects at a time than slots.
func TestShardsTakeTheSlotsOfTheNodes(t *testing.T) {
	inVirtualTime(t, fleetYAML, []string{"web"}, func(r *rig) {
		f := r.onNodes(1)
		began := time.Now()
		r.assertCode(f.runShards(shardsOf("test", 6)), 0)
		for i, n := range f.nodes {
			now, most := 0, 0
			for _, c := range n.Calls() {
				switch c.Op {
				case "CreateNetwork":
					now++
				case "RemoveNetwork":
					now--
				}
				most = max(most, now)
			}
			if most != 1 {
				t.Errorf("node %d has had %d projects at a time", i+1, most)
			}
		}
		if elapsed := time.Since(began); elapsed < 40*time.Second || elapsed > 50*time.Second {
			t.Errorf("two rounds of 20 s have taken %s", elapsed)
		}
	})
}

// TestLostNode: the shards of a lost node fail, or begin again on another node with services of their own. A short
// silence is no loss.
func TestLostNode(t *testing.T) {
	tests := map[string]struct {
		retries              bool
		lostAt, silence      time.Duration
		code, lost, restarts int
	}{
		"fails":                    {lostAt: 10 * time.Second, code: 125, lost: 1},
		"begins again":             {retries: true, lostAt: 10 * time.Second, restarts: 1},
		"before the command":       {lostAt: 500 * time.Millisecond, restarts: 1},
		"answers again in time":    {lostAt: 10 * time.Second, silence: 5 * time.Second},
		"answers again afterwards": {retries: true, lostAt: 10 * time.Second, silence: 25 * time.Second, restarts: 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			inVirtualTime(t, fleetYAML, []string{"web"}, func(r *rig) {
				r.keepGoing = true
				f := r.onNodes(2)
				shards := shardsOf("test", 3)
				for _, s := range shards {
					s.RetriesLost = test.retries
				}
				r.after(test.lostAt, func() {
					answer := f.nodes[2].Silence()
					if test.silence > 0 {
						r.after(test.silence, answer)
					}
				})
				result := f.runShards(shards)
				r.assertCode(result, test.code)
				if len(result.Failures) != test.lost {
					t.Errorf("failures %v; want %d", result.Failures, test.lost)
				}
				for _, failure := range result.Failures {
					if text := failure.Err.Error(); !strings.Contains(text, `with on_lost = "retry" it begins again`) {
						t.Errorf("the failure has no remedy: %s", text)
					}
				}
				if got := f.creations(0, "-web-run-") + f.creations(1, "-web-run-") - 2; got != test.restarts {
					t.Errorf("%d shards began again\n%s", got, strings.Join(r.observer.lines(), "\n"))
				}
				if got := f.creations(0, "-db-") + f.creations(1, "-db-") - 2; got != test.restarts {
					t.Errorf("%d services began again", got)
				}
				f.assertNothingRemains(0, 1)
				done := 0
				for _, line := range r.observer.lines() {
					if strings.HasPrefix(line, "done task/test") {
						done++
					}
				}
				if done != 3-test.lost {
					t.Errorf("%d shards have succeeded", done)
				}
			})
		})
	}
}

// TestLossIsTold: the words name the node and say what follows, and the command counts as repeated.
func TestLossIsTold(t *testing.T) {
	inVirtualTime(t, fleetYAML, []string{"web"}, func(r *rig) {
		f := r.onNodes(2)
		shards := shardsOf("test", 3)
		for _, s := range shards {
			s.RetriesLost = true
		}
		r.after(10*time.Second, func() { f.nodes[2].Silence() })
		r.assertCode(f.runShards(shards), 0)
		text := strings.Join(r.observer.lines(), "\n")
		for _, want := range []string{"lost, it may have run: ", "node tsw3 gave no answer for 8 s", "begins again on another node"} {
			if !strings.Contains(text, want) {
				t.Errorf("no %q in\n%s", want, text)
			}
		}
		repeated := 0
		for _, n := range r.observer.notices {
			if n.Kind == executor.Done && len(n.FailedAttempts) > 0 {
				repeated++
			}
		}
		if repeated != 1 {
			t.Errorf("%d commands with a failed attempt", repeated)
		}
	})
}

// TestSharedProjectStays: the project of the files is on one node, is found there by the next run, and is not made on
// another node after the loss of its node.
func TestSharedProjectStays(t *testing.T) {
	inVirtualTime(t, fleetYAML, []string{"web"}, func(r *rig) {
		f := r.onNodes(2)
		r.assertCode(f.sessionOn(f.fleet).Run(r.t.Context(), f.planOn(f.fleet, oneOff("t", "web")), nil), 0)
		f.fleet.Close()
		home := slices.IndexFunc(f.nodes, func(n enginetest.Node) bool { return len(n.Remaining()) > 0 })
		r.assertRemainingOn(f.nodes[home], "container app-db-1 (running)", "network app_default", "volume app_data")

		f.reopen(2, home)
		r.assertCode(f.sessionOn(f.fleet).Run(r.t.Context(), f.planOn(f.fleet, oneOff("t", "web")), nil), 0)
		if got := f.nodes[home].CallsOf("CreateVolume"); len(got) != 1 {
			t.Errorf("volumes %q", got)
		}
		plan := f.planOn(f.fleet, oneOff("t", "web"))
		r.after(5*time.Second, func() { f.nodes[home].Silence() })
		r.assertCode(f.sessionOn(f.fleet).Run(r.t.Context(), plan, nil), 125)
		f.fleet.Close()
		for i, n := range f.nodes {
			if left := n.Remaining(); i != home && len(left) > 0 {
				t.Errorf("node %d has %q", i+1, left)
			}
		}
	})
}

// reopen makes another fleet of the same nodes, as the next command does. The node at first is the last in the list.
func (f *fleetRig) reopen(slots, first int) {
	cfg := fleet.Config{Name: "ci", Slots: slots, Warn: func(text string) { f.t.Log(text) }, SendImage: sendInMemory}
	for i := range f.nodes {
		at := (first + 1 + i) % len(f.nodes)
		cfg.Nodes = append(cfg.Nodes, fleet.Node{Name: fmt.Sprintf("tsw%d", at+1), Engine: f.nodes[at]})
	}
	f.fleet = fleet.New(cfg)
}

func (r *rig) assertRemainingOn(n enginetest.Node, want ...string) {
	r.t.Helper()
	if got := n.Remaining(); !slices.Equal(got, want) {
		r.t.Errorf("left: %q; want %q", got, want)
	}
}
