package hclspec

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tasks/hclspec/internal/config"
)

// portCases are bodies of task "t" that use the host ports of service db.
var portCases = []struct {
	name, body string
	deferred   []string
	ports      []HostPort
	deps       []Dependency
	command    []string
}{
	{
		"command", `command = ["x", service.db.port["5432"]]`, []string{"command"}, []HostPort{{Service: "db", Port: "5432/tcp"}},
		[]Dependency{{Service: "db", Condition: Ready, IsRunTime: true}}, []string{"x", "49153"},
	},
	{
		"every spelling", `command = ["x", service.db.port["5432"], service["db"].port["5432/tcp"], service.db.port[5432]]`, []string{"command"},
		[]HostPort{{Service: "db", Port: "5432/tcp"}}, []Dependency{{Service: "db", Condition: Ready, IsRunTime: true}}, []string{"x", "49153", "49153", "49153"},
	},
	{
		"with attributes", `command = ["x", service.db.port["53/udp"], service.db.image, service.web.image]`, []string{"command"},
		[]HostPort{{Service: "db", Port: "53/udp"}}, []Dependency{{Service: "db", Condition: Ready, IsRunTime: true}}, []string{"x", "49200", "db:1", "web:1"},
	},
	{
		"through a local", `command = ["x", local.url]`, []string{"command"}, []HostPort{{Service: "db", Port: "5432/tcp"}},
		[]Dependency{{Service: "db", Condition: Ready, IsRunTime: true}}, []string{"x", "tcp://127.0.0.1:49153"},
	},
	{
		"env", "command = [\"x\"]\nenv = { AT = local.url }", []string{"env"}, []HostPort{{Service: "db", Port: "5432/tcp"}},
		[]Dependency{{Service: "db", Condition: Ready, IsRunTime: true}}, []string{"x"},
	},
	{
		"written already", "command = [\"x\", local.url]\ndepends_on = [service.db.started]", []string{"command"}, []HostPort{{Service: "db", Port: "5432/tcp"}},
		[]Dependency{{Service: "db", Condition: Started}}, []string{"x", "tcp://127.0.0.1:49153"},
	},
	{
		"completed is not enough", "command = [\"x\", local.url]\ndepends_on = [service.db.completed]", []string{"command"}, []HostPort{{Service: "db", Port: "5432/tcp"}},
		[]Dependency{{Service: "db", Condition: Completed}, {Service: "db", Condition: Ready, IsRunTime: true}}, []string{"x", "tcp://127.0.0.1:49153"},
	},
	{
		"arithmetic", `command = ["x", service.db.port["5432"] + 1]`, []string{"command"}, []HostPort{{Service: "db", Port: "5432/tcp"}},
		[]Dependency{{Service: "db", Condition: Ready, IsRunTime: true}}, []string{"x", "49154"},
	},
}

func TestHostPorts(t *testing.T) {
	results := RunResults{Ports: map[string]map[string]string{"db": {"5432/tcp": "49153", "53/udp": "49200"}}}
	for _, c := range portCases {
		t.Run(c.name, func(t *testing.T) {
			in := testInputs(t)
			task := evaluateOne(t, in, "locals {\n  url = \"tcp://127.0.0.1:${service.db.port[\"5432\"]}\"\n}\n\ntask \"t\" {\n"+c.body+"\n}\n", "t")
			if diff := cmp.Diff(c.deferred, task.Deferred); diff != "" {
				t.Errorf("deferred: %s", diff)
			}
			if diff := cmp.Diff(c.ports, task.HostPorts); diff != "" {
				t.Errorf("ports: %s", diff)
			}
			if diff := cmp.Diff(c.deps, task.DependsOn, ignoreRanges()); diff != "" {
				t.Errorf("dependencies: %s", diff)
			}
			got, diags := task.Resolve(results)
			if len(diags) > 0 {
				t.Fatal(diags)
			}
			if diff := cmp.Diff(c.command, got.Command); diff != "" {
				t.Error(diff)
			}
			if at := got.Env["AT"]; c.name == "env" && (at == nil || *at != "tcp://127.0.0.1:49153") {
				t.Errorf("env %v", got.Env)
			}
			if _, diags = task.Resolve(RunResults{}); !diags.HasErrors() || !strings.Contains(diags.Error(), "has no host port for it") {
				t.Errorf("without the port: %v", diags)
			}
		})
	}
}

// TestHostPortAsArgument: the run that gets the words depends on the service, as the one that gives them does.
func TestHostPortAsArgument(t *testing.T) {
	in := testInputs(t)
	f := parseFile(t, in, `
task "ping" {
  command = ["ping", arg.at]
  arg "at" {}
}

task "t" {
  depends {
    task = task.ping
    args = [service.db.port["5432"]]
  }
}
`)
	spec, diags := f.Evaluate(in, []Target{{Name: "t"}})
	if len(diags) > 0 {
		t.Fatal(diagnosticsText(f, diags))
	}
	for name, task := range spec.Tasks {
		if !config.WaitsForService(task.DependsOn, "db") || len(task.HostPorts) != 1 {
			t.Errorf("%s depends on %v, ports %v", name, task.DependsOn, task.HostPorts)
		}
		if name == "t" {
			continue
		}
		if want := `ping(service.db.port["5432"])`; name != want {
			t.Errorf("the run is called %s, want %s", name, want)
		}
		got, diags := task.Resolve(RunResults{Ports: map[string]map[string]string{"db": {"5432/tcp": "49153"}}})
		if len(diags) > 0 || got.Command[1] != "49153" {
			t.Errorf("%v, %v", got, diags)
		}
	}
}

// TestHostPortAsArgumentOfAnotherProject: each task knows the ports of its own compose project.
func TestHostPortAsArgumentOfAnotherProject(t *testing.T) {
	in := testInputs(t)
	in.IncludedProject = func(string) (Project, error) { return namedProject{fakeProject{"db"}, "inner"}, nil }
	at := func(name, text string) Source {
		return Source{Name: name, Path: filepath.Join(in.Root, name), Bytes: []byte(text)}
	}
	inner := at("infra/Tasks.hcl", "compose {}\n\ntask \"ping\" {\n  command = [\"ping\", arg.at]\n  arg \"at\" {}\n}\n")
	f, diags := Parser{ReadInclude: includeFrom([]Source{inner})}.Parse([]Source{at("Tasks.hcl", `
include "infra" {
  source = "infra/Tasks.hcl"
}

task "t" {
  depends {
    task = task["infra:ping"]
    args = [service.db.port["5432"]]
  }
}
`)})
	if diags.HasErrors() {
		t.Fatal(diagnosticsText(f, diags))
	}
	_, diags = f.Evaluate(in, []Target{{Name: "t"}})
	if said := diagnosticsText(f, diags); !strings.Contains(said, `Tasks.hcl:9:13: error: service.db.port["5432"] is not known to task "infra:ping"`) {
		t.Errorf("said:\n%s", said)
	}
}

// TestHostPortIsShown: for people it stands as what it is called.
func TestHostPortIsShown(t *testing.T) {
	in := testInputs(t)
	f := parseFile(t, in, "task \"t\" {\n  command = [\"x\", service.db.port[\"5432/tcp\"]]\n}\n")
	shown, diags := f.Show(in, "t")
	if len(diags) > 0 {
		t.Fatal(diagnosticsText(f, diags))
	}
	if shown.Task.Command[1] != `<service.db.port["5432"]>` || len(shown.Deferred) != 1 {
		t.Errorf("%q, %q", shown.Task.Command, shown.Deferred)
	}
}
