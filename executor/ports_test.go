package executor_test

import (
	"strings"
	"testing"
	"time"

	"tasks/hclspec"
)

const portsYAML = `
services:
  db:
    image: db
    ports: ["5432", "8080:80"]
    environment: {SLEEP: forever, STDOUT: "no place\n"}
`

// portTask is a host task that prints the host port of a service.
func portTask(t *testing.T, r *rig, body string) *hclspec.Task {
	t.Helper()
	in := hclspec.Inputs{
		Root: t.TempDir(), Env: func(string) (string, bool) { return "", false }, Environ: func() []string { return nil },
		Project: func() (hclspec.Project, error) { return r.project, nil },
	}
	f, diags := hclspec.Parse([]hclspec.Source{{Name: "Tasks.hcl", Path: in.Root + "/Tasks.hcl", Bytes: []byte("task \"t\" {\n" + body + "\n}\n")}})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	spec, diags := f.Evaluate(in, []hclspec.Target{{Name: "t"}})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return spec.Tasks["t"]
}

func TestHostPortReachesTheCommand(t *testing.T) {
	inVirtualTime(t, portsYAML, []string{"db"}, func(r *rig) {
		r.assertCode(r.run(portTask(t, r, `command = ["print", "${service.db.port["5432"]} ${service.db.port["80/tcp"]}"]`)), 0)
		state, err := r.engine.InspectContainer(t.Context(), "app-db-1")
		if err != nil {
			t.Fatal(err)
		}
		if want := state.HostPorts["5432/tcp"] + " 8080\n"; r.observer.out.String() != want || len(want) < 8 {
			t.Errorf("printed %q, want %q", r.observer.out.String(), want)
		}
		if !r.observer.has("done ports/db look") {
			t.Errorf("seen:\n%s", strings.Join(r.observer.lines(), "\n"))
		}
	})
}

func TestHostPortReachesAOneOff(t *testing.T) {
	inVirtualTime(t, portsYAML, []string{"db"}, func(r *rig) {
		r.assertCode(r.run(portTask(t, r, "service = \"db\"\nenv = { STDOUT = service.db.port[\"80\"], SLEEP = \"0s\" }")), 0)
		if got := r.observer.out.String(); got != "8080" {
			t.Errorf("printed %q", got)
		}
	})
}

func TestHostPortOfWhatHasEnded(t *testing.T) {
	yaml := strings.Replace(portsYAML, "SLEEP: forever", "EXIT_CODE: 3", 1)
	inVirtualTime(t, yaml, []string{"db"}, func(r *rig) {
		r.engine.Delay("InspectContainer", time.Second)
		task := portTask(t, r, "command = [\"print\", service.db.port[\"80\"]]\ndepends_on = [service.db.started]")
		got := r.run(task)
		r.assertCode(got, 125)
		if want := "dependency service db exited with code 3 before its host port was known\nits last log lines:\n  no place"; got.Err == nil || got.Err.Error() != want {
			t.Errorf("%v, want %s", got.Err, want)
		}
	})
}

func TestHostPortWithoutDependencies(t *testing.T) {
	inVirtualTime(t, portsYAML, []string{"db"}, func(r *rig) {
		task := portTask(t, r, `command = ["print", service.db.port["80"]]`)
		task.NoDeps = true
		got := r.run(task)
		r.assertCode(got, 125)
		if want := "service db does not run, and no_deps keeps it from being started, so that it has no host port for 80/tcp: take no_deps out, or start it first"; got.Err == nil || got.Err.Error() != want {
			t.Errorf("%v, want %s", got.Err, want)
		}
		r.assertRemaining()
		r.assertCode(r.run(host("start", "print x", hclspec.Dependency{Service: "db", Condition: hclspec.Started})), 0)
		r.assertCode(r.run(task), 0)
		if got := r.observer.out.String(); got != "x\n8080\n" {
			t.Errorf("printed %q", got)
		}
	})
}

func TestHostPortThatTheEngineDoesNotGive(t *testing.T) {
	inVirtualTime(t, portsYAML, []string{"db"}, func(r *rig) {
		task := portTask(t, r, `command = ["print", service.db.port["80"]]`)
		task.HostPorts = []hclspec.HostPort{{Service: "db", Port: "81/tcp"}}
		got := r.run(task)
		r.assertCode(got, 125)
		if got.Err == nil || !strings.Contains(got.Err.Error(), "the engine gave it no host port for 81/tcp") {
			t.Errorf("%v", got.Err)
		}
	})
}
