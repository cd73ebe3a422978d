package fleet_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/compose-spec/compose-go/v2/types"

	"tasks/executor/engine"
	"tasks/executor/enginetest"
	"tasks/executor/fleet"
	"tasks/internal/composeproject"
	"tasks/planner"
	"tasks/planner/observed"
)

// nodes are three nodes with a fleet.
type nodes struct {
	t *testing.T
	*fleet.Fleet
	engines  []enginetest.Node
	warnings []string
	sent     []string
}

// newNodes makes a fleet in virtual time. change changes the configuration.
func newNodes(t *testing.T, change func(*fleet.Config), test func(*testing.T, *nodes)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		n := &nodes{t: t}
		cfg := fleet.Config{
			Name: "ci", Slots: 2, Warn: func(text string) { n.warnings = append(n.warnings, text) },
			SendImage: func(_ context.Context, image fleet.Image, _ func(string)) error {
				n.sent = append(n.sent, image.Ref+" to "+image.Node)
				found, err := image.From.InspectImage(context.Background(), image.Ref, "")
				image.To.(enginetest.Node).AddImage(image.Ref, found)
				return err
			},
		}
		for i := range 3 {
			name := fmt.Sprintf("tsw%d", i+1)
			e := enginetest.NewNode(t, name)
			n.engines, cfg.Nodes = append(n.engines, e), append(cfg.Nodes, fleet.Node{Name: name, Engine: e})
		}
		if change != nil {
			change(&cfg)
		}
		n.Fleet = fleet.New(cfg)
		defer n.Close()
		test(t, n)
	})
}

// labels are those of the objects of a project. original is the project behind a private project.
func labels(project, original string) map[string]string {
	all := map[string]string{composeproject.LabelProject: project, composeproject.LabelOneOff: composeproject.OneOffTrue}
	if original != "" {
		all[observed.LabelOriginal] = original
	}
	return all
}

func (n *nodes) network(project, original string) string {
	n.t.Helper()
	id, _, err := n.CreateNetwork(n.t.Context(), &planner.Network{Name: project + "_default", Labels: labels(project, original)})
	if err != nil {
		n.t.Fatal(err)
	}
	return id
}

func (n *nodes) container(project, original, image string) (string, error) {
	return n.CreateContainer(n.t.Context(), planner.ContainerSpec{
		Name: project + "-c", Image: image, Labels: labels(project, original), Service: types.ServiceConfig{Name: "c"},
	})
}

// holders are the numbers of the nodes with an object.
func (n *nodes) holders(object string) (numbers []int) {
	for i, e := range n.engines {
		if slices.Contains(e.Remaining(), object) {
			numbers = append(numbers, i+1)
		}
	}
	return numbers
}

func (n *nodes) assertHolders(object string, want ...int) {
	n.t.Helper()
	if got := n.holders(object); !slices.Equal(got, want) {
		n.t.Errorf("%s is on %d; want %d", object, got, want)
	}
}

// TestPrivateProjectsGoToFreeNodes: each new private project gets the node with the most free slots, and gives its
// slot back with its last object.
func TestPrivateProjectsGoToFreeNodes(t *testing.T) {
	newNodes(t, nil, func(t *testing.T, n *nodes) {
		var ids []string
		for i := range 4 {
			ids = append(ids, n.network(fmt.Sprintf("app-%d", i), "app"))
		}
		n.assertHolders("network app-0_default", 1)
		n.assertHolders("network app-1_default", 2)
		n.assertHolders("network app-2_default", 3)
		n.assertHolders("network app-3_default", 1)
		if err := n.RemoveNetwork(t.Context(), ids[2]); err != nil {
			t.Error(err)
		}
		n.network("app-4", "app")
		n.assertHolders("network app-4_default", 3)
	})
}

// TestClosedNodesGetNothingNew: a drained node keeps its projects, and gets no other.
func TestClosedNodesGetNothingNew(t *testing.T) {
	newNodes(t, func(cfg *fleet.Config) { cfg.Nodes[0].IsClosed = true }, func(t *testing.T, n *nodes) {
		if _, _, err := n.engines[0].CreateVolume(t.Context(), &planner.Volume{Name: "old_data", Labels: labels("old", "")}); err != nil {
			t.Fatal(err)
		}
		for i := range 3 {
			n.network(fmt.Sprintf("app-%d", i), "app")
		}
		n.network("old", "")
		n.assertHolders("network old_default", 1)
		if got := n.engines[0].CallsOf("CreateNetwork"); len(got) != 1 {
			t.Errorf("networks of the drained node: %q", got)
		}
		if got := n.Slots(); got != 4 {
			t.Errorf("%d slots", got)
		}
	})
}

