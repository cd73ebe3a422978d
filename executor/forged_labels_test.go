package executor_test

import (
	"strings"
	"testing"
	"time"

	"tasks/executor"
	"tasks/internal/composeproject"
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

// The generated names of two images may collide. Neither project takes or replaces the image of the other.
func TestImageOfACollidingProject(t *testing.T) {
	const yaml = "services:\n  b-c: {build: .}\n"
	image := func(project, service string) map[string]string {
		return map[string]string{composeproject.LabelProject: project, composeproject.LabelService: service}
	}
	for name, test := range map[string]struct {
		yaml   string
		labels map[string]string
		code   int
	}{
		"of another project":            {yaml, image("app-b", "c"), 125},
		"of another project, refreshed": {"services:\n  b-c: {build: ., pull_policy: build}\n", image("app-b", "c"), 125},
		"of an old name":                {"services:\n  b_c: {build: .}\n", image("app-b", "c"), 0},
		"its own":                       {yaml, image("app", "b-c"), 0},
		"built by hand":                 {yaml, nil, 0},
		"with labels of its base":       {yaml, image("base", "x"), 0},
		"with a name of the file":       {"services:\n  b-c: {build: ., image: app-b-c}\n", image("app-b", "c"), 0},
	} {
		t.Run(name, func(t *testing.T) {
			service := "b-c"
			if strings.Contains(test.yaml, "b_c") {
				service = "b_c"
			}
			inVirtualTime(t, test.yaml, []string{service}, func(r *rig) {
				r.engine.AddImage("app-b-c", observed.Image{ID: "sha256:theirs", Labels: test.labels})
				plan := r.plan(oneOff("t", service))
				result := r.session().Run(r.t.Context(), plan, r.signals)
				r.assertCode(result, test.code)
				if test.code == 0 {
					return
				}
				r.tells(plan, "image/app-b-c", "but it belongs to compose project app-b, service c: the run will fail")
				const want = "image app-b-c belongs to compose project app-b, service c: give this service an `image` of its own"
				if !strings.Contains(result.Err.Error(), want) {
					t.Errorf("error %v", result.Err)
				}
				if got, err := r.engine.InspectImage(r.t.Context(), "app-b-c", ""); err != nil || got.ID != "sha256:theirs" {
					t.Errorf("the image is %+v now: %v", got, err)
				}
			})
		})
	}
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
