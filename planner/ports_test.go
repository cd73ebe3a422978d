package planner

import (
	"strings"
	"testing"

	"tasks/hclspec"
	"tasks/planner/observed"
)

const portsProject = `
services:
  db:
    image: x
    ports: ["5432", "53/udp"]
`

func portTask(name string, ports ...string) *hclspec.Task {
	t := hostTask(name, hclspec.Dependency{Service: "db", Condition: hclspec.Ready, IsRunTime: true})
	t.Deferred = []string{"command"}
	for _, p := range ports {
		t.HostPorts = append(t.HostPorts, hclspec.HostPort{Service: "db", Port: p})
	}
	return t
}

func needs(s *Step, id StepID) bool {
	for _, n := range s.Needs {
		if n.Step == id {
			return true
		}
	}
	return false
}

// TestHostPortsAreLookedAtAfterTheStart: all tasks share an inspection, and tasks that only wait for the service
// need none.
func TestHostPortsAreLookedAtAfterTheStart(t *testing.T) {
	a, b := portTask("a", "5432/tcp"), portTask("b", "53/udp")
	a.DependsOn = append(a.DependsOn, onTask("b"), onTask("c"))
	c := serviceTask("c", "db")
	c.HostPorts, c.Deferred, c.DependsOn = a.HostPorts, a.Deferred, b.DependsOn
	project := load(t, portsProject, "db")
	p := mustBuild(t, Input{Spec: spec(a, b, c), Project: project, Snapshot: &observed.Snapshot{Images: map[string]observed.Image{}}})
	look := step(t, p, "ports/db")
	if !needs(look, "start/db") || look.Verb != Inspect || strings.Count(p.String(), "look") != 1 {
		t.Errorf("needs %v in\n%s", look.Needs, p)
	}
	if want := "which host port was given for 53/udp, 5432/tcp"; look.Reason.String() != want {
		t.Errorf("reason %q, want %q", look.Reason.String(), want)
	}
	for _, id := range []StepID{"task/a", "task/b", "create/c"} {
		if !needs(step(t, p, id), "ports/db") {
			t.Errorf("%s does not need the ports in\n%s", id, p)
		}
	}
}

// TestHostPortsWithoutDependencies: no_deps uses the existing container, but waits for a start by the run.
func TestHostPortsWithoutDependencies(t *testing.T) {
	alone, other := portTask("a", "5432/tcp"), hostTask("b", onService("db", hclspec.Started))
	alone.NoDeps = true
	project := load(t, portsProject, "db")
	observed := upToDate(t, project)
	p := mustBuild(t, Input{Spec: spec(alone), Project: project, Snapshot: observed})
	if look := step(t, p, "ports/db"); len(look.Needs) > 0 || look.Action.(*InspectPorts).Existing != observed.Containers[0] || len(p.Steps) != 2 {
		t.Errorf("plan\n%s", p)
	}
	if !NeedsEngine(spec(alone)) {
		t.Error("no engine is needed")
	}
	alone.DependsOn = append(alone.DependsOn, onTask("b"))
	p = mustBuild(t, Input{Spec: spec(alone, other), Project: project, Snapshot: observed})
	if !needs(step(t, p, "ports/db"), "start/db") {
		t.Errorf("plan\n%s", p)
	}
}
