package executor_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"tasks/executor"
	"tasks/hclspec"
	"tasks/planner"
)

// heldLeases are leases of which some are somebody else's too, and the notes of containers.
type heldLeases struct {
	others map[string]bool
	mu     sync.Mutex
	starts map[string]executor.StartNote
}

func newLeases(others ...string) *heldLeases {
	l := &heldLeases{others: map[string]bool{}, starts: map[string]executor.StartNote{}}
	for _, name := range others {
		l.others[name] = true
	}
	return l
}

func (l *heldLeases) Last(name string) (done func(), last bool) { return func() {}, !l.others[name] }

func (l *heldLeases) Replacing(string, string) error { return nil }
func (l *heldLeases) Settled(string) error           { return nil }
func (l *heldLeases) Left(string, string) error      { return nil }
func (l *heldLeases) Started(start executor.StartNote) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.starts[start.ID] = start
	return nil
}
func (l *heldLeases) Stopped(id string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.starts, id)
	return nil
}
func (l *heldLeases) Starts(string) []executor.StartNote {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Collect(maps.Values(l.starts))
}

func (r *rig) leasing(l interface {
	executor.Leases
	executor.ContainerNotes
}) *executor.Session {
	config := r.sessionConfig(r.engine)
	config.Leases, config.Containers = l, l
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
		r.stopped("app-db-1")
		r.code(r.leasing(leases).Run(r.t.Context(), r.plan(transient(oneOff("test", "web"))), r.signals), 0)
		s := r.leasing(leases)
		r.code(s.Run(r.t.Context(), r.plan(oneOff("test", "web")), r.signals), 0)
		s.Close(r.t.Context())
		r.left("container app-db-1 (exited)", "network app_default")
		if len(leases.starts) != 0 {
			t.Errorf("still to be stopped: %v", leases.starts)
		}
	})
}

// What the user has started since, after the run that was to stop it has died, is his.
func TestCloseLeavesALaterStart(t *testing.T) {
	inBubble(t, webAndDB, []string{"web"}, func(r *rig) {
		leases := newLeases()
		r.code(r.run(oneOff("test", "web")), 0)
		r.stopped("app-db-1")
		r.code(r.leasing(leases).Run(r.t.Context(), r.plan(transient(oneOff("test", "web"))), r.signals), 0)
		time.Sleep(time.Hour) // it has died
		r.stopped("app-db-1")
		if err := r.engine.StartContainer(r.t.Context(), "app-db-1"); err != nil {
			t.Fatal(err)
		}
		s := r.leasing(leases)
		r.code(s.Run(r.t.Context(), r.plan(oneOff("test", "web")), r.signals), 0)
		s.Close(r.t.Context())
		r.left(up...)
		if len(leases.starts) != 0 {
			t.Errorf("still to be stopped: %v", leases.starts)
		}
	})
}

// Each container of a service counts for itself.
func TestCloseStopsAllThatWereDown(t *testing.T) {
	inBubble(t, webAndDB+"    scale: 2\n", []string{"web"}, func(r *rig) {
		r.code(r.run(oneOff("test", "web")), 0)
		r.stopped("app-db-1", "app-db-2")
		s := r.leasing(newLeases())
		r.code(s.Run(r.t.Context(), r.plan(transient(oneOff("test", "web"))), r.signals), 0)
		s.Close(r.t.Context())
		r.left("container app-db-1 (exited)", "container app-db-2 (exited)", "network app_default")
	})
}

// stopped stops containers, as their user may.
func (r *rig) stopped(names ...string) {
	r.t.Helper()
	for _, name := range names {
		if err := r.engine.StopContainer(r.t.Context(), name, nil); err != nil {
			r.t.Fatal(err)
		}
	}
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

// Where the maker keeps its leases is written on what it made. Who knows of these asks for nothing else.
func TestCloseGoesByLeasesWhereItKnowsThem(t *testing.T) {
	for places, left := range map[string][]string{"mine theirs": nil, "theirs": up, "": up} {
		inBubble(t, webAndDB, []string{"web"}, func(r *rig) {
			r.owners = planner.Owners{Self: "maker", Leases: strings.Fields(places)}
			r.code(r.leasing(newLeases()).Run(r.t.Context(), r.plan(transient(oneOff("test", "web"))), r.signals), 0)
			r.owners = planner.Owners{Self: "me", Leases: []string{"mine"}, Dead: func(string, time.Duration) bool { return false }}
			s := r.leasing(newLeases())
			r.code(s.Run(r.t.Context(), r.plan(oneOff("test", "web")), r.signals), 0)
			s.Close(r.t.Context())
			r.left(left...)
		})
	}
}

// pool has the leases of several sessions, by name and session.
type pool struct {
	mu   sync.Mutex
	held map[string]map[string]bool
}

// member are the leases of one session.
type member struct {
	*heldLeases
	pool *pool
	name string
}

func (p *pool) member(name string, leases ...string) member {
	for _, lease := range leases {
		if p.held[lease] == nil {
			p.held[lease] = map[string]bool{}
		}
		p.held[lease][name] = true
	}
	return member{newLeases(), p, name}
}

func (m member) Last(lease string) (done func(), last bool) {
	m.pool.mu.Lock()
	defer m.pool.mu.Unlock()
	delete(m.pool.held[lease], m.name)
	if len(m.pool.held[lease]) > 0 {
		return nil, false
	}
	m.pool.held[lease] = map[string]bool{m.name: true}
	return func() {
		m.pool.mu.Lock()
		defer m.pool.mu.Unlock()
		delete(m.pool.held[lease], m.name)
	}, true
}

// One session is stopping what depends on the database when the only other one that uses that ends.
func TestCloseWhileAnotherOneCloses(t *testing.T) {
	inBubble(t, `
services:
  web: {image: web, depends_on: [db], environment: {IGNORE_SIGNALS: TERM}}
  db: {image: db}
`, []string{"web"}, func(r *rig) {
		leases := &pool{held: map[string]map[string]bool{}}
		all := []string{"app/service/web", "app/service/db", "network/app_default"}
		first, second := r.leasing(leases.member("first", all...)), r.leasing(leases.member("second", all[1:]...))
		uses := func(service string) *hclspec.Task {
			return transient(host("a", "print a", hclspec.Dependency{Service: service, Condition: hclspec.Started}))
		}
		r.code(first.Run(r.t.Context(), r.plan(uses("web")), r.signals), 0)
		r.code(second.Run(r.t.Context(), r.plan(uses("db")), r.signals), 0)
		r.after(2*time.Second, func() { second.Close(r.t.Context()) })
		began := time.Now()
		first.Close(r.t.Context())
		if took := time.Since(began); took < 10*time.Second {
			t.Fatalf("took %s: the first did not have to wait for a stop", took)
		}
		r.left()
	})
}

// A session of which no run used anything looks all the same at what it was not to be the last for.
func TestCloseOfWhatWasNotUsed(t *testing.T) {
	for name, left := range map[string][]string{"transient": nil, "reuse": up} {
		inBubble(t, webAndDB, []string{"web"}, func(r *rig) {
			task := oneOff("test", "web")
			if name == "transient" {
				transient(task)
			}
			r.code(r.leasing(newLeases()).Run(r.t.Context(), r.plan(task), r.signals), 0)
			seen, err := r.engine.Snapshot(r.t.Context(), planner.Query{Project: "app", Original: "app"})
			if err != nil {
				t.Fatal(err)
			}
			s := r.leasing(newLeases())
			s.Unused(r.project, seen, func(string) bool { return true })
			s.Close(r.t.Context())
			r.left(left...)
		})
	}
}
