package executor_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"

	"tasks/executor"
	"tasks/planner"
	"tasks/planner/observed"
)

// down takes the project away, and returns what it told of.
func (r *rig) down() (lines []string) {
	r.t.Helper()
	snapshot, err := r.engine.Snapshot(r.t.Context(), observed.Query{Project: "app", AnonymousVolumes: true})
	if err != nil {
		r.t.Fatal(err)
	}
	err = executor.Teardown(r.t.Context(), r.engine, planner.PlanTeardown(snapshot, "app", false), executor.TeardownOptions{
		PreStop:   func(c *observed.Container) []types.ServiceHook { return planner.PreStopHooks(r.project, c) },
		OnRemoved: func(kind, name string) { lines = append(lines, kind+" "+name) },
		OnWarning: func(text string) { lines = append(lines, text) },
	})
	if err != nil {
		r.t.Error(err)
	}
	return lines
}

// A recreated service keeps its data, and takes it along when it goes.
func TestDownTakesInheritedVolumes(t *testing.T) {
	after := load(t, strings.Replace(webAndDB, "PROBE_OK_AFTER: 1s", "PROBE_OK_AFTER: 2s", 1), []string{"web"})
	inVirtualTime(t, webAndDB, []string{"web"}, func(r *rig) {
		r.engine.AddRemoteImage("db", observed.Image{Volumes: []string{"/data"}})
		r.assertCode(r.run(oneOff("test", "web")), 0)
		r.project = after
		r.assertCode(r.run(oneOff("test", "web")), 0)
		volumes := slices.DeleteFunc(r.engine.Remaining(), func(thing string) bool { return !strings.HasPrefix(thing, "volume ") })
		if len(volumes) != 1 {
			t.Fatalf("volumes %q, want the one that the service had from the beginning", volumes)
		}
		if lines := r.down(); !slices.Equal(lines, []string{"container app-db-1", "network app_default"}) {
			t.Errorf("told of %q", lines)
		}
		r.assertRemaining()
	})
}

// One that somebody else has come to use stays.
func TestDownLeavesVolumesOfOthers(t *testing.T) {
	after := load(t, strings.Replace(webAndDB, "PROBE_OK_AFTER: 1s", "PROBE_OK_AFTER: 2s", 1), []string{"web"})
	inVirtualTime(t, webAndDB, []string{"web"}, func(r *rig) {
		r.engine.AddRemoteImage("db", observed.Image{Volumes: []string{"/data"}})
		r.assertCode(r.run(oneOff("test", "web")), 0)
		r.project = after
		r.assertCode(r.run(oneOff("test", "web")), 0)
		state, err := r.engine.InspectContainer(r.t.Context(), "app-db-1")
		if err != nil {
			t.Fatal(err)
		}
		volume := state.Mounts[0].Name
		other := planner.ContainerSpec{Name: "other", Image: "db", Inherit: map[string]string{"/data": volume}}
		if _, err := r.engine.CreateContainer(r.t.Context(), other); err != nil {
			t.Fatal(err)
		}
		r.down()
		r.assertRemaining("container other (created)", "volume "+volume)
	})
}
