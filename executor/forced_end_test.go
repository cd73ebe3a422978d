package executor_test

import (
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"tasks/executor"
	"tasks/executor/command"
	"tasks/hclspec"
)

// engineCalls are the methods of the engine.
var engineCalls = []string{
	"Attach", "Connect", "CreateContainer", "CreateNetwork", "CreateVolume", "Disconnect", "Exec", "ExitOfExec", "FollowLog", "InspectContainer",
	"InspectImage", "InspectNetwork", "InspectVolume", "KillContainer", "Logs", "ProjectContainers", "Pull", "PullImage", "RemoveContainer",
	"RemoveNetwork", "RemoveVolume", "RenameContainer", "Resize", "StartContainer", "StartExec", "StopContainer", "Wait",
}

// hungCalls are the calls of the engine that do not return.
type hungCalls struct {
	mu      sync.Mutex
	release []func()
}

// hangFrom lets no call of the engine return from a time on. The calls go on at the end of the test.
func (r *rig) hangFrom(d time.Duration, hung *hungCalls) {
	r.after(d, func() {
		hung.mu.Lock()
		defer hung.mu.Unlock()
		for _, call := range engineCalls {
			hung.release = append(hung.release, r.engine.BlockOn(call))
		}
	})
}

// awaitLate lets the calls go on, and waits for the steps that the run has given up.
func (hung *hungCalls) awaitLate() {
	hung.mu.Lock()
	defer hung.mu.Unlock()
	for _, goOn := range hung.release {
		goOn()
	}
	time.Sleep(10 * time.Minute)
}

func forever(task *hclspec.Task) *hclspec.Task { return sleeping("forever", task) }

func sleeping(time string, task *hclspec.Task) *hclspec.Task {
	task.Env = map[string]*string{"SLEEP": &time}
	return task
}

// Whatever phase the engine hangs in, the second signal ends the run within five seconds, with 128+n.
func TestSecondSignalEndsEveryPhase(t *testing.T) {
	for name, test := range map[string]struct {
		hangs     time.Duration
		tasks     []*hclspec.Task
		isPrivate bool
	}{
		"before the first call":   {hangs: 0, tasks: []*hclspec.Task{oneOff("serve", "web")}},
		"wait for a service":      {hangs: 500 * time.Millisecond, tasks: []*hclspec.Task{oneOff("serve", "web")}},
		"a running command":       {hangs: 5 * time.Second, tasks: []*hclspec.Task{forever(oneOff("serve", "web"))}},
		"a private project":       {hangs: 5 * time.Second, tasks: []*hclspec.Task{forever(oneOff("serve", "web"))}, isPrivate: true},
		"a command in a service":  {hangs: 5 * time.Second, tasks: []*hclspec.Task{inService("serve", "db", "ignore INT")}},
		"beside a host command":   {hangs: 5 * time.Second, tasks: []*hclspec.Task{group("all", "serve", "here"), forever(oneOff("serve", "web")), host("here", "ignore 1h")}},
		"the removal of one-offs": {hangs: 2500 * time.Millisecond, tasks: []*hclspec.Task{sleeping("2s", oneOff("serve", "web"))}},
	} {
		t.Run(name, func(t *testing.T) {
			inVirtualTime(t, webAndDB, []string{"web", "db"}, func(r *rig) {
				plan := r.plan(test.tasks...)
				if test.isPrivate {
					plan = r.planWithPolicy(hclspec.PolicyEphemeral, test.tasks...)
				}
				var hung hungCalls
				r.hangFrom(test.hangs, &hung)
				var second time.Time
				r.after(20*time.Second, func() { r.signals <- syscall.SIGINT })
				r.after(22*time.Second, func() { second = time.Now(); r.signals <- syscall.SIGINT })
				result := r.session().Run(r.t.Context(), plan, r.signals)
				took := time.Since(second)
				if second.IsZero() {
					t.Errorf("the run has ended before the second signal, with %d", result.Code)
				} else if took > 5*time.Second {
					t.Errorf("the run has ended %s after the second signal", took)
				}
				if !slices.Contains([]int{130, 137, 0}, result.Code) {
					t.Errorf("code %d", result.Code)
				}
				if second.IsZero() || took > 5*time.Second {
					t.Log(strings.Join(r.observer.lines(), "\n"))
				}
				hung.awaitLate()
			})
		})
	}
}

