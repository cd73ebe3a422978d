package executor_test

import (
	"strings"
	"testing"

	"tasks/executor"
)

// TestLogsOfServicesThatFailedTasksNeed: of a command that failed, and of no other.
func TestLogsOfServicesThatFailedTasksNeed(t *testing.T) {
	talking := strings.Replace(webAndDB, "PROBE_OK_AFTER: 1s", "PROBE_OK_AFTER: 1s, STDOUT: 'a query'", 1)
	for name, test := range map[string]struct {
		code string
		once bool
		want int
	}{"fails": {code: "3", want: 1}, "succeeds": {code: "0"}, "once": {code: "3", once: true}} {
		t.Run(name, func(t *testing.T) {
			inVirtualTime(t, talking, []string{"web"}, func(r *rig) {
				task := oneOff("migrate", "web")
				task.Env, task.IsOnce = map[string]*string{"EXIT_CODE": &test.code}, test.once
				result := r.run(task)
				if len(result.ServiceLogs) != test.want {
					t.Fatalf("%d logs of services; want %d", len(result.ServiceLogs), test.want)
				}
				if want := (executor.ServiceLog{Replica: "db", Text: "a query"}); test.want > 0 && result.ServiceLogs[0] != want {
					t.Errorf("%q; want %q", result.ServiceLogs[0], want)
				}
			})
		})
	}
	inVirtualTime(t, talking, []string{"web"}, func(r *rig) {
		failing := host("lint", "exit 3")
		result := r.run(failing, oneOff("migrate", "web"))
		if len(result.ServiceLogs) != 0 {
			t.Errorf("a task that needs none has %q", result.ServiceLogs)
		}
	})
}
