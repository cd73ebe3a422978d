package executor_test

import (
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"tasks/hclspec"
)

func TestAllowFailure(t *testing.T) {
	for name, test := range map[string]struct {
		allow   hclspec.AllowFailure
		command string
		want    int
	}{
		"all":            {hclspec.AllowFailure{All: true}, "exit 3", 0},
		"listed":         {hclspec.AllowFailure{Codes: []int{2, 3}}, "exit 3", 0},
		"not listed":     {hclspec.AllowFailure{Codes: []int{2}}, "exit 3", 3},
		"none":           {hclspec.AllowFailure{}, "exit 3", 3},
		"does not start": {hclspec.AllowFailure{All: true}, "missing x", 127},
	} {
		t.Run(name, func(t *testing.T) {
			inVirtualTime(t, webAndDB, []string{"web"}, func(r *rig) {
				flaky := host("flaky", test.command)
				flaky.AllowFailure = test.allow
				r.assertCode(r.run(host("all", "print x", on("flaky")), flaky), test.want)
				if ran := r.observer.has("done task/all run"); ran != (test.want == 0) {
					t.Errorf("the dependent ran: %t", ran)
				}
				lines := slices.ContainsFunc(r.observer.lines(), func(line string) bool {
					return strings.HasPrefix(line, "warned task/flaky exit code 3")
				})
				if lines != (test.want == 0) {
					t.Errorf("told: %q", r.observer.lines())
				}
			})
		})
	}
}

func TestAllowFailureOfAOneOff(t *testing.T) {
	inVirtualTime(t, webAndDB, []string{"web"}, func(r *rig) {
		task := oneOff("migrate", "web")
		task.Env, task.AllowFailure = map[string]*string{"EXIT_CODE": new("42")}, hclspec.AllowFailure{Codes: []int{42}}
		r.assertCode(r.run(task), 0)
		r.assertRemaining(up...)
	})
}

// TestAllowFailureIsNoExcuseForASignal: who presses Ctrl-C hears of it, whatever may fail.
func TestAllowFailureIsNoExcuseForASignal(t *testing.T) {
	inVirtualTime(t, webAndDB, []string{"web"}, func(r *rig) {
		slow := host("slow", "sleep 1h")
		slow.AllowFailure = hclspec.AllowFailure{All: true}
		r.after(time.Second, func() { r.signals <- syscall.SIGINT })
		r.assertCode(r.run(slow), 130)
	})
}

// TestSequence: one after the other, and with a failure the rest is not begun.
func TestSequence(t *testing.T) {
	for first, want := range map[string]int{"sleep 2s": 0, "exit 4": 4} {
		inVirtualTime(t, webAndDB, []string{"web"}, func(r *rig) {
			began := time.Now()
			result := r.session().Run(r.t.Context(), r.planSequence(
				[][]string{{"a"}, {"b"}},
				host("a", first), host("b", "sleep 3s", on("gen")), host("gen", "sleep 1s")), r.signals)
			r.assertCode(result, want)
			if took := time.Since(began); want == 0 && took != 6*time.Second {
				t.Errorf("took %s; want 2s, then 1s for the dependency of b, then 3s", took)
			}
			if want != 0 && len(r.host.started) != 1 {
				t.Errorf("started %d commands; want one", len(r.host.started))
			}
		})
	}
}

func TestDisabledTaskCountsAsDone(t *testing.T) {
	inVirtualTime(t, webAndDB, []string{"web"}, func(r *rig) {
		off := &hclspec.Task{Name: "off", Kind: hclspec.GroupTask, DisabledReason: "enabled = false"}
		r.assertCode(r.run(host("all", "print x", on("off")), off), 0)
		if !r.observer.has("done task/off skip") || !r.observer.has("done task/all run") {
			t.Errorf("%q", r.observer.lines())
		}
	})
}

// TestFirstFailureDecides: in the order asked, whatever else its failure has stopped.
func TestFirstFailureDecides(t *testing.T) {
	for name, test := range map[string]struct {
		a, b string
		want int
	}{
		"what was stopped is no failure": {"sleep 1h", "exit 3", 3},
		"the first":                      {"exit 4", "sleep 1h", 4},
		"not started":                    {"sleep 1h", "missing x", 127},
	} {
		t.Run(name, func(t *testing.T) {
			inVirtualTime(t, webAndDB, []string{"web"}, func(r *rig) {
				plan := r.planSequence([][]string{{"a", "b"}}, host("a", test.a), host("b", test.b))
				r.assertCode(r.session().Run(r.t.Context(), plan, r.signals), test.want)
			})
		})
	}
}
