package executor_test

import (
	"strings"
	"testing"
	"time"

	"tasks/executor"
	"tasks/planner"
	"tasks/planner/observed"
)

// A container of a dead owner is removed only where its labels fit its name.
func TestForgedLabelsOfADeadOwner(t *testing.T) {
	slug := strings.Repeat("ab", 32)
	for name, test := range map[string]struct {
		name    string
		labels  map[string]string
		removed bool
	}{
		"a one-off":             {"app-b-c-run-" + slug[:12], deadOneOff(slug), true},
		"a one-off with a name": {"job", deadOneOff(slug), true},
		"the name of a replica": {"app-b-c-1", deadOneOff(slug), false},
		"a replica":             {"app-b-c-7", deadOneOff(""), false},
	} {
		t.Run(name, func(t *testing.T) {
			inVirtualTime(t, foreignProject, []string{"web"}, func(r *rig) {
				s := &strangers{rig: r, containers: map[string]string{}}
				s.container(test.name, test.labels, nil)
				r.ownership.IsDead = func(owner string, _ time.Duration) bool { return owner == "dead" }
				snapshot, err := r.engine.Snapshot(r.t.Context(), observed.Query{Project: "app"})
				if err != nil {
					t.Fatal(err)
				}
				s.begin()
				plan := planner.PlanCrashCleanup(snapshot, "app", r.ownership)
				r.assertCode(r.session().Run(r.t.Context(), plan, r.signals), 0)
				if !test.removed {
					s.check()
				} else if left := r.engine.Remaining(); len(left) > 0 {
					t.Errorf("left: %q", left)
				}
			})
		})
	}
}

// A volume of others may get the name of a planned removal at any time.
func TestVolumeThatOthersHaveMadeSince(t *testing.T) {
	inVirtualTime(t, foreignProject, []string{"web"}, func(r *rig) {
		r.assertCode(r.run(oneOff("t", "web")), 0)
		snapshot, err := r.engine.Snapshot(r.t.Context(), observed.Query{Project: "app"})
		if err != nil {
			t.Fatal(err)
		}
		r.down()
		if err := r.engine.RemoveVolume(r.t.Context(), "app_b_c"); err != nil {
			t.Fatal(err)
		}
		r.engine.AddVolume("app_b_c", nil)
		err = executor.Teardown(r.t.Context(), r.engine, planner.PlanTeardown(snapshot, "app", true), executor.TeardownOptions{
			OnRemoved: func(kind, name string) {}, OnWarning: func(string) {},
		})
		if err == nil || !strings.Contains(err.Error(), "volume app_b_c belongs to no compose project") || strings.Contains(err.Error(), "docker volume rm") {
			t.Errorf("error %v", err)
		}
		r.assertRemaining("volume app_b_c")
	})
}

// A network and a volume may appear between the plan and the step: the run uses both, and warns.
func TestResourcesOfOthersAfterThePlan(t *testing.T) {
	inVirtualTime(t, foreignProject, []string{"web"}, func(r *rig) {
		plan := r.plan(oneOff("t", "web"))
		r.engine.AddNetwork("app_b_c", nil)
		r.engine.AddVolume("app_b_c", nil)
		r.assertCode(r.session().Run(r.t.Context(), plan, r.signals), 0)
		for _, want := range []string{
			"warned network/b_c network app_b_c belongs to no compose project; it is used as it is: write `external: true` if that is wanted",
			"warned volume/b_c volume app_b_c belongs to no compose project; it is used as it is: write `external: true` if that is wanted",
		} {
			if !r.observer.has(want) {
				t.Errorf("no %q in %q", want, r.observer.lines())
			}
		}
	})
}
