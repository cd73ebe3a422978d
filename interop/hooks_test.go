package interop

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/moby/moby/api/types/container"
)

// Each hook writes into a volume what it is, and what it has from the service.
const withHooks = `
services:
  web:
    image: @image
    command: ["signals"]
    stop_grace_period: 1s
    user: "0"
    environment: {OF: service, BOTH: service}
    labels: {mine: x}
    volumes: ["log:/log"]
    networks: {default: {aliases: [www]}}
    pre_start:
      - {command: ["sh", "-c", "echo pre_start 0 $$OF $$BOTH in $$(pwd) >>/log/all"], environment: {BOTH: hook}, working_dir: /log}
      - {command: ["sh", "-c", "echo pre_start 1 $$OF $$BOTH >>/log/all"]}
    post_start:
      - {command: ["sh", "-c", "echo post_start 0 $$OF $$BOTH in $$(pwd) >>/log/all"], environment: {BOTH: hook}, working_dir: /log}
      - {command: ["sh", "-c", "echo post_start 1 >>/log/all"]}
    pre_stop:
      - {command: ["sh", "-c", "echo pre_stop 0 $$BOTH >>/log/all"], environment: {BOTH: hook}}
      - {command: ["sh", "-c", "echo pre_stop 1 $$BOTH >>/log/all"]}
  show:
    image: @image
    volumes: ["log:/log"]
    profiles: [never]
volumes:
  log: {}
`

// hooksOf has a tool start the service and take it down again, and returns what the hooks wrote.
func hooksOf(t *testing.T, k tool) []string {
	p := newProject(t, withHooks)
	p.write("Tasks.hcl", "task \"all\" {\n  depends_on = [service.web.started]\n}\n")
	p.start(k)
	p.takeDown(k)
	return strings.Split(strings.TrimSpace(p.ok(tasks, "once", "--rm", "show", "cat", "/log/all")), "\n")
}

func (p *project) start(k tool) {
	p.t.Helper()
	if k == tasks {
		p.ok(tasks, "run", "all")
	} else {
		p.ok(k, "up", "-d")
	}
}

// takeDown shows Compose its file, which it does not read where the project is only named: then no hook is run.
func (p *project) takeDown(k tool) {
	p.t.Helper()
	if k == tasks {
		p.ok(tasks, "down")
	} else {
		p.ok(k, "-f", "compose.yaml", "down")
	}
}

func TestHooks(t *testing.T) {
	t.Parallel()
	ours, theirs := hooksOf(t, tasks), hooksOf(t, v5)
	if diff := cmp.Diff(theirs, ours); diff != "" || len(ours) != 6 {
		t.Errorf("-Compose v5 +tasks:\n%s", diff)
	}
}

// Compose 5.6 hashes a pre_start hook with all that it has from its service: there alone the two do not take each other's
// container. The other hooks are hashed alike.
func TestHashOfHooks(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		compose string
		anew    []string
	}{
		"with pre_start":    {withHooks, []string{"web-1"}},
		"without pre_start": {strings.Replace(withHooks, "pre_start:", "x-none:", 1), nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProject(t, test.compose)
			p.write("Tasks.hcl", "task \"all\" {\n  depends_on = [service.web.started]\n}\n")
			before := p.upAndExpectRecreated(v5, map[string]string{}, "web-1", "network default")
			p.upAndExpectRecreated(tasks, before, test.anew...)
		})
	}
}

// The container of a pre_start hook that failed is kept by both, under one name, with the same labels.
func TestFailedHook(t *testing.T) {
	t.Parallel()
	failing := strings.Replace(withHooks, "pre_start 1 $$OF", "pre_start 1; exit 3", 1)
	kept := map[tool]container.Summary{}
	p := newProject(t, failing)
	p.write("Tasks.hcl", "task \"all\" {\n  depends_on = [service.web.started]\n}\n")
	for _, k := range []tool{v5, tasks} {
		args := map[tool][]string{v5: {"up", "-d"}, tasks: {"run", "all"}}[k]
		if r := p.run(k, args...); r.code == 0 {
			t.Fatalf("%s did not fail: %+v", k, r)
		}
		for _, c := range p.containers() {
			if c.Labels["com.docker.compose.hook"] != "" {
				kept[k] = c
			}
		}
	}
	ours, theirs := kept[tasks], kept[v5]
	if nameOf(ours) != nameOf(theirs) || ours.ID == theirs.ID || ours.ID == "" {
		t.Errorf("%s kept by tasks, %s by Compose v5", nameOf(ours), nameOf(theirs))
	}
	for _, c := range kept {
		maps.DeleteFunc(c.Labels, func(name, _ string) bool { return name == "com.docker.compose.version" })
	}
	if diff := cmp.Diff(theirs.Labels, ours.Labels); diff != "" {
		t.Errorf("labels: -Compose v5 +tasks:\n%s", diff)
	}
	networks := func(c container.Summary) []string { return slices.Sorted(maps.Keys(c.NetworkSettings.Networks)) }
	if diff := cmp.Diff(networks(theirs), networks(ours)); diff != "" {
		t.Errorf("networks: -Compose v5 +tasks:\n%s", diff)
	}
	p.ok(v5, "down")
	if left := p.containers(); len(left) > 0 {
		t.Errorf("Compose v5 left %s", nameOf(left[0]))
	}
}
