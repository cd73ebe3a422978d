package executor_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/compose-spec/compose-go/v2/types"

	"tasks/executor"
	"tasks/internal/composeproject"
	"tasks/planner"
	"tasks/planner/observed"
)

const lonelyProject = "services:\n  web: {image: web}\n"

// privateLabels are the labels of a resource in a private project of a dead run.
func privateLabels() map[string]string {
	return map[string]string{
		observed.LabelOriginal: "app", observed.LabelOwner: "dead", composeproject.LabelProject: "app-12345678",
	}
}

// withNeighbour creates a network and a volume of a dead run. A container of others uses both, where isUsed is set.
func (r *rig) withNeighbour(isUsed, isRunning bool) {
	r.t.Helper()
	r.ownership.IsDead = func(owner string, _ time.Duration) bool { return owner == "dead" }
	r.engine.AddNetwork("app-12345678_default", privateLabels())
	r.engine.AddVolume("app-12345678_data", privateLabels())
	r.engine.AddImage("other", observed.Image{Volumes: []string{"/data"}})
	if !isUsed {
		return
	}
	container, err := r.engine.CreateContainer(r.t.Context(), planner.ContainerSpec{
		Name: "neighbour", Image: "other", Inherit: map[string]string{"/data": "app-12345678_data"},
		Networks: []planner.Endpoint{{Network: "app-12345678_default", Config: &types.ServiceNetworkConfig{}}},
	})
	if err != nil {
		r.t.Fatal(err)
	}
	if isRunning {
		if err := r.engine.StartContainer(r.t.Context(), container); err != nil {
			r.t.Fatal(err)
		}
	}
}

// runCrashCleanup performs the cleanup of `tasks ps`.
func (r *rig) runCrashCleanup() {
	r.t.Helper()
	query := observed.Query{Project: "app", Original: "app", WithRunResources: true}
	snapshot, err := r.engine.Snapshot(r.t.Context(), query)
	if err != nil {
		r.t.Fatal(err)
	}
	plan := planner.PlanCrashCleanup(snapshot, "app", r.ownership)
	r.assertCode(r.session().Run(r.t.Context(), plan, r.signals), 0)
}

// "removed" is told of resources that are gone. A resource in use is kept, with the name of its user and the remedy.
func TestKeptResourcesAreNotReportedAsRemoved(t *testing.T) {
	const network, volume = "abandoned/network/", "abandoned/volume/app-12345678_data"
	for name, isRunning := range map[string]bool{"running": true, "stopped": false} {
		t.Run(name, func(t *testing.T) {
			inVirtualTime(t, lonelyProject, []string{"web"}, func(r *rig) {
				r.withNeighbour(true, isRunning)
				r.runCrashCleanup()
				lines := strings.Join(r.observer.lines(), "\n")
				for _, kind := range []string{"network app-12345678_default", "volume app-12345678_data"} {
					short, _, _ := strings.Cut(kind, " ")
					want := kind + " is kept: container neighbour uses the " + short + ": remove the container first"
					if !strings.Contains(lines, want) {
						t.Errorf("%q is missing in\n%s", want, lines)
					}
				}
				if strings.Contains(lines, "done "+network) && !strings.Contains(lines, " reuse") || strings.Contains(lines, " remove\n") {
					t.Errorf("told as removed:\n%s", lines)
				}
			})
		})
	}
	inVirtualTime(t, lonelyProject, []string{"web"}, func(r *rig) {
		r.withNeighbour(false, false)
		r.runCrashCleanup()
		r.assertRemaining()
		if !r.observer.has("done "+volume+" remove") || slices.ContainsFunc(r.observer.lines(), func(line string) bool {
			return strings.Contains(line, "is kept")
		}) {
			t.Errorf("%q", r.observer.lines())
		}
	})
}

// `tasks down` needs every network and volume gone: a resource in use fails the teardown, and names the user.
func TestDownNamesTheUserOfAResource(t *testing.T) {
	inVirtualTime(t, lonelyProject, []string{"web"}, func(r *rig) {
		r.withNeighbour(true, true)
		query := observed.Query{Project: "app", Original: "app", WithRunResources: true}
		snapshot, err := r.engine.Snapshot(r.t.Context(), query)
		if err != nil {
			t.Fatal(err)
		}
		var removed []string
		err = executor.Teardown(r.t.Context(), r.engine, planner.PlanTeardown(snapshot, "app", true), executor.TeardownOptions{
			OnRemoved: func(kind, name string) { removed = append(removed, kind+" "+name) }, OnWarning: func(string) {},
		})
		for _, want := range []string{
			"network app-12345678_default: container neighbour uses the network: remove the container first",
			"volume app-12345678_data: container neighbour uses the volume: remove the container first",
		} {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%q is missing in: %v", want, err)
			}
		}
		if len(removed) > 0 {
			t.Errorf("told as removed: %q", removed)
		}
	})
}
