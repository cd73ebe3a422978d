package main

import (
	"context"
	"encoding/json"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"tasks/internal/view"
)

// newInfraApp is a project that includes files with a compose project of their own. Both have a service db.
func newInfraApp(t *testing.T) (a *testApp, infra string) {
	t.Helper()
	a = newApp(t, `
services:
  web:
    image: @image
    depends_on: [db]
  db:
    image: @image
    command: ["sleep", "infinity"]
`, `
		include "infra" { source = "infra" }

		task "check" {
			service    = "web"
			depends_on = [task["infra:seed"]]
			command    = ["echo", "outer", project.name]
		}
	`)
	infra = a.project + "-infra"
	a.write("infra/compose.yaml", `
name: `+infra+`
services:
  db:
    image: @image
    command: ["serve", "-tcp", ":5432"]
`)
	a.write("infra/Tasks.hcl", `
		compose { }

		service "db" {
			ready { tcp = 5432 }
		}

		task "seed" {
			service    = "db"
			depends_on = [service.db]
			command    = ["sh", "-c", "probe tcp db:5432 && echo inner ${project.name}"]
		}
	`)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), testTimeout)
		defer cancel()
		cmd := exec.CommandContext(ctx, "tasks", "-C", "infra", "down", "--volumes", "--yes")
		cmd.Dir, cmd.Env = a.dir, a.env
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("tasks down: %v\n%s", err, out)
		}
		if left := a.containersWithLabels("com.docker.compose.project=" + infra); len(left) > 0 {
			t.Errorf("%d containers of the included project are left", len(left))
		}
	})
	return a, infra
}

// One run touches two compose projects, and what the command line says of the project is about the files' own.
func TestIncludedFilesWithAComposeProject(t *testing.T) {
	t.Parallel()
	a, infra := newInfraApp(t)
	a.ok("validate")
	var plan view.PlanDocument
	if err := json.Unmarshal([]byte(a.ok("plan", "--json", "check")), &plan); err != nil {
		t.Fatal(err)
	}
	expectEqual(t, "projects of the plan", append([]string{plan.Project}, plan.Projects["infra:"]), []string{a.project, infra})
	scopes := map[string]string{}
	for _, s := range plan.Steps {
		scopes[string(s.ID)] = s.Scope
	}
	expectEqual(t, "scope of the included service", scopes["infra:/container/db"], "infra:")
	expectEqual(t, "containers after a plan", len(a.containers())+len(a.containersWithLabels("com.docker.compose.project="+infra)), 0)

	r := a.tasks("run", "check")
	expectEqual(t, "output", r.stdout, "outer "+a.project+"\n")
	if r.code != 0 || !strings.Contains(r.stderr, "infra:seed | inner "+infra+"\n") {
		t.Errorf("code %d\n%s", r.code, r.stderr)
	}
	expectEqual(t, "services", a.states(), map[string]string{"db": "running"})
	inner := a.containersWithLabels("com.docker.compose.project=" + infra)
	if len(inner) != 1 || inner[0].Config.Labels["com.docker.compose.service"] != "db" {
		t.Errorf("%d containers of the included project", len(inner))
	}
	// The next run reuses both, and the included files by themselves reuse theirs.
	text := a.ok("plan", "check")
	for _, line := range []string{"reuse   service  db", "reuse   service  infra:db"} {
		if !strings.Contains(text, line) {
			t.Errorf("the plan lacks %q:\n%s", line, text)
		}
	}
	if alone := a.ok("-C", "infra", "plan", "seed"); !strings.Contains(alone, "it runs already") {
		t.Errorf("alone:\n%s", alone)
	}
	if shown := a.ok("show", "infra:seed"); !strings.Contains(shown, infra) {
		t.Errorf("its call of docker compose is not of its project:\n%s", shown)
	}
	graph := a.ok("graph")
	if !strings.Contains(graph, "infra:db") {
		t.Errorf("%s", graph)
	}
}

// A signal before the command has started takes away what was made in both projects.
func TestInterruptCleansUpAllProjects(t *testing.T) {
	t.Parallel()
	a, infra := newInfraApp(t)
	a.write("infra/Tasks.hcl", `
		compose { }

		service "db" {
			ready { tcp = 9 }
		}

		task "seed" {
			service    = "db"
			depends_on = [service.db]
			command    = ["true"]
		}
	`)
	p := a.start("run", "check")
	eventually(t, "both databases", func() bool {
		return len(a.services("db")) == 1 && len(a.containersWithLabels("com.docker.compose.project="+infra, "com.docker.compose.oneoff=False")) == 1
	}, p.stderr.String)
	p.signal(syscall.SIGINT)
	if r := p.wait(); r.code != 130 {
		t.Errorf("code %d\n%s", r.code, r.stderr)
	}
	expectEqual(t, "containers", len(a.containers())+len(a.containersWithLabels("com.docker.compose.project="+infra)), 0)
}

func TestTwoComposeBlocksOfOneName(t *testing.T) {
	t.Parallel()
	a, _ := newInfraApp(t)
	a.write("infra/Tasks.hcl", `
		compose {
			project = "@project"
		}

		task "seed" {
			service = "db"
		}
	`)
	for _, args := range [][]string{{"validate"}, {"run", "check"}} {
		r := a.tasks(args...)
		if r.code != codeUsage || !strings.Contains(r.stderr, `two compose projects called "`+a.project+`"`) || !strings.Contains(r.stderr, "infra/Tasks.hcl:2:3") {
			t.Errorf("%q ended with %d\n%s", args, r.code, r.stderr)
		}
	}
}