// The commands for what the hung engine has kept are told, in the warnings and to a program that ends at once.
func TestHungCleanupTellsTheCommands(t *testing.T) {
	inVirtualTime(t, webAlone, []string{"web"}, func(r *rig) {
		plan := r.plan(forever(oneOff("serve", "web")))
		var hung hungCalls
		r.hangFrom(5*time.Second, &hung)
		r.after(20*time.Second, func() { r.signals <- syscall.SIGTERM })
		r.after(22*time.Second, func() { r.signals <- syscall.SIGTERM })
		session := r.session()
		told := make(chan []string, 1)
		r.after(23*time.Second, func() { told <- session.RemovalCommands() })
		r.assertCode(session.Run(r.t.Context(), plan, r.signals), 143)
		const want = "docker rm --force --volumes app-web-run-000000000001"
		if commands := <-told; !slices.Equal(commands, []string{want}) {
			t.Errorf("commands %q", commands)
		}
		if !slices.ContainsFunc(r.observer.lines(), func(line string) bool {
			return strings.HasPrefix(line, "warned could not be removed; to finish: "+want) && strings.Contains(line, "the engine has not answered in time")
		}) {
			t.Error(strings.Join(r.observer.lines(), "\n"))
		}
		hung.awaitLate()
	})
}

// interruptions are the notices about signals.
func (r *recorder) interruptions() (all []executor.Notice) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, n := range r.notices {
		if n.Kind == executor.Interrupted {
			all = append(all, n)
		}
	}
	return all
}

func TestSignalsNameWhatIsWaitedFor(t *testing.T) {
	inVirtualTime(t, webAlone, []string{"web"}, func(r *rig) {
		r.after(5*time.Second, func() { r.signals <- syscall.SIGINT })
		r.after(6*time.Second, func() { r.signals <- syscall.SIGINT })
		stubborn := forever(oneOff("serve", "web"))
		stubborn.Env["IGNORE_SIGNALS"] = new("INT")
		r.assertCode(r.run(group("all", "serve", "here"), stubborn, host("here", "ignore 1h")), 137)
		got := r.observer.interruptions()
		for i, n := range got {
			if slices.Sort(n.Waiting); !slices.Equal(n.Waiting, []string{"task here", "task serve"}) || n.Requests != i+1 || n.IsCleanup {
				t.Errorf("signal %d: %q, number %d, cleanup %t", i+1, n.Waiting, n.Requests, n.IsCleanup)
			}
		}
		if len(got) != 2 {
			t.Errorf("%d notices", len(got))
		}
	})
}

// A first signal during the cleanup changes nothing but the words. The code stays that of the run.
func TestSignalsDuringTheCleanup(t *testing.T) {
	inVirtualTime(t, webAlone, []string{"web"}, func(r *rig) {
		plan := r.plan(oneOff("serve", "web"))
		release := r.engine.BlockOn("RemoveContainer")
		r.after(30*time.Second, func() { r.signals <- syscall.SIGINT })
		var second time.Time
		r.after(160*time.Second, func() { second = time.Now(); r.signals <- syscall.SIGINT })
		result := r.session().Run(r.t.Context(), plan, r.signals)
		if took := time.Since(second); second.IsZero() || took > 5*time.Second {
			t.Errorf("%s after the second signal", took)
		}
		r.assertCode(result, 0)
		got := r.observer.interruptions()
		if len(got) != 2 || !got[1].IsCleanup || !slices.Equal(got[1].Waiting, []string{"container app-web-run-000000000001"}) {
			t.Errorf("notices %+v", got)
		}
		(&hungCalls{release: []func(){release}}).awaitLate()
	})
}

// finally tasks outlive the second signal. The fourth one ends them too.
func TestFinallyIsBoundedByTheFourthSignal(t *testing.T) {
	inVirtualTime(t, webAlone, []string{"web"}, func(r *rig) {
		plan := r.plan(withFinally(host("test", "sleep 1h"), "clean"), forever(oneOff("clean", "web")))
		var hung hungCalls
		r.hangFrom(10*time.Second, &hung)
		session := r.session()
		for i := range 4 {
			r.after(time.Duration(1+20*i)*time.Second, func() { r.signals <- syscall.SIGINT })
		}
		for at, want := range map[time.Duration]bool{500 * time.Millisecond: true, 30 * time.Second: true, 50 * time.Second: true, 62 * time.Second: false} {
			r.after(at, func() {
				if got := session.HasPendingFinally(); got != want {
					t.Errorf("after %s: finally is pending %t", at, got)
				}
			})
		}
		began := time.Now()
		result := session.Run(r.t.Context(), plan, r.signals)
		if took := time.Since(began); took < 61*time.Second || took > 66*time.Second {
			t.Errorf("took %s", took)
		}
		r.assertCode(result, 130)
		hung.awaitLate()
	})
}

