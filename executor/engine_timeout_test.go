package executor_test

import (
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A call that makes something is not cut off by the first signal; an engine that does not answer holds up nobody who asks
// twice.
func TestSecondSignalEndsTheWaitForTheEngine(t *testing.T) {
	inVirtualTime(t, webAndDB, []string{"web"}, func(r *rig) {
		release := r.engine.BlockOn("CreateContainer")
		defer release()
		r.after(5*time.Second, func() { r.signals <- syscall.SIGINT })
		r.after(30*time.Second, func() { r.signals <- syscall.SIGINT })
		began := time.Now()
		r.assertCode(r.run(oneOff("migrate", "web")), 130)
		if took := time.Since(began); took < 30*time.Second || took > 45*time.Second {
			t.Errorf("took %s; want 10 s from the second signal", took)
		}
		r.assertRemaining()
	})
}

// So it is with the calls around a command: whichever of them is not answered, two signals end the run, and what it made for
// itself is removed.
func TestSecondSignalEndsWhicheverCallIsNotAnswered(t *testing.T) {
	for _, op := range []string{"Attach", "Wait", "StartContainer", "KillContainer"} {
		t.Run(op, func(t *testing.T) {
			inVirtualTime(t, webAlone, []string{"web"}, func(r *rig) {
				task := oneOff("serve", "web")
				task.Env = map[string]*string{"SLEEP": new("forever")}
				release := r.engine.BlockOn(op)
				defer release()
				r.after(5*time.Second, func() { r.signals <- syscall.SIGINT })
				r.after(30*time.Second, func() { r.signals <- syscall.SIGINT })
				began := time.Now()
				result := r.run(task)
				if took := time.Since(began); took > 2*time.Minute || result.Code == 0 {
					t.Errorf("code %d after %s", result.Code, took)
				}
				if one := r.engine.Remaining(); slices.ContainsFunc(one, func(what string) bool { return strings.Contains(what, "-run-") }) {
					t.Errorf("left: %q", one)
				}
			})
		})
	}
}
