package executor_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tasks/executor"
	"tasks/executor/standby"
	"tasks/hclspec"
	"tasks/planner/observed"
)

// watchRig is a session with standbys.
type watchRig struct {
	*rig
	session   *executor.Session
	explained []string
}

// watching runs a test with a session of standbys. Afterwards nothing of the tasks is left.
func watching(t *testing.T, test func(w *watchRig)) {
	t.Helper()
	inVirtualTime(t, webAndDB, []string{"web"}, func(r *rig) {
		r.ownership = observed.Ownership{Self: "me"}
		w := &watchRig{rig: r}
		cfg := r.sessionConfig(r.engine)
		cfg.Standbys = standby.NewPool(standby.Config{
			Engine: r.engine, NewSlug: cfg.NewSlug, IsLocal: true,
			Explain: func(task, text string) { w.explained = append(w.explained, task+": "+text) },
			Warn:    func(text string) { t.Errorf("warned: %s", text) },
		})
		w.session = executor.NewSession(cfg)
		test(w)
		w.session.Close(r.t.Context())
		r.assertRemaining(up...)
	})
}

func (w *watchRig) run(code int, tasks ...*hclspec.Task) {
	w.t.Helper()
	w.assertCode(w.session.Run(w.t.Context(), w.plan(tasks...), w.signals), code)
	time.Sleep(time.Second) // virtual: the standby is made
}

// calls counts the calls of a kind.
func (w *watchRig) calls(op string) int { return len(w.engine.CallsOf(op)) }

func printing(text string) *hclspec.Task {
	task := oneOff("migrate", "web")
	task.Env = map[string]*string{"STDOUT": new(text), "SLEEP": new("100ms")}
	return task
}

func TestRerunReleasesTheStandby(t *testing.T) {
	watching(t, func(w *watchRig) {
		w.run(0, printing("a"))
		creates, starts := w.calls("CreateContainer"), w.calls("StartContainer")
		w.run(0, printing("a"))
		// The rerun itself has made only the standby for the run after.
		if c, s := w.calls("CreateContainer")-creates, w.calls("StartContainer")-starts; c != 1 || s != 1 {
			t.Errorf("%d creations and %d starts; want those of the next standby", c, s)
		}
		isOther := func(name string) bool { return !strings.Contains(name, "-run-") }
		if plain := slices.DeleteFunc(w.engine.CallsOf("CreateContainer"), isOther); len(plain) != 1 {
			t.Errorf("%q were made for their run; want only the first", plain)
		}
		if got := w.observer.out.String(); got != "aa" {
			t.Errorf("output %q", got)
		}
		if want := []string{"migrate: started"}; !slices.Equal(w.explained, want) {
			t.Errorf("explained %q, want %q", w.explained, want)
		}
	})
}

// A person waits for the first output. So neither the new name nor the next standby takes the engine's time before.
func TestEngineRestsUntilTheFirstOutput(t *testing.T) {
	watching(t, func(w *watchRig) {
		task := func() *hclspec.Task {
			task := printing("a")
			task.Env["STDOUT_AFTER"], task.Env["SLEEP"] = new("60ms"), new("1s")
			return task
		}
		w.run(0, task())
		renames, creates, releases := w.calls("RenameContainer"), w.calls("CreateContainer"), w.calls("KillContainer")
		check := func(output string, want int) {
			t.Helper()
			made := []int{w.calls("RenameContainer") - renames, w.calls("CreateContainer") - creates}
			if got := w.observer.output(); got != output || !slices.Equal(made, []int{want, want}) {
				t.Errorf("output %q, %d renames and creations; want %q, %d of each", got, made, output, want)
			}
		}
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			w.run(0, task())
		}()
		for w.calls("KillContainer") == releases {
			time.Sleep(time.Millisecond) // virtual
		}
		time.Sleep(40 * time.Millisecond)
		check("a", 0)
		time.Sleep(30 * time.Millisecond)
		check("aa", 1)
		<-ended
	})
}

// A command without output has a standby before its end too.
func TestSilentCommandHasAStandby(t *testing.T) {
	watching(t, func(w *watchRig) {
		task := printing("")
		task.Env["SLEEP"] = new("1h")
		ended := make(chan struct{})
		ctx, cancel := context.WithCancel(w.t.Context())
		go func() {
			defer close(ended)
			w.session.Run(ctx, w.plan(task), w.signals)
		}()
		time.Sleep(time.Minute) // virtual
		if name := standbyName(w); name == "" {
			t.Error("no standby during the run")
		}
		cancel()
		<-ended
	})
}

// The platform of an engine is asked for once.
func TestPlatformIsAskedOnce(t *testing.T) {
	watching(t, func(w *watchRig) {
		for range 3 {
			w.run(0, printing("a"))
		}
		if n := w.calls("Platform"); n != 1 {
			t.Errorf("%d questions for the platform, want 1", n)
		}
	})
}

func TestStandbyOfAnotherConfigurationIsRemoved(t *testing.T) {
	watching(t, func(w *watchRig) {
		w.run(0, printing("a"))
		w.run(0, printing("b"))
		w.run(0, printing("b"))
		if got := w.observer.out.String(); got != "abb" {
			t.Errorf("output %q", got)
		}
	})
}

func TestRefusedCommandGetsAPlainContainer(t *testing.T) {
	watching(t, func(w *watchRig) {
		w.run(0, printing("a"))
		// The engine in memory reads START_FAIL of the container, so the standby and the plain container have it.
		failing := printing("a")
		failing.Env["START_FAIL"] = new("127")
		w.run(127, failing)
		if got := w.observer.out.String() + w.observer.errOut.String(); got != "a" {
			t.Errorf("output %q", got)
		}
	})
}

