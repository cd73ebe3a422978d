package doctor

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"tasks/executor/engine"
	"tasks/internal/composeproject"
	"tasks/planner/observed"
)

// fakeNode is an engine with fixed answers.
type fakeNode struct {
	fakeEngine
	usage      engine.Usage
	usageErr   error
	containers []*observed.Container
}

func (n fakeNode) Usage(context.Context) (engine.Usage, error) { return n.usage, n.usageErr }

func (n fakeNode) OwnedContainers(context.Context) ([]*observed.Container, error) {
	return n.containers, nil
}

func healthyNode() *fakeNode {
	d := healthy()
	d.ImageStore, d.Swarm.State = "overlay2", "inactive"
	return &fakeNode{fakeEngine: fakeEngine{address: "ssh://far", description: d}}
}

// oneOffOf is a container of a run.
func oneOffOf(owner, name string) *observed.Container {
	return &observed.Container{ID: name, Name: name, State: "running", Labels: map[string]string{
		observed.LabelOwner: owner, composeproject.LabelOneOff: "True", composeproject.LabelProject: "p",
	}}
}

// deadOwner is an ownership where one owner is dead.
func deadOwner() observed.Ownership {
	return observed.Ownership{IsDead: func(owner string, _ time.Duration) bool { return owner == "dead" }}
}

func TestFindingsOfNode(t *testing.T) {
	manager := func(n engine.SwarmMember) func(*fakeNode) {
		return func(f *fakeNode) {
			f.description.Swarm = engine.Swarm{State: "active", IsManager: true, Nodes: []engine.SwarmMember{n}}
		}
	}
	for name, c := range map[string]struct {
		edit         func(*fakeNode)
		check        string
		status       Status
		fact, remedy string
	}{
		"healthy":     {func(*fakeNode) {}, "images", OK, "own image store, with overlay2", ""},
		"containerd":  {func(f *fakeNode) { f.description.IsContainerd = true }, "images", OK, "store of containerd", ""},
		"unreachable": {func(f *fakeNode) { f.err = adviceError{} }, "engine", Problem, "no answer", "start it"},
		"clock":       {func(f *fakeNode) { f.description.Skew = time.Minute }, "clock", Warning, "ahead", "NTP"},
		"unused space": {func(f *fakeNode) { f.usage.Unused = 30 * gib }, "usage", Warning, "30.0 GiB of these have no use",
			"docker image prune"},
		"no usage":      {func(f *fakeNode) { f.usageErr = errors.New("boom") }, "usage", Warning, "boom", "docker system df"},
		"locked swarm":  {func(f *fakeNode) { f.description.Swarm.State = "locked" }, "swarm", Problem, "locked", "unlock"},
		"worker":        {func(f *fakeNode) { f.description.Swarm.State = "active" }, "swarm", OK, "worker", ""},
		"node is down":  {manager(engine.SwarmMember{Name: "b", State: "down"}), "swarm", Problem, "node b is down", "docker node rm b"},
		"node is ready": {manager(engine.SwarmMember{Name: "b", State: "ready", Availability: "active", Labels: map[string]string{"y": "2", "x": "1"}}), "swarm", OK, "labels x=1, y=2", ""},
		"drained node": {manager(engine.SwarmMember{Name: "b", State: "ready", Availability: "drain"}), "swarm", Warning,
			"availability drain", "docker node update --availability active b"},
		"leftovers": {func(f *fakeNode) {
			f.containers = []*observed.Container{oneOffOf("dead", "p-a-run-1"), oneOffOf("alive", "p-b-run-1")}
		}, "leftovers", Warning, "killed runs have left p-a-run-1", "tasks ps --engine"},
		"containers of a run": {func(f *fakeNode) {
			f.containers = []*observed.Container{oneOffOf("alive", "p-b-run-1")}
		}, "leftovers", OK, "no killed run", ""},
	} {
		t.Run(name, func(t *testing.T) {
			node := healthyNode()
			c.edit(node)
			r := CheckNodes(t.Context(), []Node{{Name: "far", Engine: node}}, deadOwner())
			found := slices.ContainsFunc(r.Findings, func(f Finding) bool {
				return f.Check == c.check && f.Status == c.status && strings.Contains(f.Fact, c.fact) &&
					strings.Contains(f.Remedy, c.remedy) && f.Node == ""
			})
			if !found || r.HasProblem() != (c.status == Problem) || strings.Contains(r.text(0), "p-b-run-1") {
				t.Errorf("problem: %t\n%s", r.HasProblem(), r.text(0))
			}
			for _, f := range r.Findings {
				if (f.Remedy == "") != (f.Status == OK) {
					t.Errorf("%+v: each warning and each problem has a remedy", f)
				}
			}
		})
	}
}

// TestSeveralNodes: each finding names its node, in the order of the nodes, and the engines are compared.
func TestSeveralNodes(t *testing.T) {
	a, b, c := healthyNode(), healthyNode(), healthyNode()
	c.err = adviceError{}
	check := func() Report {
		return CheckNodes(t.Context(), []Node{{"a", a}, {"b", b}, {"c", c}}, observed.Ownership{})
	}
	r := check()
	text := r.text(200)
	if !r.HasProblem() || !strings.Contains(text, "✗ engine       c: no answer") || !strings.Contains(text, "same platform") {
		t.Error(text)
	}
	if strings.Index(text, "a: ssh://far") > strings.Index(text, "b: ssh://far") {
		t.Errorf("the nodes have another order:\n%s", text)
	}
	b.description.Arch, b.description.IsContainerd = "amd64", true
	if text := check().text(200); !strings.Contains(text, "linux/amd64 on b; linux/arm64 on a") ||
		!strings.Contains(text, "containerd on b; own store on a") {
		t.Error(text)
	}
}
