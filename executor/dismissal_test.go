package executor_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"tasks/executor"
	"tasks/planner"
	"tasks/planner/observed"
)

// withOption is webAndDB with another configuration of its network.
func withOption(t *testing.T) string {
	t.Helper()
	if strings.Contains(webAndDB, "\nnetworks:") {
		t.Fatal("webAndDB has networks: change them here")
	}
	return webAndDB + "\nnetworks: {default: {driver_opts: {a: b}}}\n"
}

// The standby of an idle watch is no reason to refuse the change of a network by another process.
func TestNetworkIsRecreatedUnderTheStandbyOfAnotherProcess(t *testing.T) {
	after := load(t, withOption(t), []string{"web"})
	watching(t, func(w *watchRig) {
		w.run(0, printing("a"))
		before := w.networks()["app_default"]
		standbyName(w) // there is one
		w.project = after
		w.assertCode(w.rig.run(oneOff("other", "web")), 0)
		if now := w.networks()["app_default"]; now == before || now == "" {
			t.Errorf("the network is %s as before", now)
		}
		w.run(0, printing("a"))
		if got := w.observer.out.String(); !strings.HasSuffix(got, "a") || strings.Count(got, "a") != 2 {
			t.Errorf("output %q", got)
		}
		standbyName(w)
	})
}

// A released standby may still have the name of a standby. Its command goes on, and the network stays.
func TestReleasedStandbyIsNotDismissed(t *testing.T) {
	after := load(t, withOption(t), []string{"web"})
	watching(t, func(w *watchRig) {
		task := func() *planner.Plan {
			task := printing("")
			task.Env["SLEEP"] = new("1h")
			return w.plan(task)
		}
		ctx, cancel := context.WithTimeout(w.t.Context(), time.Minute)
		w.session.Run(ctx, task(), w.signals) // makes the standby
		cancel()
		releases, ended := w.calls("KillContainer"), make(chan struct{})
		ctx, cancel = context.WithCancel(w.t.Context())
		go func() {
			defer close(ended)
			w.session.Run(ctx, task(), w.signals)
		}()
		for w.calls("KillContainer") == releases {
			time.Sleep(time.Millisecond) // virtual
		}
		before := w.networks()["app_default"]
		name := standbyName(w)
		w.project = after
		got := w.rig.run(oneOff("other", "web"))
		if w.assertCode(got, 125); !strings.Contains(got.Err.Error(), "a one-off uses it: "+name) {
			t.Errorf("error %v", got.Err)
		}
		if now := w.networks()["app_default"]; now != before {
			t.Errorf("the network is now %s", now)
		}
		select {
		case <-ended:
			t.Error("the command has ended")
		default:
		}
		cancel()
		<-ended
	})
}

// A watch that goes on beside `tasks down` may make a standby at any time.
func TestDownRemovesTheStandbyMadeMeanwhile(t *testing.T) {
	watching(t, func(w *watchRig) {
		w.run(0, printing("a"))
		snapshot, err := w.engine.Snapshot(w.t.Context(), observed.Query{Project: "app", AnonymousVolumes: true})
		if err != nil {
			t.Fatal(err)
		}
		old := standbyName(w)
		w.run(0, printing("a")) // the snapshot has not the standby of this run
		if made := standbyName(w); made == old {
			t.Fatalf("standby %s as before", made)
		}
		var removed []string
		err = executor.Teardown(w.t.Context(), w.engine, planner.PlanTeardown(snapshot, "app", false), executor.TeardownOptions{
			OnRemoved: func(kind, name string) { removed = append(removed, kind+" "+name) },
			OnWarning: func(text string) { t.Errorf("warned: %s", text) },
		})
		if err != nil {
			t.Error(err)
		}
		if !slices.Contains(removed, "network app_default") {
			t.Errorf("removed %q", removed)
		}
		w.assertRemaining()
		w.run(0, printing("a")) // the watch goes on, and the rest of watching finds the project as it was
	})
}
