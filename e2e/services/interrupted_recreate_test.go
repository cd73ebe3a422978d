//go:build unix

package services_test

import (
	"strings"
	"syscall"
	"testing"

	"tasks/internal/testing/apptest"
)

const replacedCompose = `
services:
  web:
    @offline
    depends_on: [db]
  db:
    @offline
    command: ["signals"]
    environment: { SETTING: "@setting" }
    stop_grace_period: 1s
    @hook
`

// TestCrashDuringRecreate: what the dead run was to put in the service's place is gone, and the service is whole,
// after the next run, whether that has anything to replace or not.
func TestCrashDuringRecreate(t *testing.T) {
	t.Parallel()
	for name, next := range map[string]string{"another configuration": "three", "the old one": "one"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := apptest.NewApp(t, "services: {}", reusedTasks)
			compose := func(setting, hook string) {
				a.Write("compose.yaml", strings.NewReplacer("@setting", setting, "@hook", hook).Replace(replacedCompose)+"name: @project\n")
			}
			compose("one", "")
			a.Ok("run", "hi")
			compose("two", `pre_stop: [{command: ["sleep", "600"]}]`)
			cut := a.Start("run", "hi")
			apptest.Eventually(t, "the replacement", func() bool { return len(a.Services("db")) == 2 })
			cut.Signal(syscall.SIGKILL)
			cut.Wait()
			compose(next, "")
			apptest.ExpectEqual(t, "plan", strings.Contains(a.Start("plan", "hi").Wait().Stdout, "left over from an interrupted recreate of "+a.Project+"-db-1"), true)
			a.Ok("run", "hi")
			db := a.Service("db") // there is one
			apptest.ExpectEqual(t, "name", db.Name, "/"+a.Project+"-db-1")
			apptest.ExpectEqual(t, "state", db.State.Running, true)
			apptest.ExpectEqual(t, "configuration", strings.Contains(strings.Join(db.Config.Env, " "), "SETTING="+next), true)
			apptest.ExpectEqual(t, "notes", a.CountJournalEntries(), 0)
		})
	}
}

// TestFailureDuringRecreate: a failed run takes back what it was about to put in the service's place.
func TestFailureDuringRecreate(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, "services: {}", reusedTasks+`
task "broken" {
  script = "sleep 2; exit 3"
}
task "both" {
  depends_on = [task.hi, task.broken]
}
`)
	compose := func(setting, hook string) {
		a.Write("compose.yaml", strings.NewReplacer("@setting", setting, "@hook", hook).Replace(replacedCompose)+"name: @project\n")
	}
	compose("one", "")
	a.Ok("run", "hi")
	before := a.Service("db").ID
	compose("two", `pre_stop: [{command: ["sleep", "600"]}]`)
	apptest.ExpectEqual(t, "exit code", a.Tasks("run", "both").Code, 3)
	apptest.ExpectEqual(t, "the service's container", a.Service("db").ID, before)
	compose("one", "")
}
