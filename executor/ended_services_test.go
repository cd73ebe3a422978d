package executor_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"tasks/hclspec"
)

// TestEndedServices: a service that has failed, and that the command needs only started, is named once.
func TestEndedServices(t *testing.T) {
	for name, test := range map[string]struct {
		db, web, condition string
		isHost, isTold     bool
		code               int
	}{
		"failed before the command":    {db: "EXIT_CODE: '4'", web: "SLEEP: 1s", isTold: true},
		"failed, and so the command":   {db: "EXIT_CODE: '4'", web: "{SLEEP: 1s, EXIT_CODE: '1'}", isTold: true, code: 1},
		"failed during the command":    {db: "{SLEEP: 4s, EXIT_CODE: '4'}", web: "{SLEEP: 5s, EXIT_CODE: '1'}", isTold: true, code: 1},
		"failed beside a good command": {db: "{SLEEP: 4s, EXIT_CODE: '4'}", web: "SLEEP: 5s"},
		"ended well":                   {db: "EXIT_CODE: '0'", web: "{SLEEP: 1s, EXIT_CODE: '1'}", code: 1},
		"runs":                         {db: "SLEEP: 10h", web: "{SLEEP: 1s, EXIT_CODE: '1'}", code: 1},
		"a command on the host":        {db: "EXIT_CODE: '4'", web: "SLEEP: 1s", isHost: true, isTold: true},
	} {
		t.Run(name, func(t *testing.T) {
			wrap := func(env string) string {
				if strings.HasPrefix(env, "{") {
					return env
				}
				return "{" + env + "}"
			}
			yaml := fmt.Sprintf("services:\n"+
				"  web: {image: web, depends_on: {db: {condition: service_started}, slow: "+
				"{condition: service_completed_successfully}}, environment: %s}\n"+
				"  slow: {image: slow, environment: {SLEEP: 2s, EXIT_CODE: '0'}}\n"+ // db may end before the command
				"  db: {image: db, environment: %s}\n", wrap(test.web), wrap(test.db))
			inVirtualTime(t, yaml, []string{"web"}, func(r *rig) {
				task := oneOff("test", "web")
				if test.isHost {
					task = host("test", "sleep 1s", hclspec.Dependency{Service: "db", Condition: hclspec.Started},
						hclspec.Dependency{Service: "slow", Condition: hclspec.Completed})
				}
				r.assertCode(r.run(task), test.code)
				told := slices.DeleteFunc(r.observer.lines(), func(line string) bool {
					return !strings.HasPrefix(line, "warned") || !strings.Contains(line, "service db has ended with exit code 4")
				})
				if want := map[bool]int{true: 1}[test.isTold]; len(told) != want {
					t.Errorf("told %q, want %d in\n%s", told, want, strings.Join(r.observer.lines(), "\n"))
				}
			})
		})
	}
}

// TestEndedServicesOfAWarmRun: a service that ran before needs no look at the start of the command.
func TestEndedServicesOfAWarmRun(t *testing.T) {
	const yaml = "services:\n" +
		"  web: {image: web, depends_on: {db: {condition: service_started}}, environment: {SLEEP: 1s}}\n" +
		"  db: {image: db, environment: {SLEEP: 10h}}\n"
	inVirtualTime(t, yaml, []string{"web"}, func(r *rig) {
		r.assertCode(r.run(oneOff("test", "web")), 0)
		cold := len(r.engine.CallsOf("InspectContainer"))
		r.assertCode(r.run(oneOff("test", "web")), 0)
		if warm := len(r.engine.CallsOf("InspectContainer")) - cold; warm >= cold {
			t.Errorf("%d looks in the warm run, %d in the cold one", warm, cold)
		}
	})
}
