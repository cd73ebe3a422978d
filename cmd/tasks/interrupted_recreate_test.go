package main

import (
	"strings"
	"syscall"
	"testing"
)

const replacedCompose = `
services:
  web:
    image: "@image"
    depends_on: [db]
  db:
    image: "@image"
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
			a := newApp(t, "services: {}", reusedTasks)
			compose := func(setting, hook string) {
				a.write("compose.yaml", strings.NewReplacer("@setting", setting, "@hook", hook).Replace(replacedCompose)+"name: @project\n")
			}
			compose("one", "")
			a.ok("run", "hi")
			compose("two", `pre_stop: [{command: ["sleep", "600"]}]`)
			cut := a.start("run", "hi")
			eventually(t, "the replacement", func() bool { return len(a.services("db")) == 2 })
			cut.signal(syscall.SIGKILL)
			cut.wait()
			compose(next, "")
			expectEqual(t, "plan", strings.Contains(a.start("plan", "hi").wait().stdout, "left over from an interrupted recreate of "+a.project+"-db-1"), true)
			a.ok("run", "hi")
			db := a.service("db") // there is one
			expectEqual(t, "name", db.Name, "/"+a.project+"-db-1")
			expectEqual(t, "state", db.State.Running, true)
			expectEqual(t, "configuration", strings.Contains(strings.Join(db.Config.Env, " "), "SETTING="+next), true)
			expectEqual(t, "notes", a.countJournalEntries(), 0)
		})
	}
}

// TestFailureDuringRecreate: a failed run takes back what it was about to put in the service's place.
func TestFailureDuringRecreate(t *testing.T) {
	t.Parallel()
	a := newApp(t, "services: {}", reusedTasks+`
task "broken" {
  script = "sleep 2; exit 3"
}
task "both" {
  depends_on = [task.hi, task.broken]
}
`)
	compose := func(setting, hook string) {
		a.write("compose.yaml", strings.NewReplacer("@setting", setting, "@hook", hook).Replace(replacedCompose)+"name: @project\n")
	}
	compose("one", "")
	a.ok("run", "hi")
	before := a.service("db").ID
	compose("two", `pre_stop: [{command: ["sleep", "600"]}]`)
	expectEqual(t, "exit code", a.tasks("run", "both").code, 3)
	expectEqual(t, "the service's container", a.service("db").ID, before)
	compose("one", "")
}
