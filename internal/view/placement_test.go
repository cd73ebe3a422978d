package view

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tasks/planner"
)

// placedPlan has a shared project and two shards on three nodes, one of them lost.
func placedPlan() *planner.Plan {
	return &planner.Plan{
		Project: "app",
		Scopes: map[string]planner.Scope{
			"":                    {Project: "app"},
			"ephemeral(test 1/2)": {Project: "app-1", PrivateTask: "test 1/2", IsShard: true},
			"ephemeral(test 2/2)": {Project: "app-2", PrivateTask: "test 2/2", IsShard: true},
		},
		Placement: &planner.Placement{
			Engine: "ci", IsSwarm: true, Slots: 8, Sends: []string{"web to tsw2: 2 of 5 layers, 28 MB"},
			Nodes: []planner.NodePlacement{
				{Name: "tsw1", State: "ready", Scopes: []string{"", "ephemeral(test 1/2)"}},
				{Name: "tsw2", State: "ready", Scopes: []string{"ephemeral(test 2/2)"}},
				{Name: "tsw3", State: "lost"},
			},
		},
	}
}

func TestPlacementText(t *testing.T) {
	const want = `Engine ci: 3 nodes of a swarm (tsw1, tsw2, tsw3 lost), 8 slots
  send  image web to tsw2: 2 of 5 layers, 28 MB
  tsw1  project app, test 1/2
  tsw2  test 2/2
  lost  a shard of a lost node begins again on another node; after its start only with on_lost = "retry"
`
	if diff := cmp.Diff(want, placementText(placedPlan())); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if got := placementText(&planner.Plan{}); got != "" {
		t.Errorf("an engine without nodes gives %q", got)
	}
}

func TestPlacementDocument(t *testing.T) {
	plan := placedPlan()
	got := planPlacement(plan.Placement, plan.DisplayNames(func(text string) string { return text }))
	want := &PlanPlacement{
		Engine: "ci", Swarm: true, Slots: 8, Sends: []string{"web to tsw2: 2 of 5 layers, 28 MB"},
		Nodes: []PlanNode{
			{Name: "tsw1", State: "ready", Scopes: []string{"", "ephemeral(test 1/2)"}},
			{Name: "tsw2", State: "ready", Scopes: []string{"ephemeral(test 2/2)"}},
			{Name: "tsw3", State: "lost", Scopes: []string{}},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// TestContainerListOfNodes: the table has the node of each container, after its name.
func TestContainerListOfNodes(t *testing.T) {
	list := containerListFixture()
	list.Containers = list.Containers[3:]
	list.Containers[0].Node, list.Containers[1].Node = "tsw1", "tsw2"
	file, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if err := list.PrintTable(NewPrinter(nil, file, nil)); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(file.Name())
	if err != nil {
		t.Fatal(err)
	}
	const want = `NAME        NODE  IMAGE  SERVICE  STATE    AGE  PORTS  BELONGS TO
shop-probe  tsw1  -      -        running  3h   -      a probe of service db
shop-old    tsw2  old    -        paused   -    -      the project
`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}
