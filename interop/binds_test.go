package interop

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

// TestBindMounts: the hash of a service with a bind mount is one up to Compose v2, and another since v5. tasks knows both
// and writes that of v5, so that each tool keeps what was made before it; v2 alone, which knows nothing of the new form,
// makes such a service anew.
func TestBindMounts(t *testing.T) {
	t.Parallel()
	p := newProject(t, withBind)
	p.write("Tasks.hcl", needBoth)
	before := p.upAndExpectRecreated(v2, map[string]string{}, "bound-1", "plain-1", "network default")
	before = p.upAndExpectRecreated(tasks, before)
	// v5, as v2, takes only its own form.
	before = p.upAndExpectRecreated(v5, before, "bound-1")
	p.upAndExpectRecreated(tasks, before)
	// tasks writes v5's form, so that v5 has nothing to do after it.
	p.remove()
	before = p.upAndExpectRecreated(tasks, map[string]string{}, "bound-1", "plain-1", "network default")
	before = p.upAndExpectRecreated(v5, before)
	before = p.upAndExpectRecreated(v2, before, "bound-1")
	p.upAndExpectRecreated(tasks, before)
}

// upAndExpectRecreated lets a tool bring the services up, and wants exactly these to be other containers than before.
func (p *project) upAndExpectRecreated(k tool, before map[string]string, recreated ...string) map[string]string {
	p.t.Helper()
	if k == tasks {
		p.ok(tasks, "run", "all")
	} else {
		p.ok(k, "up", "-d", "--no-build")
	}
	after := p.identities()
	wanted := map[string]bool{}
	for _, name := range recreated {
		wanted[name] = true
	}
	for name, id := range after {
		if changed := before[name] != id; changed != wanted[name] {
			p.t.Errorf("after %s: %s is another: %t, want %t", k, name, changed, wanted[name])
		}
	}
	return after
}
