package executor_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"

	"tasks/executor"
	"tasks/planner"
)

// down takes the project away, and returns what it told of.
func (r *rig) down() (told []string) {
	r.t.Helper()
	observed, err := r.engine.Snapshot(r.t.Context(), planner.Query{Project: "app", Nameless: true})
	if err != nil {
		r.t.Fatal(err)
	}
	err = executor.Down(r.t.Context(), r.engine, planner.Down(observed, "app", false), executor.Downing{
		PreStop: func(c *planner.ObservedContainer) []types.ServiceHook { return planner.PreStopHooks(r.project, c) },
		Removed: func(kind, name string) { told = append(told, kind+" "+name) },
		Warned:  func(text string) { told = append(told, text) },
	})
	if err != nil {
		r.t.Error(err)
	}
	return told
}

// A recreated service keeps its data, and takes it along when it goes.
func TestDownTakesInheritedVolumes(t *testing.T) {
	after := load(t, strings.Replace(webAndDB, "PROBE_OK_AFTER: 1s", "PROBE_OK_AFTER: 2s", 1), []string{"web"})
	inBubble(t, webAndDB, []string{"web"}, func(r *rig) {
		r.engine.AddRemoteImage("db", planner.ObservedImage{Volumes: []string{"/data"}})
		r.code(r.run(oneOff("test", "web")), 0)
		r.project = after
		r.code(r.run(oneOff("test", "web")), 0)
		volumes := slices.DeleteFunc(r.engine.Left(), func(thing string) bool { return !strings.HasPrefix(thing, "volume ") })
		if len(volumes) != 1 {
			t.Fatalf("volumes %q, want the one that the service had from the beginning", volumes)
		}
		if told := r.down(); !slices.Equal(told, []string{"container app-db-1", "network app_default"}) {
			t.Errorf("told of %q", told)
		}
		r.left()
	})
}

// One that somebody else has come to use stays.
func TestDownLeavesVolumesOfOthers(t *testing.T) {
	after := load(t, strings.Replace(webAndDB, "PROBE_OK_AFTER: 1s", "PROBE_OK_AFTER: 2s", 1), []string{"web"})
	inBubble(t, webAndDB, []string{"web"}, func(r *rig) {
		r.engine.AddRemoteImage("db", planner.ObservedImage{Volumes: []string{"/data"}})
		r.code(r.run(oneOff("test", "web")), 0)
		r.project = after
		r.code(r.run(oneOff("test", "web")), 0)
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
		r.left("container other (created)", "volume "+volume)
	})
}
