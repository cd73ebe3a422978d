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
	"tasks/executor/release"
	"tasks/hclspec"
	"tasks/planner/observed"
)

// fakeLeases are leases of which some are somebody else's too, and the notes of containers.
type fakeLeases struct {
	others map[string]bool
	mu     sync.Mutex
	starts map[string]executor.StartEntry
}

func newLeases(others ...string) *fakeLeases {
	l := &fakeLeases{others: map[string]bool{}, starts: map[string]executor.StartEntry{}}
	for _, name := range others {
		l.others[name] = true
	}
	return l
}

func (l *fakeLeases) ReleaseLast(name string) (done func(), last bool) {
	return func() {}, !l.others[name]
}

func (l *fakeLeases) RecordReplacing(string, string) error { return nil }
func (l *fakeLeases) ClearReplacing(string) error          { return nil }
func (l *fakeLeases) RecordDetached(string, string) error  { return nil }
func (l *fakeLeases) RecordStart(start executor.StartEntry) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.starts[start.ID] = start
	return nil
}
func (l *fakeLeases) ClearStart(id string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.starts, id)
	return nil
}
func (l *fakeLeases) StartEntries(string) []executor.StartEntry {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Collect(maps.Values(l.starts))
}

func (r *rig) sessionWithLeases(l interface {
	release.Leases
	executor.ContainerJournal
}) *executor.Session {
	config := r.sessionConfig(r.engine)
	config.Leases, config.ContainerJournal = l, l
	return executor.NewSession(config)
}

func transient(task *hclspec.Task) *hclspec.Task {
	task.Policy = hclspec.PolicyTransient
	return task
}

// A session of several runs, as watch has it: what they use stays between them, and goes at the end.
func TestCloseRemovesWhatIsTransient(t *testing.T) {
	inVirtualTime(t, webAndDB, []string{"web"}, func(r *rig) {
		s := r.sessionWithLeases(newLeases())
		for range 2 {
			r.assertCode(s.Run(r.t.Context(), r.plan(transient(oneOff("test", "web"))), r.signals), 0)
			r.assertRemaining(up...)
		}
		s.Close(r.t.Context())
		r.assertRemaining()
	})
}

// The removals at the end of a session are announced, each with its end.
func TestCloseAnnouncesTheRemovals(t *testing.T) {
	inVirtualTime(t, webAndDB, []string{"web"}, func(r *rig) {
		s := r.sessionWithLeases(newLeases())
		r.assertCode(s.Run(r.t.Context(), r.plan(transient(oneOff("test", "web"))), r.signals), 0)
		if lines := r.observer.cleanupLines(); len(lines) > 0 {
			t.Errorf("before the end of the session: %q", lines)
		}
		s.Close(r.t.Context())
		want := []string{
			"remove container app-db-1 begins", "remove container app-db-1 ends",
			"remove network app_default begins", "remove network app_default ends",
		}
		if got := r.observer.cleanupLines(); !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	})
}

// The removals of a run's cleanup are announced too: an engine may take long for each.
func TestCleanupAnnouncesTheRemovals(t *testing.T) {
	inVirtualTime(t, webAndDB, []string{"web"}, func(r *rig) {
		r.after(500*time.Millisecond, func() { r.signals <- syscall.SIGINT })
		r.assertCode(r.run(oneOff("test", "web")), 130)
		r.assertRemaining()
		lines := r.observer.cleanupLines()
		for _, resource := range []string{"container app-web-run-000000000001", "container app-db-1", "network app_default"} {
			for _, at := range []string{" begins", " ends"} {
				if !slices.Contains(lines, "remove "+resource+at) {
					t.Errorf("no removal of %s in %q", resource, lines)
				}
			}
		}
	})
}

func TestCloseLeavesWhatOthersUse(t *testing.T) {
	for lease, left := range map[string][]string{"app/service/db": up, "network/app_default": up[1:]} {
		inVirtualTime(t, webAndDB, []string{"web"}, func(r *rig) {
			s := r.sessionWithLeases(newLeases(lease))
			r.assertCode(s.Run(r.t.Context(), r.plan(transient(oneOff("test", "web"))), r.signals), 0)
			s.Close(r.t.Context())
			r.assertRemaining(left...)
		})
	}
}

// A run under another policy that meets what is transient removes it if it is the last.
func TestCloseOfAReusingRun(t *testing.T) {
	inVirtualTime(t, webAndDB, []string{"web"}, func(r *rig) {
		r.assertCode(r.sessionWithLeases(newLeases()).Run(r.t.Context(), r.plan(transient(oneOff("test", "web"))), r.signals), 0)
		s := r.sessionWithLeases(newLeases())
		r.assertCode(s.Run(r.t.Context(), r.plan(oneOff("test", "web")), r.signals), 0)
		s.Close(r.t.Context())
		r.assertRemaining()
	})
}

