//go:build unix

package commands_test

import (
	"context"
	"encoding/json"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"tasks/internal/testing/apptest"
	"tasks/internal/view"
)

// newInfraApp is a project that includes files with a compose project of their own. Both have a service db.
func newInfraApp(t *testing.T) (a *apptest.App, infra string) {
	t.Helper()
	a = apptest.NewApp(t, `
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
	infra = a.Project + "-infra"
	a.Write("infra/compose.yaml", `
name: `+infra+`
services:
  db:
    image: @image
    command: ["serve", "-tcp", ":5432"]
`)
	a.Write("infra/Tasks.hcl", `
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
		ctx, cancel := context.WithTimeout(context.Background(), apptest.TestTimeout)
		defer cancel()
		cmd := exec.CommandContext(ctx, "tasks", "-C", "infra", "down", "--volumes", "--yes")
		cmd.Dir, cmd.Env = a.Dir, a.Env
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("tasks down: %v\n%s", err, out)
		}
		if left := a.ContainersWithLabels("com.docker.compose.project=" + infra); len(left) > 0 {
			t.Errorf("%d containers of the included project are left", len(left))
		}
	})
	return a, infra
}

// One run touches two compose projects, and what the command line says of the project is about the files' own.
func TestIncludedFilesWithAComposeProject(t *testing.T) {
	t.Parallel()
	a, infra := newInfraApp(t)
	a.Ok("validate")
	var plan view.PlanDocument
	if err := json.Unmarshal([]byte(a.Ok("plan", "--json", "check")), &plan); err != nil {
		t.Fatal(err)
	}
	apptest.ExpectEqual(t, "projects of the plan", append([]string{plan.Project}, plan.Projects["infra:"]), []string{a.Project, infra})
	scopes := map[string]string{}
	for _, s := range plan.Steps {
		scopes[string(s.ID)] = s.Scope
	}
	apptest.ExpectEqual(t, "scope of the included service", scopes["infra:/container/db"], "infra:")
	apptest.ExpectEqual(t, "containers after a plan", len(a.Containers())+len(a.ContainersWithLabels("com.docker.compose.project="+infra)), 0)

	r := a.Tasks("run", "check")
	apptest.ExpectEqual(t, "output", r.Stdout, "outer "+a.Project+"\n")
	if r.Code != 0 || !strings.Contains(r.Stderr, "infra:seed | inner "+infra+"\n") {
		t.Errorf("code %d\n%s", r.Code, r.Stderr)
	}
	apptest.ExpectEqual(t, "services", a.States(), map[string]string{"db": "running"})
	inner := a.ContainersWithLabels("com.docker.compose.project=" + infra)
	if len(inner) != 1 || inner[0].Config.Labels["com.docker.compose.service"] != "db" {
		t.Errorf("%d containers of the included project", len(inner))
	}
	// The next run reuses both, and the included files by themselves reuse theirs.
	text := a.Ok("plan", "check")
	for _, line := range []string{"reuse   service  db", "reuse   service  infra:db"} {
		if !strings.Contains(text, line) {
			t.Errorf("the plan lacks %q:\n%s", line, text)
		}
	}
	if alone := a.Ok("-C", "infra", "plan", "seed"); !strings.Contains(alone, "it runs already") {
		t.Errorf("alone:\n%s", alone)
	}
	if shown := a.Ok("show", "infra:seed"); !strings.Contains(shown, infra) {
		t.Errorf("its call of docker compose is not of its project:\n%s", shown)
	}
	graph := a.Ok("graph")
	if !strings.Contains(graph, "infra:db") {
		t.Errorf("%s", graph)
	}
}

// A signal before the command has started takes away what was made in both projects.
func TestInterruptCleansUpAllProjects(t *testing.T) {
	t.Parallel()
	a, infra := newInfraApp(t)
	a.Write("infra/Tasks.hcl", `
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
	p := a.Start("run", "check")
	apptest.Eventually(t, "both databases", func() bool {
		return len(a.Services("db")) == 1 && len(a.ContainersWithLabels("com.docker.compose.project="+infra, "com.docker.compose.oneoff=False")) == 1
	}, p.Stderr.String)
	p.Signal(syscall.SIGINT)
	if r := p.Wait(); r.Code != 130 {
		t.Errorf("code %d\n%s", r.Code, r.Stderr)
	}
	apptest.ExpectEqual(t, "containers", len(a.Containers())+len(a.ContainersWithLabels("com.docker.compose.project="+infra)), 0)
}

func TestTwoComposeBlocksOfOneName(t *testing.T) {
	t.Parallel()
	a, _ := newInfraApp(t)
	a.Write("infra/Tasks.hcl", `
		compose {
			project = "@project"
		}

		task "seed" {
			service = "db"
		}
	`)
	for _, args := range [][]string{{"validate"}, {"run", "check"}} {
		r := a.Tasks(args...)
		if r.Code != 2 || !strings.Contains(r.Stderr, `two compose projects called "`+a.Project+`"`) || !strings.Contains(r.Stderr, "infra/Tasks.hcl:2:3") {
			t.Errorf("%q ended with %d\n%s", args, r.Code, r.Stderr)
		}
	}
}
