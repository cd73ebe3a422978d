package projects_test

import (
	"testing"
)

const withBind = `
services:
  bound:
    image: @image
    command: ["signals"]
    stop_grace_period: 1s
    volumes: ["./src:/src", "data:/data"]
  plain:
    image: @image
    command: ["signals"]
    stop_grace_period: 1s
    volumes: ["data:/data"]
volumes:
  data: {}
`

const needBoth = `
task "all" {
  depends_on = [service.bound, service.plain]
}
`

// TestBindMounts covers the hash of a service with a bind mount: Compose v5 has another hash than v2. tasks accepts
// both hashes and writes the hash of v5, so each tool keeps earlier containers. Only v2, without knowledge of the newer
// form, recreates such a service.
func TestBindMounts(t *testing.T) {
	t.Parallel()
	p := newProject(t, withBind)
	p.Write("Tasks.hcl", needBoth)
	before := p.upAndExpectRecreated(v2, map[string]string{}, "bound-1", "plain-1", "network default")
	before = p.upAndExpectRecreated(tasks, before)
	// Like v2, v5 accepts only its own form.
	before = p.upAndExpectRecreated(v5, before, "bound-1")
	p.upAndExpectRecreated(tasks, before)
	// tasks writes v5's form, so v5 has nothing to do afterwards.
	p.Remove()
	before = p.upAndExpectRecreated(tasks, map[string]string{}, "bound-1", "plain-1", "network default")
	before = p.upAndExpectRecreated(v5, before)
	before = p.upAndExpectRecreated(v2, before, "bound-1")
	p.upAndExpectRecreated(tasks, before)
}

// upAndExpectRecreated starts the services with a tool, and expects new containers for exactly the named services.
func (p *project) upAndExpectRecreated(k tool, before map[string]string, recreated ...string) map[string]string {
	p.T.Helper()
	if k == tasks {
		p.OK(tasks, "run", "all")
	} else {
		p.OK(k, "up", "-d", "--no-build")
	}
	after := p.Identities()
	wanted := map[string]bool{}
	for _, name := range recreated {
		wanted[name] = true
	}
	for name, id := range after {
		if changed := before[name] != id; changed != wanted[name] {
			p.T.Errorf("after %s: %s is another: %t, want %t", k, name, changed, wanted[name])
		}
	}
	return after
}