// What was there and down is stopped again, by whoever is the last.
func TestCloseStopsWhatWasDown(t *testing.T) {
	inVirtualTime(t, webAndDB, []string{"web"}, func(r *rig) {
		leases := newLeases()
		r.assertCode(r.run(oneOff("test", "web")), 0)
		r.stopContainers("app-db-1")
		r.assertCode(r.sessionWithLeases(leases).Run(r.t.Context(), r.plan(transient(oneOff("test", "web"))), r.signals), 0)
		s := r.sessionWithLeases(leases)
		r.assertCode(s.Run(r.t.Context(), r.plan(oneOff("test", "web")), r.signals), 0)
		s.Close(r.t.Context())
		r.assertRemaining("container app-db-1 (exited)", "network app_default")
		if len(leases.starts) != 0 {
			t.Errorf("still to be stopped: %v", leases.starts)
		}
	})
}

// What the user has started since, after the run that was to stop it has died, is his.
func TestCloseLeavesALaterStart(t *testing.T) {
	inVirtualTime(t, webAndDB, []string{"web"}, func(r *rig) {
		leases := newLeases()
		r.assertCode(r.run(oneOff("test", "web")), 0)
		r.stopContainers("app-db-1")
		r.assertCode(r.sessionWithLeases(leases).Run(r.t.Context(), r.plan(transient(oneOff("test", "web"))), r.signals), 0)
		time.Sleep(time.Hour) // it has died
		r.stopContainers("app-db-1")
		if err := r.engine.StartContainer(r.t.Context(), "app-db-1"); err != nil {
			t.Fatal(err)
		}
		s := r.sessionWithLeases(leases)
		r.assertCode(s.Run(r.t.Context(), r.plan(oneOff("test", "web")), r.signals), 0)
		s.Close(r.t.Context())
		r.assertRemaining(up...)
		if len(leases.starts) != 0 {
			t.Errorf("still to be stopped: %v", leases.starts)
		}
	})
}

// Each container of a service counts for itself.
func TestCloseStopsAllThatWereDown(t *testing.T) {
	inVirtualTime(t, webAndDB+"    scale: 2\n", []string{"web"}, func(r *rig) {
		r.assertCode(r.run(oneOff("test", "web")), 0)
		r.stopContainers("app-db-1", "app-db-2")
		s := r.sessionWithLeases(newLeases())
		r.assertCode(s.Run(r.t.Context(), r.plan(transient(oneOff("test", "web"))), r.signals), 0)
		s.Close(r.t.Context())
		r.assertRemaining("container app-db-1 (exited)", "container app-db-2 (exited)", "network app_default")
	})
}

// stopContainers stops containers, as their user may.
func (r *rig) stopContainers(names ...string) {
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
	inVirtualTime(t, yaml, []string{"web"}, func(r *rig) {
		s := r.sessionWithLeases(newLeases())
		r.after(2*time.Second, func() { r.signals <- syscall.SIGTERM })
		r.assertCode(s.Run(r.t.Context(), r.plan(transient(oneOff("test", "web"))), r.signals), 143)
		s.Close(r.t.Context())
		r.assertRemaining()
	})
}

func TestCloseTellsWhatIsLeft(t *testing.T) {
	inVirtualTime(t, webAndDB, []string{"web"}, func(r *rig) {
		s := r.sessionWithLeases(newLeases())
		r.assertCode(s.Run(r.t.Context(), r.plan(transient(oneOff("test", "web"))), r.signals), 0)
		r.engine.FailOn("RemoveContainer", 1, errors.New("the disk is full"))
		s.Close(r.t.Context())
		r.assertRemaining("container app-db-1 (exited)", "network app_default")
		if lines := strings.Join(r.observer.lines(), "\n"); !strings.Contains(lines, "docker rm --force --volumes app-db-1   # the disk is full") {
			t.Errorf("told:\n%s", lines)
		}
	})
}

// TestCloseTellsWhatFinishes: of what could not even be stopped, too, the command is the one that does all that was to be done.
func TestCloseTellsWhatFinishes(t *testing.T) {
	inVirtualTime(t, webAndDB, []string{"web"}, func(r *rig) {
		s := r.sessionWithLeases(newLeases())
		r.assertCode(s.Run(r.t.Context(), r.plan(transient(oneOff("test", "web"))), r.signals), 0)
		r.engine.FailOn("StopContainer", 1, errors.New("it does not answer"))
		s.Close(r.t.Context())
		if lines := strings.Join(r.observer.lines(), "\n"); !strings.Contains(lines, "could not be removed; to finish: docker rm --force --volumes app-db-1   # it does not answer") {
			t.Errorf("told:\n%s", lines)
		}
	})
}