func TestEndedStandbyIsReplaced(t *testing.T) {
	watching(t, func(w *watchRig) {
		w.run(0, printing("a"))
		w.engine.Exit(standbyName(w), 137)
		w.run(0, printing("a"))
		if got := w.observer.out.String(); got != "aa" {
			t.Errorf("output %q", got)
		}
	})
}

// standbyName is the name of the only standby.
func standbyName(w *watchRig) string {
	w.t.Helper()
	containers, err := w.engine.ProjectContainers(w.t.Context(), "app")
	if err != nil {
		w.t.Fatal(err)
	}
	for _, c := range containers {
		if strings.Contains(c.Name, "standby") {
			return c.Name
		}
	}
	w.t.Fatal("there is no standby")
	return ""
}

func TestCreatedStandby(t *testing.T) {
	watching(t, func(w *watchRig) {
		task := func() *hclspec.Task {
			task := printing("a")
			task.UseAliases = true
			return task
		}
		w.run(0, task())
		creates, starts := w.calls("CreateContainer"), w.calls("StartContainer")
		w.run(0, task())
		if c, s := w.calls("CreateContainer")-creates, w.calls("StartContainer")-starts; c != 1 || s != 1 {
			t.Errorf("%d creations and %d starts; want the start of the rerun and the creation of the next standby", c, s)
		}
		if want := []string{"migrate: created, but not started: other containers resolve its aliases"}; !slices.Equal(w.explained, want) {
			t.Errorf("explained %q, want %q", w.explained, want)
		}
	})
}

func TestFixedNameIsTakenAfterTheRun(t *testing.T) {
	watching(t, func(w *watchRig) {
		for range 2 {
			task := printing("a")
			task.ContainerName = "fixed"
			w.run(0, task)
		}
		if want := []string{"migrate: created, but not started: it has a fixed name"}; !slices.Equal(w.explained, want) {
			t.Errorf("explained %q, want %q", w.explained, want)
		}
	})
}

func TestEngineWithoutStandbys(t *testing.T) {
	watching(t, func(w *watchRig) {
		task := func() *hclspec.Task {
			task := printing("a")
			task.Env["HOLDER_FAIL"] = new("1")
			return task
		}
		for range 4 {
			w.run(0, task())
		}
		if got := w.observer.out.String(); got != "aaaa" {
			t.Errorf("output %q", got)
		}
		if len(w.explained) != 1 || !strings.Contains(w.explained[0], "the engine refused to start it: the waiting process does not answer") {
			t.Errorf("explained %q", w.explained)
		}
		// Two attempts have failed, and there is no third.
		isOther := func(name string) bool { return !strings.Contains(name, "-standby-") }
		if made := slices.DeleteFunc(w.engine.CallsOf("CreateContainer"), isOther); len(made) != 2 {
			t.Errorf("attempts %q; want 2", made)
		}
	})
}

func TestKeptContainerHasNoStandby(t *testing.T) {
	inVirtualTime(t, webAndDB, []string{"web"}, func(r *rig) {
		pool := standby.NewPool(standby.Config{Engine: r.engine, NewSlug: func() string { return fmt.Sprintf("%064d", 1) }})
		cfg := r.sessionConfig(r.engine)
		cfg.Standbys = pool
		s := executor.NewSession(cfg)
		task := printing("a")
		task.RM = false
		r.assertCode(s.Run(r.t.Context(), r.plan(task), r.signals), 0)
		s.Close(r.t.Context())
		kept := r.engine.Remaining()
		if i := slices.IndexFunc(kept, func(name string) bool { return strings.Contains(name, "-run-") }); i < 0 {
			t.Errorf("left %q; want the container of the task", kept)
		}
	})
}

func TestCloseDuringTheCreation(t *testing.T) {
	watching(t, func(w *watchRig) {
		w.assertCode(w.session.Run(w.t.Context(), w.plan(printing("a")), w.signals), 0)
		// Close comes at once, and watching checks the rest.
	})
}

func TestCancelledRunRemovesItsStandby(t *testing.T) {
	watching(t, func(w *watchRig) {
		task := func() *hclspec.Task {
			task := printing("a")
			task.Env["SLEEP"] = new("1h")
			return task
		}
		for range 2 {
			ctx, cancel := context.WithTimeout(w.t.Context(), time.Minute)
			w.session.Run(ctx, w.plan(task()), w.signals)
			cancel()
		}
		if got := w.observer.out.String(); got != "aa" {
			t.Errorf("output %q", got)
		}
	})
}

// An up-to-date task does not run, and has a standby for its next run all the same.
func TestSkippedTaskKeepsAStandby(t *testing.T) {
	inVirtualTime(t, webAndDB, []string{"web"}, func(r *rig) {
		r.ownership = observed.Ownership{Self: "me"}
		cfg := r.sessionConfig(r.engine)
		records := &fakeRecords{reason: "an input has changed"}
		cfg.Fingerprints = records
		cfg.Standbys = standby.NewPool(standby.Config{Engine: r.engine, NewSlug: cfg.NewSlug, IsLocal: true})
		s := executor.NewSession(cfg)
		w := &watchRig{rig: r, session: s}
		task := func() *hclspec.Task {
			task := printing("a")
			task.Inputs = []string{"x"}
			return task
		}
		w.run(0, group("all", "migrate"), task())
		records.reason = ""
		w.run(0, group("all", "migrate"), task())
		if name := standbyName(w); name == "" || r.observer.out.String() != "a" {
			t.Errorf("standby %q, output %q", name, r.observer.out.String())
		}
		s.Close(r.t.Context())
		r.assertRemaining(up...)
	})
}
