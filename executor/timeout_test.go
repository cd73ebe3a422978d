package executor_test

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"tasks/hclspec"
)

func TestTimeoutOfAHostCommand(t *testing.T) {
	for name, test := range map[string]struct {
		command string
		change  func(*hclspec.Task)
		signals string
		code    int
		took    time.Duration
	}{
		"in time":      {"sleep 2s", func(*hclspec.Task) {}, "", 0, 2 * time.Second},
		"its own code": {"sleep 2s then exit 3", func(*hclspec.Task) {}, "", 3, 2 * time.Second},
		"too long":     {"sleep 1h", func(*hclspec.Task) {}, "terminated", 124, 5 * time.Second},
		"signal":       {"sleep 1h", func(t *hclspec.Task) { t.StopSignal = "SIGINT" }, "interrupt", 124, 5 * time.Second},
		"number":       {"sleep 1h", func(t *hclspec.Task) { t.StopSignal = "1" }, "hangup", 124, 5 * time.Second},
		"killed":       {"ignore 1h", func(*hclspec.Task) {}, "terminated", 124, 15 * time.Second},
		"grace period": {"ignore 1h", func(t *hclspec.Task) { t.StopGracePeriod = 2 * time.Second }, "terminated", 124, 7 * time.Second},
		"allowed":      {"sleep 1h", func(t *hclspec.Task) { t.AllowFailure.Codes = []int{124} }, "terminated", 0, 5 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			inVirtualTime(t, webAndDB, []string{"web"}, func(r *rig) {
				task := host("slow", test.command)
				task.Timeout = 5 * time.Second
				test.change(task)
				began := time.Now()
				r.assertCode(r.run(task), test.code)
				if took := time.Since(began); took != test.took {
					t.Errorf("took %s, want %s", took, test.took)
				}
				if got := strings.Join(r.host.signals, ","); got != test.signals {
					t.Errorf("signals %q, want %q", got, test.signals)
				}
			})
		})
	}
}

// TestTimeoutDoesNotCountWaiting: the service is ready after a second, the command takes half of one.
func TestTimeoutDoesNotCountWaiting(t *testing.T) {
	inVirtualTime(t, webAndDB, []string{"web"}, func(r *rig) {
		task := oneOff("migrate", "web")
		task.Env, task.Timeout = map[string]*string{"SLEEP": new("500ms")}, 700*time.Millisecond
		r.assertCode(r.run(task), 0)
		r.assertRemaining(up...)
	})
}

func TestTimeoutOfAOneOff(t *testing.T) {
	for _, ignore := range []string{"", "TERM"} {
		inVirtualTime(t, webAndDB, []string{"web"}, func(r *rig) {
			task := oneOff("migrate", "web")
			task.Env, task.Timeout = map[string]*string{"SLEEP": new("forever"), "IGNORE_SIGNALS": new(ignore)}, time.Minute
			task.StopGracePeriod = 3 * time.Second
			result := r.run(task)
			r.assertCode(result, 124)
			if result.Err == nil || !strings.Contains(result.Err.Error(), "timed out after 1 m 00 s") {
				t.Errorf("error %v", result.Err)
			}
			if stops := r.engine.CallsOf("StopContainer"); len(stops) != 1 {
				t.Errorf("stopped %d times", len(stops))
			}
			r.assertRemaining(up...)
		})
	}
}

// TestTimeoutAfterASignal: who presses Ctrl-C has ended it, not the time.
func TestTimeoutAfterASignal(t *testing.T) {
	inVirtualTime(t, webAndDB, []string{"web"}, func(r *rig) {
		task := host("slow", "ignore 1h")
		task.Timeout = 5 * time.Second
		r.after(time.Second, func() { r.signals <- syscall.SIGINT })
		r.assertCode(r.run(task), 137)
	})
}

// TestStopSignalOfAStoppedTask: a run that is stopped asks with the task's own signal.
func TestStopSignalOfAStoppedTask(t *testing.T) {
	inVirtualTime(t, webAndDB, []string{"web"}, func(r *rig) {
		slow := host("slow", "sleep 1h")
		slow.StopSignal = "SIGINT"
		r.assertCode(r.run(host("all", "print x", on("bad"), on("slow")), host("bad", "sleep 1s then exit 3"), slow), 3)
		if got := strings.Join(r.host.signals, ","); got != "interrupt" {
			t.Errorf("signals %q", got)
		}
	})
}