// A container that takes long to end is killed once patience has ended.
func TestCloseKillsAfterItsContextEnds(t *testing.T) {
	inVirtualTime(t, strings.Replace(webAndDB, "PROBE_OK_AFTER: 1s", "PROBE_OK_AFTER: 1s, IGNORE_SIGNALS: TERM", 1), []string{"web"}, func(r *rig) {
		s := r.sessionWithLeases(newLeases())
		r.assertCode(s.Run(r.t.Context(), r.plan(transient(oneOff("test", "web"))), r.signals), 0)
		patience, cancel := context.WithTimeout(r.t.Context(), time.Second)
		defer cancel()
		began := time.Now()
		s.Close(patience)
		if took := time.Since(began); took >= 10*time.Second {
			t.Errorf("took %s", took)
		}
		r.assertRemaining()
	})
}

// Where the maker keeps its leases is written on what it made. Who knows of these asks for nothing else.
func TestCloseGoesByLeasesWhereItKnowsThem(t *testing.T) {
	for places, left := range map[string][]string{"mine theirs": nil, "theirs": up, "": up} {
		inVirtualTime(t, webAndDB, []string{"web"}, func(r *rig) {
			r.ownership = observed.Ownership{Self: "maker", LeaseLocations: strings.Fields(places)}
			r.assertCode(r.sessionWithLeases(newLeases()).Run(r.t.Context(), r.plan(transient(oneOff("test", "web"))), r.signals), 0)
			r.ownership = observed.Ownership{Self: "me", LeaseLocations: []string{"mine"}, IsDead: func(string, time.Duration) bool { return false }}
			s := r.sessionWithLeases(newLeases())
			r.assertCode(s.Run(r.t.Context(), r.plan(oneOff("test", "web")), r.signals), 0)
			s.Close(r.t.Context())
			r.assertRemaining(left...)
		})
	}
}

// The maker is dead, but further users may have leases in the maker's places. The next of them removes the resources.
func TestCloseLeavesWhatUnknownLeasesMayBeOn(t *testing.T) {
	for places, left := range map[string][]string{"mine theirs": nil, "theirs": up, "": nil} {
		inVirtualTime(t, webAndDB, []string{"web"}, func(r *rig) {
			r.ownership = observed.Ownership{Self: "maker", LeaseLocations: strings.Fields(places)}
			r.assertCode(r.sessionWithLeases(newLeases()).Run(r.t.Context(), r.plan(transient(oneOff("test", "web"))), r.signals), 0)
			isDead := func(owner string, _ time.Duration) bool { return owner == "maker" }
			r.ownership = observed.Ownership{Self: "me", LeaseLocations: []string{"mine"}, IsDead: isDead}
			s := r.sessionWithLeases(newLeases())
			r.assertCode(s.Run(r.t.Context(), r.plan(oneOff("test", "web")), r.signals), 0)
			s.Close(r.t.Context())
			r.assertRemaining(left...)
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
	*fakeLeases
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

func (m member) ReleaseLast(lease string) (done func(), last bool) {
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
	inVirtualTime(t, `
services:
  web: {image: web, depends_on: [db], environment: {IGNORE_SIGNALS: TERM}}
  db: {image: db}
`, []string{"web"}, func(r *rig) {
		leases := &pool{held: map[string]map[string]bool{}}
		all := []string{"app/service/web", "app/service/db", "network/app_default"}
		first, second := r.sessionWithLeases(leases.member("first", all...)), r.sessionWithLeases(leases.member("second", all[1:]...))
		uses := func(service string) *hclspec.Task {
			return transient(host("a", "print a", hclspec.Dependency{Service: service, Condition: hclspec.Started}))
		}
		r.assertCode(first.Run(r.t.Context(), r.plan(uses("web")), r.signals), 0)
		r.assertCode(second.Run(r.t.Context(), r.plan(uses("db")), r.signals), 0)
		r.after(2*time.Second, func() { second.Close(r.t.Context()) })
		began := time.Now()
		first.Close(r.t.Context())
		if took := time.Since(began); took < 10*time.Second {
			t.Fatalf("took %s: the first did not have to wait for a stop", took)
		}
		r.assertRemaining()
	})
}

// A session of which no run used anything looks all the same at what it was not to be the last for.
func TestCloseOfWhatWasNotUsed(t *testing.T) {
	for name, left := range map[string][]string{"transient": nil, "reuse": up} {
		inVirtualTime(t, webAndDB, []string{"web"}, func(r *rig) {
			task := oneOff("test", "web")
			if name == "transient" {
				transient(task)
			}
			r.assertCode(r.sessionWithLeases(newLeases()).Run(r.t.Context(), r.plan(task), r.signals), 0)
			seen, err := r.engine.Snapshot(r.t.Context(), observed.Query{Project: "app", Original: "app"})
			if err != nil {
				t.Fatal(err)
			}
			s := r.sessionWithLeases(newLeases())
			s.ReleaseUnused(r.project, seen, func(string) bool { return true })
			s.Close(r.t.Context())
			r.assertRemaining(left...)
		})
	}
}
