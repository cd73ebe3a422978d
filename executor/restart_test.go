package executor_test

import (
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"tasks/planner/observed"
)

const restarting = `
services:
  app: {image: app, depends_on: {web: {condition: service_healthy}}}
  web:
    image: web
    environment: {HEALTHY_AFTER: 1s}
    depends_on: {db: {condition: service_started, restart: true}}
  db: {image: db, environment: {VERSION: "1"}}
`

// runAfter runs once, changes something, runs again, and returns what the second run did to containers.
func (r *rig) runAfter(change func()) (calls []string, took time.Duration) {
	r.t.Helper()
	r.assertCode(r.run(oneOff("test", "app")), 0)
	change()
	from, began := len(r.engine.Calls()), time.Now()
	r.assertCode(r.run(oneOff("test", "app")), 0)
	for _, c := range r.engine.Calls()[from:] {
		switch c.Op {
		case "StopContainer", "StartContainer":
			calls = append(calls, c.String())
		}
	}
	r.assertRemaining("container app-db-1 (running)", "container app-web-1 (running)", "network app_default")
	return calls, time.Since(began)
}

func TestDependentIsRestartedWithItsDependency(t *testing.T) {
	recreated := load(t, strings.Replace(restarting, `VERSION: "1"`, `VERSION: "2"`, 1), []string{"app"})
	pulled := load(t, strings.Replace(restarting, `VERSION: "1"}`, `VERSION: "1"}, pull_policy: always`, 1), []string{"app"})
	all := []string{"StopContainer app-web-1", "StopContainer app-db-1", "StartContainer app-db-1", "StartContainer app-web-1"}
	for name, test := range map[string]struct {
		change func(*rig)
		want   []string
	}{
		"recreated":      {func(r *rig) { r.project = recreated }, all},
		"another image":  {func(r *rig) { r.project = pulled; r.engine.AddRemoteImage("db", observed.Image{}) }, all},
		"the same image": {func(r *rig) { r.project = pulled }, nil},
		"started again":  {func(r *rig) { r.engine.Exit("app-db-1", 0) }, []string{"StopContainer app-web-1", "StartContainer app-db-1", "StartContainer app-web-1"}},
		"both stopped": {func(r *rig) { r.engine.Exit("app-db-1", 0); r.engine.Exit("app-web-1", 0) },
			[]string{"StartContainer app-db-1", "StartContainer app-web-1"}},
		"unchanged": {func(*rig) {}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			inVirtualTime(t, restarting, []string{"app"}, func(r *rig) {
				calls, took := r.runAfter(func() { test.change(r) })
				// A container that replaces another has a name of its own until that is gone.
				calls = calls[:len(calls)-1]
				if !slices.Equal(calls, test.want) {
					t.Errorf("calls %q, want %q", calls, test.want)
				}
				restarted := len(test.want) > 0
				if waited := took >= time.Second; waited != restarted {
					t.Errorf("it took %s: a service that is started again has to get healthy again", took)
				}
				if stops := r.observer.has("done stop/web stop"); stops != slices.Contains(test.want, "StopContainer app-web-1") {
					t.Errorf("the stop is told of: %t", stops)
				}
			})
		})
	}
}

// One that is to be restarted stays as it is when what it depends on cannot even be made.
func TestDependentStaysWhenTheBuildFails(t *testing.T) {
	const build = `image: db, pull_policy: build, build: {context: ., args: {FAIL: "no space left"}}, environment: {VERSION: "2"}`
	broken := load(t, strings.Replace(restarting, `image: db, environment: {VERSION: "1"}`, build, 1), []string{"app"})
	inVirtualTime(t, restarting, []string{"app"}, func(r *rig) {
		r.assertCode(r.run(oneOff("test", "app")), 0)
		r.project = broken
		r.assertCode(r.run(oneOff("test", "app")), 125)
		if stops := r.engine.CallsOf("StopContainer"); len(stops) > 0 {
			t.Errorf("stopped %q", stops)
		}
		r.assertRemaining("container app-db-1 (running)", "container app-web-1 (running)", "network app_default")
	})
}

// What ran before a run runs after it, whatever has become of that: a container that replaces another is not taken away,
// and one that was stopped on its account is started again.
func TestWhatRanBeforeRunsAgain(t *testing.T) {
	const stubborn = `VERSION: "1", IGNORE_SIGNALS: TERM`
	before := strings.Replace(restarting, `VERSION: "1"`, stubborn, 1)
	for name, test := range map[string]struct {
		changed   string
		interrupt time.Duration
		code      int
		db        string
	}{
		"interrupted while the old one is stopped":   {`VERSION: "2"`, 5 * time.Second, 130, "running"},
		"interrupted while its dependent gets ready": {`VERSION: "2"`, 10500 * time.Millisecond, 130, "running"},
		"the new one does not start":                 {`VERSION: "2", START_FAIL: "126"`, time.Hour, 125, "created"},
	} {
		t.Run(name, func(t *testing.T) {
			changed := load(t, strings.Replace(before, stubborn, test.changed, 1), []string{"app"})
			inVirtualTime(t, before, []string{"app"}, func(r *rig) {
				r.assertCode(r.run(oneOff("test", "app")), 0)
				r.project = changed
				interrupt := time.AfterFunc(test.interrupt, func() { r.signals <- syscall.SIGINT })
				defer interrupt.Stop()
				r.assertCode(r.run(oneOff("test", "app")), test.code)
				r.assertRemaining("container app-db-1 ("+test.db+")", "container app-web-1 (running)", "network app_default")
			})
		})
	}
}
