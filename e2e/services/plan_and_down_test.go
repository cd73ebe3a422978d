//go:build unix

package services_test

import (
	"fmt"
	"strings"
	"testing"

	"tasks/internal/testing/apptest"
)

// countByKind counts an inventory.
func countByKind(inventory []string) map[string]int {
	count := map[string]int{}
	for _, line := range inventory {
		kind, _, _ := strings.Cut(line, " ")
		count[kind]++
	}
	return count
}

const planAndDownCompose = `
services:
  web:
    image: @image
    depends_on: [db]
  db:
    image: @image
    command: ["sleep", "infinity"]
    environment: { SETTING: "one" }
    volumes: ["data:/data"]
volumes:
  data: {}
`

func TestPlanTouchesNothing(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, planAndDownCompose, reusedTasks)
	calls := [][]string{{"plan", "hi"}, {"run", "-n", "hi"}, {"run", "--dry-run", "hi"}, {"list"}}
	check := func(when, verb string) {
		t.Helper()
		before := a.Inventory()
		for _, call := range calls {
			out := a.Ok(call...)
			if call[0] != "list" && !strings.Contains(out, verb) {
				t.Errorf("%s, tasks %q says nothing of %q:\n%s", when, call, verb, out)
			}
			apptest.ExpectEqual(t, when+", after "+strings.Join(call, " "), a.Inventory(), before)
		}
	}
	check("before anything", "create  service  db")
	a.Ok("run", "hi")
	apptest.ExpectEqual(t, "made by the run", countByKind(a.Inventory()), map[string]int{"container": 1, "network": 1, "volume": 1})
	check("while the service runs", "reuse   service  db")
	a.Write("compose.yaml", strings.Replace(planAndDownCompose, "one", "two", 1)+"name: @project\n")
	check("with a changed service", "recreate  service  db")
}

func TestDownRemovesContainersAndNetworks(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, planAndDownCompose, reusedTasks+`
		task "kept" {
			image   = "@image"
			rm      = false
			command = ["true"]
		}
	`)
	a.Ok("run", "hi")
	if r := a.Start("run", "kept").Wait(); r.Code != 0 {
		t.Errorf("%+v", r)
	}
	apptest.ExpectEqual(t, "before", countByKind(a.Inventory()), map[string]int{"container": 2, "network": 1, "volume": 1})
	r := a.Tasks("down")
	if r.Code != 0 || !strings.Contains(r.Stderr, "removed") {
		t.Errorf("%+v", r)
	}
	apptest.ExpectEqual(t, "after", countByKind(a.Inventory()), map[string]int{"volume": 1})
	if r := a.Tasks("down"); r.Code != 0 || !strings.Contains(r.Stderr, "nothing to remove") {
		t.Errorf("a second time: %+v", r)
	}
}

func TestDownAsksBeforeRemovingData(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, planAndDownCompose, reusedTasks)
	a.Ok("run", "hi")
	before := a.Inventory()
	r := a.Tasks("down", "--volumes")
	if r.Code != 125 || !strings.Contains(r.Stderr, "volume "+a.Project+"_data, with its data\n") || !strings.Contains(r.Stderr, "Remove all of this? Answer with --yes") {
		t.Errorf("%+v", r)
	}
	apptest.ExpectEqual(t, "what is there", a.Inventory(), before)
	a.Ok("down", "--volumes", "--yes")
	apptest.ExpectEqual(t, "after --yes", a.Inventory(), nil)
}

func TestDownAsksBeforeRemovingRunningOneOff(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, planAndDownCompose, reusedTasks+`
		task "long" {
			service = "web"
			command = ["signals"]
		}
	`)
	p := a.Start("run", "long")
	p.WaitOutput("ready")
	before := a.Inventory()
	r := a.Start("down").Wait()
	whose := fmt.Sprintf("(task long, process %d on ", p.Cmd.Process.Pid)
	if r.Code != 125 || !strings.Contains(r.Stderr, whose) || !strings.Contains(r.Stderr, "), running\n") || !strings.Contains(r.Stderr, "Remove all of this? Answer with --yes") {
		t.Errorf("%+v", r)
	}
	apptest.ExpectEqual(t, "what is there", a.Inventory(), before)
	if r := a.Start("down", "--yes").Wait(); r.Code != 0 {
		t.Errorf("with --yes: %+v", r)
	}
	apptest.ExpectEqual(t, "after --yes", countByKind(a.Inventory()), map[string]int{"volume": 1})
	if r := p.Wait(); r.Code == 0 {
		t.Errorf("the run whose container was taken: %+v", r)
	}
}

// down goes by the labels: what the compose file has lost is removed too.
func TestDownRemovesUndeclared(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, planAndDownCompose, reusedTasks)
	a.Ok("run", "hi")
	a.Write("compose.yaml", "services:\n  web:\n    image: @image\nname: @project\n")
	a.Ok("down")
	apptest.ExpectEqual(t, "after", countByKind(a.Inventory()), map[string]int{"volume": 1})
}