// stuckReader fails a write as the display does some time after the second signal.
type stuckReader struct {
	*recorder
	abandon chan struct{}
}

func (s stuckReader) StreamsOf(*hclspec.Task) command.Streams {
	return command.Streams{Out: s, Err: s, Close: func() error { return nil }}
}

func (s stuckReader) Write([]byte) (int, error) {
	<-s.abandon
	return 0, command.ErrOutputAbandoned
}

// An abandoned output is no failure: the code of the command counts, and its container goes.
func TestAbandonedOutputKeepsTheCode(t *testing.T) {
	for name, task := range map[string]*hclspec.Task{
		"container": forever(oneOff("serve", "web")), "in a service": inService("serve", "db", "ignore INT"),
	} {
		t.Run(name, func(t *testing.T) {
			inVirtualTime(t, webAndDB, []string{"web", "db"}, func(r *rig) {
				stuck := stuckReader{r.observer, make(chan struct{})}
				cfg := r.sessionConfig(r.engine)
				cfg.Observer = stuck
				r.after(10*time.Second, func() { r.signals <- syscall.SIGINT })
				r.after(20*time.Second, func() { r.signals <- syscall.SIGINT })
				r.after(21*time.Second, func() { close(stuck.abandon) })
				began := time.Now()
				result := executor.NewSession(cfg).Run(r.t.Context(), r.plan(task), r.signals)
				if took := time.Since(began); took > 25*time.Second || result.Code < 128 {
					t.Errorf("code %d (%v) after %s", result.Code, result.Err, took)
				}
				r.assertRemaining(up...)
				time.Sleep(time.Minute)
			})
		})
	}
}

// A reader that comes back after a minute gets everything: the command has ended long ago.
func TestSlowReaderGetsEverything(t *testing.T) {
	inVirtualTime(t, webAlone, []string{"web"}, func(r *rig) {
		cfg := r.sessionConfig(r.engine)
		slow := slowReader{r.observer}
		cfg.Observer = slow
		r.assertCode(executor.NewSession(cfg).Run(r.t.Context(), r.plan(oneOff("serve", "web")), r.signals), 0)
		if got := r.observer.out.String(); got != "hello" {
			t.Errorf("output %q", got)
		}
	})
}

// slowReader reads after a minute.
type slowReader struct{ *recorder }

func (s slowReader) StreamsOf(*hclspec.Task) command.Streams {
	return command.Streams{Out: s, Err: s, Close: func() error { return nil }}
}

func (s slowReader) Write(text []byte) (int, error) {
	time.Sleep(time.Minute)
	return s.out.Write(text)
}

// unread is an output without a reader.
type unread struct{ *recorder }

func (u unread) StreamsOf(*hclspec.Task) command.Streams {
	return command.Streams{Out: gone{}, Err: gone{}, Close: func() error { return nil }}
}

// The grace period is for what a command has to finish. Without a reader, a second is enough, unless the author says more.
func TestUnreadCommandEndsSoon(t *testing.T) {
	for period, most := range map[time.Duration]time.Duration{0: 2 * time.Second, 7 * time.Second: 8 * time.Second} {
		inVirtualTime(t, webAlone, []string{"web"}, func(r *rig) {
			cfg := r.sessionConfig(r.engine)
			cfg.Observer = unread{r.observer}
			task := forever(oneOff("serve", "web"))
			task.Env["IGNORE_SIGNALS"], task.StopGracePeriod = new("TERM"), period
			began := time.Now()
			result := executor.NewSession(cfg).Run(r.t.Context(), r.plan(task), r.signals)
			r.assertCode(result, command.CodeReaderGone)
			if took := time.Since(began); took > most || took < period {
				t.Errorf("period %s: took %s", period, took)
			}
		})
	}
}
