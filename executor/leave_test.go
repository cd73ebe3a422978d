package executor_test

import (
	"context"
	"errors"
	"strings"
	"syscall"
	"testing"
	"time"

	"tasks/executor"
	"tasks/hclspec"
)

// heldLeases are leases of which some are somebody else's too, with the marks of containers.
type heldLeases struct {
	others map[string]bool
	marks  map[string]string
}

func newLeases(others ...string) *heldLeases {
	l := &heldLeases{others: map[string]bool{}, marks: map[string]string{}}
	for _, name := range others {
		l.others[name] = true
	}
	return l
}

func (l *heldLeases) Last(name string) (done func(), last bool) { return func() {}, !l.others[name] }
func (l *heldLeases) Marked(name string) string                 { return l.marks[name] }
func (l *heldLeases) Mark(name, container string) error {
	l.marks[name] = container
	return nil
}

func (r *rig) leasing(l executor.Leases) *executor.Session {
	config := r.sessionConfig(r.engine)
	config.Leases = l
	return executor.NewSession(config)
}

func transient(task *hclspec.Task) *hclspec.Task {
	task.Policy = hclspec.PolicyTransient
	return task
}

// A session of several runs, as watch has it: what they use stays between them, and goes at the end.
func TestCloseRemovesWhatIsTransient(t *testing.T) {
	inBubble(t, webAndDB, []string{"web"}, func(r *rig) {
		s := r.leasing(newLeases())
		for range 2 {
			r.code(s.Run(r.t.Context(), r.plan(transient(oneOff("test", "web"))), r.signals), 0)
			r.left(up...)
		}
		s.Close(r.t.Context())
		r.left()
	})
}

func TestCloseLeavesWhatOthersUse(t *testing.T) {
	for lease, left := range map[string][]string{"app/service/db": up, "network/app_default": up[1:]} {
		inBubble(t, webAndDB, []string{"web"}, func(r *rig) {
			s := r.leasing(newLeases(lease))
			r.code(s.Run(r.t.Context(), r.plan(transient(oneOff("test", "web"))), r.signals), 0)
			s.Close(r.t.Context())
			r.left(left...)
		})
	}
}

// A run under another policy that meets what is transient removes it if it is the last.
func TestCloseOfAReusingRun(t *testing.T) {
	inBubble(t, webAndDB, []string{"web"}, func(r *rig) {
		r.code(r.leasing(newLeases()).Run(r.t.Context(), r.plan(transient(oneOff("test", "web"))), r.signals), 0)
		s := r.leasing(newLeases())
		r.code(s.Run(r.t.Context(), r.plan(oneOff("test", "web")), r.signals), 0)
		s.Close(r.t.Context())
		r.left()
	})
}

// What was there and down is stopped again, by whoever is the last.
func TestCloseStopsWhatWasDown(t *testing.T) {
	inBubble(t, webAndDB, []string{"web"}, func(r *rig) {
		leases := newLeases()
		r.code(r.run(oneOff("test", "web")), 0)
		if err := r.engine.StopContainer(r.t.Context(), "app-db-1", nil); err != nil {
			t.Fatal(err)
		}
		r.code(r.leasing(leases).Run(r.t.Context(), r.plan(transient(oneOff("test", "web"))), r.signals), 0)
		s := r.leasing(leases)
		r.code(s.Run(r.t.Context(), r.plan(oneOff("test", "web")), r.signals), 0)
		s.Close(r.t.Context())
		r.left("container app-db-1 (exited)", "network app_default")
		if marked := leases.Marked("app/service/db"); marked != "" {
			t.Errorf("still to be stopped: %s", marked)
		}
	})
}

// What an early interrupt leaves to the end of the session goes then.
func TestCloseAfterAnInterrupt(t *testing.T) {
	yaml := strings.Replace(webAndDB, "PROBE_OK_AFTER: 1s", "PROBE_OK_AFTER: 1h", 1)
	inBubble(t, yaml, []string{"web"}, func(r *rig) {
		s := r.leasing(newLeases())
		r.after(2*time.Second, func() { r.signals <- syscall.SIGTERM })
		r.code(s.Run(r.t.Context(), r.plan(transient(oneOff("test", "web"))), r.signals), 143)
		s.Close(r.t.Context())
		r.left()
	})
}

func TestCloseTellsWhatIsLeft(t *testing.T) {
	inBubble(t, webAndDB, []string{"web"}, func(r *rig) {
		s := r.leasing(newLeases())
		r.code(s.Run(r.t.Context(), r.plan(transient(oneOff("test", "web"))), r.signals), 0)
		r.engine.FailOn("RemoveContainer", 1, errors.New("the disk is full"))
		s.Close(r.t.Context())
		r.left("container app-db-1 (exited)", "network app_default")
		if told := strings.Join(r.seen.lines(), "\n"); !strings.Contains(told, "docker rm --force --volumes app-db-1   # the disk is full") {
			t.Errorf("told:\n%s", told)
		}
	})
}

// TestCloseTellsWhatFinishes: of what could not even be stopped, too, the command is the one that does all that was to be done.
func TestCloseTellsWhatFinishes(t *testing.T) {
	inBubble(t, webAndDB, []string{"web"}, func(r *rig) {
		s := r.leasing(newLeases())
		r.code(s.Run(r.t.Context(), r.plan(transient(oneOff("test", "web"))), r.signals), 0)
		r.engine.FailOn("StopContainer", 1, errors.New("it does not answer"))
		s.Close(r.t.Context())
		if told := strings.Join(r.seen.lines(), "\n"); !strings.Contains(told, "could not be removed; to finish: docker rm --force --volumes app-db-1   # it does not answer") {
			t.Errorf("told:\n%s", told)
		}
	})
}

// A container that takes long to end is killed once patience has ended.
func TestCloseWithoutPatience(t *testing.T) {
	inBubble(t, strings.Replace(webAndDB, "PROBE_OK_AFTER: 1s", "PROBE_OK_AFTER: 1s, IGNORE_SIGNALS: TERM", 1), []string{"web"}, func(r *rig) {
		s := r.leasing(newLeases())
		r.code(s.Run(r.t.Context(), r.plan(transient(oneOff("test", "web"))), r.signals), 0)
		patience, cancel := context.WithTimeout(r.t.Context(), time.Second)
		defer cancel()
		began := time.Now()
		s.Close(patience)
		if took := time.Since(began); took >= 10*time.Second {
			t.Errorf("took %s", took)
		}
		r.left()
	})
}