// TestProjectRunsWhereItsVolumeIs: a volume decides, also if a container is elsewhere. Volumes on two nodes are an
// error.
func TestProjectRunsWhereItsVolumeIs(t *testing.T) {
	newNodes(t, nil, func(t *testing.T, n *nodes) {
		volume := func(node int, name string) {
			if _, _, err := n.engines[node].CreateVolume(t.Context(), &planner.Volume{Name: name, Labels: labels("app", "")}); err != nil {
				t.Fatal(err)
			}
		}
		if _, _, err := n.engines[0].CreateNetwork(t.Context(), &planner.Network{Name: "app_default", Labels: labels("app", "")}); err != nil {
			t.Fatal(err)
		}
		volume(2, "app_data")
		if _, _, err := n.CreateVolume(t.Context(), &planner.Volume{Name: "app_cache", Labels: labels("app", "")}); err != nil {
			t.Fatal(err)
		}
		n.assertHolders("volume app_cache", 3)
	})
	newNodes(t, nil, func(t *testing.T, n *nodes) {
		for i := range 2 {
			if _, _, err := n.engines[i].CreateVolume(t.Context(), &planner.Volume{Name: "app_data", Labels: labels("app", "")}); err != nil {
				t.Fatal(err)
			}
		}
		_, _, err := n.CreateNetwork(t.Context(), &planner.Network{Name: "app_default", Labels: labels("app", "")})
		if err == nil || !strings.Contains(err.Error(), "project app has volumes on tsw1 and on tsw2") {
			t.Errorf("error %v", err)
		}
		if err := n.RemoveVolume(t.Context(), "app_data"); err != nil {
			t.Error(err)
		}
		n.assertHolders("volume app_data")
	})
}

// TestExternalVolumesPinProjects: a private project runs where its external volume is.
func TestExternalVolumesPinProjects(t *testing.T) {
	newNodes(t, nil, func(t *testing.T, n *nodes) {
		if _, _, err := n.engines[1].CreateVolume(t.Context(), &planner.Volume{Name: "cache"}); err != nil {
			t.Fatal(err)
		}
		for i := range 2 {
			project := fmt.Sprintf("app-%d", i)
			query := observed.Query{Project: project, Original: "app", Services: []string{"c"}, Volumes: []string{"cache"}}
			if _, err := n.Snapshot(t.Context(), query); err != nil {
				t.Fatal(err)
			}
			n.network(project, "app")
			n.assertHolders("network "+project+"_default", 2)
		}
	})
}

// TestImagesAreSent: a node gets the image of another node once, and again after a build.
func TestImagesAreSent(t *testing.T) {
	newNodes(t, nil, func(t *testing.T, n *nodes) {
		n.engines[2].AddImage("web", observed.Image{ID: "sha256:1"})
		for i := range 6 {
			if _, err := n.container(fmt.Sprintf("app-%d", i), "app", "web"); err != nil {
				t.Fatal(err)
			}
		}
		if want := []string{"web to tsw1", "web to tsw2"}; !slices.Equal(n.sent, want) {
			t.Errorf("sent %q; want %q", n.sent, want)
		}
		if _, err := n.BuildImage(t.Context(), &planner.Image{Ref: "web", Build: &types.BuildConfig{}}, func(string) {}); err != nil {
			t.Fatal(err)
		}
		for i := range 6 {
			if _, err := n.container(fmt.Sprintf("next-%d", i), "next", "web"); err != nil {
				t.Fatal(err)
			}
		}
		if want := []string{"web to tsw1", "web to tsw2", "web to tsw2", "web to tsw3"}; !slices.Equal(n.sent, want) {
			t.Errorf("sent %q; want %q", n.sent, want)
		}
	})
}

// directory is a manager with an opinion on all nodes.
type directory struct {
	ready bool
	err   error
}

func (d directory) IsReady(context.Context, string) (bool, error) { return d.ready, d.err }

// TestWhenANodeIsLost: without a swarm, or with its manager's word, 8 s of silence are enough; else 15 s.
func TestWhenANodeIsLost(t *testing.T) {
	for name, test := range map[string]struct {
		directory fleet.Directory
		silence   time.Duration
		isLost    bool
	}{
		"no swarm, short":           {nil, 6 * time.Second, false},
		"no swarm":                  {nil, 12 * time.Second, true},
		"the manager says down":     {directory{}, 12 * time.Second, true},
		"the manager says ready":    {directory{ready: true}, 12 * time.Second, false},
		"ready, and a long silence": {directory{ready: true}, 20 * time.Second, true},
		"an election":               {directory{err: errors.New("no leader")}, 12 * time.Second, false},
	} {
		t.Run(name, func(t *testing.T) {
			newNodes(t, func(cfg *fleet.Config) { cfg.Directory = test.directory }, func(t *testing.T, n *nodes) {
				id := n.network("app-1", "app")
				answer := n.engines[0].Silence()
				time.AfterFunc(test.silence, answer)
				_, err := n.InspectNetwork(t.Context(), id)
				if engine.IsNodeLost(err) != test.isLost || err != nil != test.isLost {
					t.Errorf("error %v; want a lost node: %t", err, test.isLost)
				}
				_, err = n.InspectNetwork(t.Context(), id)
				if engine.IsNodeLost(err) != test.isLost {
					t.Errorf("then error %v; a lost node stays lost for the run", err)
				}
			})
		})
	}
}

