package executor_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"tasks/executor"
)

// TestLogsOfServicesThatFailedTasksNeed: the log of a service appears only where something happened to the service.
func TestLogsOfServicesThatFailedTasksNeed(t *testing.T) {
	talking := strings.Replace(webAndDB, "PROBE_OK_AFTER: 1s", "PROBE_OK_AFTER: 1s, STDOUT: 'a query'", 1)
	for name, test := range map[string]struct {
		settings, code string
		once           bool
		want           []executor.ServiceLog
	}{
		"runs well":     {code: "3", want: []executor.ServiceLog{{Replica: "db", Service: "db"}}},
		"task succeeds": {code: "0"},
		"once":          {code: "3", once: true},
		"exits": {
			settings: "SLEEP: 2s, EXIT_CODE: '4', ", code: "3",
			want: []executor.ServiceLog{{Replica: "db", Service: "db", Problem: "exited with code 4", Text: "a query"}},
		},
		"is killed": {
			settings: "SLEEP: 2s, EXIT_CODE: '137', OUT_OF_MEMORY: '1', ", code: "3",
			want: []executor.ServiceLog{{Replica: "db", Service: "db", Problem: "exited with code 137: out of memory", Text: "a query"}},
		},
		"turns unhealthy": {
			settings: "UNHEALTHY_AFTER: 2s, ", code: "3",
			want: []executor.ServiceLog{{Replica: "db", Service: "db", Problem: "is unhealthy", Text: "a query"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			yaml := strings.Replace(talking, "PROBE_OK_AFTER", test.settings+"PROBE_OK_AFTER", 1)
			inVirtualTime(t, yaml, []string{"web"}, func(r *rig) {
				task, pause := oneOff("migrate", "web"), "3s"
				task.Env, task.IsOnce = map[string]*string{"EXIT_CODE": &test.code, "SLEEP": &pause}, test.once
				result := r.run(task)
				if diff := cmp.Diff(test.want, result.ServiceLogs, cmpopts.EquateEmpty()); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
	inVirtualTime(t, talking, []string{"web"}, func(r *rig) {
		task, code := transient(oneOff("migrate", "web")), "3"
		task.Env = map[string]*string{"EXIT_CODE": &code}
		want := []executor.ServiceLog{{Replica: "db", Service: "db", Text: "a query", IsTransient: true}}
		if diff := cmp.Diff(want, r.run(task).ServiceLogs); diff != "" {
			t.Error("a transient service, whose log goes with the end of the session:", diff)
		}
	})
	inVirtualTime(t, talking, []string{"web"}, func(r *rig) {
		failing := host("lint", "exit 3")
		result := r.run(failing, oneOff("migrate", "web"))
		if len(result.ServiceLogs) != 0 {
			t.Errorf("a task that needs none has %+v", result.ServiceLogs)
		}
	})
}

// A restart of a service during the run counts, a restart before the run does not.
func TestLogOfARestartedService(t *testing.T) {
	yaml := strings.Replace(webAndDB, "PROBE_OK_AFTER: 1s", "PROBE_OK_AFTER: 1s, SLEEP: 2s, EXIT_CODE: '1', STDOUT: begin", 1)
	yaml = strings.Replace(yaml, "  db:\n", "  db:\n    restart: always\n", 1)
	inVirtualTime(t, yaml, []string{"web"}, func(r *rig) {
		task, code, pause := oneOff("migrate", "web"), "3", "3s"
		task.Env = map[string]*string{"EXIT_CODE": &code, "SLEEP": &pause}
		result := r.run(task)
		if logs := result.ServiceLogs; len(logs) != 1 || logs[0].Problem != "restarted once" || !strings.Contains(logs[0].Text, "begin") {
			t.Errorf("%+v", logs)
		}
	})
}

// The engine knows why it killed the container of a task.
func TestOutOfMemoryIsTheReasonOfAnExitCode(t *testing.T) {
	inVirtualTime(t, webAndDB, []string{"web"}, func(r *rig) {
		task, code, yes := oneOff("hungry", "web"), "137", "1"
		task.Env = map[string]*string{"EXIT_CODE": &code, "OUT_OF_MEMORY": &yes}
		result := r.run(task)
		if r.assertCode(result, 137); len(result.Failures) != 1 || result.Failures[0].ExitReason != "out of memory" {
			t.Errorf("%+v", result.Failures)
		}
	})
}

// Each active step is asked to end after a failure, and its end is reported.
func TestCancelledStepsAreReported(t *testing.T) {
	inVirtualTime(t, webAndDB, []string{"web"}, func(r *rig) {
		r.run(host("all", "exit 0", on("slow"), on("fails")), host("slow", "sleep 1h"), host("fails", "sleep 1s then exit 3"))
		for _, line := range []string{"stopping task/slow", "cancelled task/slow"} {
			if !r.observer.has(line) {
				t.Errorf("no %q in %q", line, r.observer.lines())
			}
		}
	})
}
