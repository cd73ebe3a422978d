package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/moby/moby/client"
)

// inventory is everything of the project on the engine, with its state.
func (a *testApp) inventory() []string {
	a.t.Helper()
	filter := make(client.Filters).Add("label", "com.docker.compose.project="+a.project)
	var all []string
	for _, c := range a.containers() {
		all = append(all, "container "+c.Name+" "+c.ID+" "+string(c.State.Status)+" "+c.State.StartedAt)
	}
	networks, err := a.engine.NetworkList(a.t.Context(), client.NetworkListOptions{Filters: filter})
	if err != nil {
		a.t.Fatal(err)
	}
	for _, n := range networks.Items {
		all = append(all, "network "+n.Name+" "+n.ID)
	}
	volumes, err := a.engine.VolumeList(a.t.Context(), client.VolumeListOptions{Filters: filter})
	if err != nil {
		a.t.Fatal(err)
	}
	for _, v := range volumes.Items {
		all = append(all, "volume "+v.Name+" "+v.CreatedAt)
	}
	slices.Sort(all)
	return all
}

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
	a := newApp(t, planAndDownCompose, reusedTasks)
	calls := [][]string{{"plan", "hi"}, {"run", "-n", "hi"}, {"run", "--dry-run", "hi"}, {"list"}}
	check := func(when, verb string) {
		t.Helper()
		before := a.inventory()
		for _, call := range calls {
			out := a.ok(call...)
			if call[0] != "list" && !strings.Contains(out, verb) {
				t.Errorf("%s, tasks %q says nothing of %q:\n%s", when, call, verb, out)
			}
			expectEqual(t, when+", after "+strings.Join(call, " "), a.inventory(), before)
		}
	}
	check("before anything", "create  service  db")
	a.ok("run", "hi")
	expectEqual(t, "made by the run", countByKind(a.inventory()), map[string]int{"container": 1, "network": 1, "volume": 1})
	check("while the service runs", "reuse   service  db")
	a.write("compose.yaml", strings.Replace(planAndDownCompose, "one", "two", 1)+"name: @project\n")
	check("with a changed service", "recreate  service  db")
}

func TestDownRemovesContainersAndNetworks(t *testing.T) {
	t.Parallel()
	a := newApp(t, planAndDownCompose, reusedTasks+`
		task "kept" {
			image   = "@image"
			rm      = false
			command = ["true"]
		}
	`)
	a.ok("run", "hi")
	if r := a.start("run", "kept").wait(); r.code != 0 {
		t.Errorf("%+v", r)
	}
	expectEqual(t, "before", countByKind(a.inventory()), map[string]int{"container": 2, "network": 1, "volume": 1})
	r := a.tasks("down")
	if r.code != 0 || !strings.Contains(r.stderr, "removed") {
		t.Errorf("%+v", r)
	}
	expectEqual(t, "after", countByKind(a.inventory()), map[string]int{"volume": 1})
	if r := a.tasks("down"); r.code != 0 || !strings.Contains(r.stderr, "nothing to remove") {
		t.Errorf("a second time: %+v", r)
	}
}

func TestDownAsksBeforeRemovingData(t *testing.T) {
	t.Parallel()
	a := newApp(t, planAndDownCompose, reusedTasks)
	a.ok("run", "hi")
	before := a.inventory()
	r := a.tasks("down", "--volumes")
	if r.code != 125 || !strings.Contains(r.stderr, "volume "+a.project+"_data holds data: remove it? Answer with --yes") {
		t.Errorf("%+v", r)
	}
	expectEqual(t, "what is there", a.inventory(), before)
	a.ok("down", "--volumes", "--yes")
	expectEqual(t, "after --yes", a.inventory(), nil)
}

func TestDownAsksBeforeRemovingRunningOneOff(t *testing.T) {
	t.Parallel()
	a := newApp(t, planAndDownCompose, reusedTasks+`
		task "long" {
			service = "web"
			command = ["signals"]
		}
	`)
	p := a.start("run", "long")
	p.waitOutput("ready")
	before := a.inventory()
	r := a.start("down").wait()
	whose := fmt.Sprintf("(task long, process %d on ", p.cmd.Process.Pid)
	if r.code != 125 || !strings.Contains(r.stderr, whose) || !strings.Contains(r.stderr, ") is running: remove it? Answer with --yes") {
		t.Errorf("%+v", r)
	}
	expectEqual(t, "what is there", a.inventory(), before)
	if r := a.start("down", "--yes").wait(); r.code != 0 {
		t.Errorf("with --yes: %+v", r)
	}
	expectEqual(t, "after --yes", countByKind(a.inventory()), map[string]int{"volume": 1})
	if r := p.wait(); r.code == 0 {
		t.Errorf("the run whose container was taken: %+v", r)
	}
}

// down goes by the labels: what the compose file has lost is removed too.
func TestDownRemovesUndeclared(t *testing.T) {
	t.Parallel()
	a := newApp(t, planAndDownCompose, reusedTasks)
	a.ok("run", "hi")
	a.write("compose.yaml", "services:\n  web:\n    image: @image\nname: @project\n")
	a.ok("down")
	expectEqual(t, "after", countByKind(a.inventory()), map[string]int{"volume": 1})
}