// TestNewWorkAvoidsSilentNodes: a project that begins while a node may be lost does not wait for the node.
func TestNewWorkAvoidsSilentNodes(t *testing.T) {
	newNodes(t, nil, func(t *testing.T, n *nodes) {
		n.engines[1].AddImage("web", observed.Image{ID: "sha256:1"})
		n.network("app-1", "app")
		n.engines[1].Silence()
		time.Sleep(4 * time.Second)
		n.engines[2].AddImage("web", observed.Image{ID: "sha256:1"})
		began := time.Now()
		n.network("app-2", "app")
		if _, err := n.container("app-2", "app", "web"); err != nil {
			t.Fatal(err)
		}
		n.assertHolders("network app-2_default", 3)
		if waited := time.Since(began); waited > 0 {
			t.Errorf("waited %s for the silent node", waited)
		}
	})
}

// TestNodeReturnsWithTheNextPlan: after a snapshot the objects of a returned node are seen again.
func TestNodeReturnsWithTheNextPlan(t *testing.T) {
	newNodes(t, nil, func(t *testing.T, n *nodes) {
		n.network("app-12345678", "app")
		answer := n.engines[0].Silence()
		time.Sleep(15 * time.Second)
		query := observed.Query{Project: "app", Original: "app", WithRunResources: true}
		for _, isBack := range []bool{false, true} {
			snapshot, err := n.Snapshot(t.Context(), query)
			if err != nil {
				t.Fatal(err)
			}
			count := len(snapshot.RunResources.Networks) + len(snapshot.Networks)
			for _, e := range n.engines[:1] {
				if isBack != (len(e.Remaining()) == count) {
					t.Errorf("%d of %q are seen; back: %t", count, e.Remaining(), isBack)
				}
			}
			answer()
			time.Sleep(5 * time.Second)
		}
	})
}

// TestNodesWithoutAnAnswerAtTheStart: the fleet goes on without them, with a warning; without any node it fails.
func TestNodesWithoutAnAnswerAtTheStart(t *testing.T) {
	newNodes(t, nil, func(t *testing.T, n *nodes) {
		n.engines[0].Silence()
		n.network("app-1", "app")
		n.assertHolders("network app-1_default", 2)
		if len(n.warnings) != 1 || !strings.Contains(n.warnings[0], "node tsw1 gives no answer") {
			t.Errorf("warnings %q", n.warnings)
		}
	})
	newNodes(t, nil, func(t *testing.T, n *nodes) {
		for _, e := range n.engines {
			e.FailOn("Ping", 0, errors.New("connection refused"))
		}
		_, _, err := n.CreateNetwork(t.Context(), &planner.Network{Name: "x", Labels: labels("app", "")})
		if err == nil || !strings.Contains(err.Error(), "no node of the engine ci answers: connection refused") {
			t.Errorf("error %v", err)
		}
	})
}

// TestListsHaveTheNodes: the containers of all nodes are in one list, each with its node, and are found by name and
// id.
func TestListsHaveTheNodes(t *testing.T) {
	newNodes(t, nil, func(t *testing.T, n *nodes) {
		for i, e := range n.engines {
			e.AddImage("web", observed.Image{ID: "sha256:1"})
			spec := planner.ContainerSpec{
				Name: fmt.Sprintf("app-%d", 3-i), Image: "web", Labels: labels("app", ""), Service: types.ServiceConfig{Name: "c"},
			}
			if _, err := e.CreateContainer(t.Context(), spec); err != nil {
				t.Fatal(err)
			}
		}
		snapshot, err := n.Snapshot(t.Context(), observed.Query{Project: "app", Original: "app"})
		if err != nil {
			t.Fatal(err)
		}
		var seen []string
		for _, c := range snapshot.Containers {
			seen = append(seen, c.Name+" on "+c.Node)
		}
		if want := []string{"app-1 on tsw3", "app-2 on tsw2", "app-3 on tsw1"}; !slices.Equal(seen, want) {
			t.Errorf("seen %q; want %q", seen, want)
		}
		state, err := n.InspectContainer(t.Context(), "app-2")
		if err != nil || state.Node != "tsw2" {
			t.Errorf("node %q, error %v", state.Node, err)
		}
		if _, err := n.InspectContainer(t.Context(), "nobody"); !engine.IsNotFound(err) {
			t.Errorf("error %v; want not found", err)
		}
		if err := n.RemoveContainer(t.Context(), "nobody", engine.RemoveVolumes); err != nil {
			t.Error(err)
		}
	})
}

// TestForecastPlacesNothing: a forecast shows the same nodes as the run, and keeps no slot.
func TestForecastPlacesNothing(t *testing.T) {
	newNodes(t, nil, func(t *testing.T, n *nodes) {
		if _, err := n.APIVersion(t.Context()); err != nil {
			t.Fatal(err)
		}
		projects := []fleet.Project{{Name: "a", IsPrivate: true}, {Name: "b", IsPrivate: true}, {Name: "c"}, {Name: "a", IsPrivate: true}}
		for range 2 {
			names, err := n.Forecast(projects)
			if want := []string{"tsw1", "tsw2", "tsw3", "tsw1"}; err != nil || !slices.Equal(names, want) {
				t.Errorf("nodes %q, error %v; want %q", names, err, want)
			}
		}
	})
}
