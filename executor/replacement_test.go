package executor_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"tasks/executor/engine"
	"tasks/planner"
	"tasks/planner/observed"
)

// However a recreate ends early, what is there then is one container of the service, and it runs.
func TestReplacementThatIsCutShort(t *testing.T) {
	boom := errors.New("the engine is ill")
	for name, test := range map[string]struct {
		fault func(r *rig)
		code  int
	}{
		"the old one is not stopped":        {func(r *rig) { r.engine.FailOn("StopContainer", 1, boom) }, 125},
		"the old one is not removed":        {func(r *rig) { r.engine.FailOn("RemoveContainer", 1, boom) }, 125},
		"the answer to its removal is lost": {func(r *rig) { r.engine.FailAfter("RemoveContainer", 1, boom) }, 0},
		"the new one is made half":          {func(r *rig) { r.engine.FailAfter("CreateContainer", 2, boom) }, 125},
		"the run is cancelled": {func(r *rig) {
			r.engine.Delay("CreateContainer", 2*time.Second)
			r.after(time.Second, func() { r.engine.Delay("CreateContainer", 0) })
		}, 3},
	} {
		t.Run(name, func(t *testing.T) {
			changed(t, func(r *rig, plan func() *planner.Plan) {
				cut := r.plan(oneOff("migrate", "web"))
				if test.code == 3 {
					cut = r.plan(oneOff("migrate", "web", on("broken")), host("broken", "sleep 1500ms then exit 3"))
				}
				test.fault(r)
				r.assertCode(r.session().Run(r.t.Context(), cut, r.signals), test.code)
				r.assertRemaining(up...)
				r.engine.Delay("CreateContainer", 0)
				r.assertCode(r.session().Run(r.t.Context(), plan(), r.signals), 0)
			})
		})
	}
}

// interruptedReplacement makes what a run leaves that is killed once it has made the container that is to take the dependency's place.
func (r *rig) interruptedReplacement() (id string) {
	r.t.Helper()
	for _, s := range r.plan(oneOff("migrate", "web")).Steps {
		if a, ok := s.Action.(*planner.Container); ok {
			image, err := r.engine.InspectImage(r.t.Context(), "db", "")
			if err != nil {
				r.t.Fatal(err)
			}
			spec := a.Decide(a.Existing, planner.Facts{Images: map[string]string{"db": image.ID}}).Spec
			spec.Name = observed.TemporaryName(a.Existing.ID, spec.Name)
			id, err := r.engine.CreateContainer(r.t.Context(), spec)
			if err != nil {
				r.t.Fatal(err)
			}
			return id
		}
	}
	r.t.Fatal("nothing is to be replaced")
	return ""
}

func TestReplacementWhoseRunWasKilled(t *testing.T) {
	changed(t, func(r *rig, plan func() *planner.Plan) {
		r.interruptedReplacement()
		time.Sleep(10 * time.Minute)
		r.assertCode(r.session().Run(r.t.Context(), plan(), r.signals), 0)
		if renamed := r.engine.CallsOf("RenameContainer"); len(renamed) != 1 {
			t.Errorf("renamed %q", renamed)
		}
	})
}

// The configuration may be the old one again.
func TestAbandonedReplacementIsRemoved(t *testing.T) {
	before := load(t, webAndDB, []string{"web"})
	changed(t, func(r *rig, plan func() *planner.Plan) {
		r.interruptedReplacement()
		r.project = before
		time.Sleep(10 * time.Minute)
		r.assertCode(r.session().Run(r.t.Context(), plan(), r.signals), 0)
		if stopped := r.engine.CallsOf("StopContainer"); len(stopped) != 0 {
			t.Errorf("stopped %q", stopped)
		}
	})
}

// Who dies between the removal of the old one and the renaming leaves the service under the temporary name.
func TestReplacementWithoutItsName(t *testing.T) {
	changed(t, func(r *rig, plan func() *planner.Plan) {
		r.interruptedReplacement()
		if err := r.engine.RemoveContainer(r.t.Context(), "app-db-1", engine.KeepVolumes); err != nil {
			t.Fatal(err)
		}
		made := len(r.engine.CallsOf("CreateContainer"))
		r.assertCode(r.session().Run(r.t.Context(), plan(), r.signals), 0)
		if now := r.engine.CallsOf("CreateContainer")[made:]; len(now) != 1 { // the one-off
			t.Errorf("made %q", now)
		}
	})
}

func TestReplacementThatIsNotNamed(t *testing.T) {
	changed(t, func(r *rig, plan func() *planner.Plan) {
		r.engine.FailOn("RenameContainer", 1, errors.New("the engine is ill"))
		r.assertCode(r.session().Run(r.t.Context(), plan(), r.signals), 125)
		if left := strings.Join(r.engine.Remaining(), " "); !strings.Contains(left, "_app-db-1 (running)") || strings.Contains(left, " app-db-1") {
			t.Errorf("left: %s", left)
		}
		r.assertCode(r.session().Run(r.t.Context(), plan(), r.signals), 0)
	})
}

// Something may happen to what is to be removed after the plan was made.
func TestReplacementIsLookedAtAgain(t *testing.T) {
	for name, change := range map[string]func(r *rig, id string) error{
		"it has got its name": func(r *rig, id string) error {
			if err := r.engine.RemoveContainer(r.t.Context(), "app-db-1", engine.KeepVolumes); err != nil {
				return err
			}
			return r.engine.RenameContainer(r.t.Context(), id, "app-db-1")
		},
		"it is about to": func(r *rig, id string) error {
			return r.engine.RemoveContainer(r.t.Context(), "app-db-1", engine.KeepVolumes)
		},
	} {
		t.Run(name, func(t *testing.T) {
			changed(t, func(r *rig, plan func() *planner.Plan) {
				id := r.interruptedReplacement()
				time.Sleep(10 * time.Minute)
				late := plan()
				if err := change(r, id); err != nil {
					t.Fatal(err)
				}
				r.session().Run(r.t.Context(), late, r.signals)
				if removed := r.engine.CallsOf("RemoveContainer"); strings.Contains(strings.Join(removed, " "), id) {
					t.Errorf("removed %q", removed)
				}
				r.assertCode(r.session().Run(r.t.Context(), plan(), r.signals), 0)
				state, err := r.engine.InspectContainer(r.t.Context(), "app-db-1")
				if stays := name == "it has got its name"; err != nil || stays && state.ID != id {
					t.Errorf("app-db-1 is %s, %v; want the one that was there", state.ID, err)
				}
			})
		})
	}
}
