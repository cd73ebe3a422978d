package projects_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"

	"tasks/internal/testing/composetest"
	"tasks/internal/toolbox"
)

// changeMarker finds the lines of testdata to change, with their replacements.
var changeMarker = regexp.MustCompile(`(?m)^( *).*#-> (.*)$`)

// newChanging returns a project with a file of testdata. The task all needs all services.
func newChanging(t *testing.T, file string) (p *project, change func()) {
	t.Helper()
	text, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	p = newProject(t, "services: {}")
	p.Env = append(p.Env, "COMPOSE_PROFILES=one")
	before := strings.ReplaceAll(string(text), "@tag", p.Tag(p.Placeholders.Replace("@image")))
	after := changeMarker.ReplaceAllString(before, "$1$2")
	if before == after {
		t.Fatalf("nothing changes in %s", file)
	}
	p.Write("compose.yaml", before)
	var needs []string
	for _, m := range regexp.MustCompile(`(?m)^  (\w+):\n    image:`).FindAllStringSubmatch(before, -1) {
		needs = append(needs, "service."+m[1]+".started")
	}
	p.Write("Tasks.hcl", "task \"all\" {\n  depends_on = ["+strings.Join(needs, ", ")+"]\n}\n")
	return p, func() { p.Write("compose.yaml", after) }
}

// inTurns runs a test with both tools in either order. tasks decides alike about containers of v2 and v5, because both
// make the same (TestBothWays). So v2 need not come first here.
func inTurns(t *testing.T, test func(t *testing.T, turns [3]tool)) {
	for _, turns := range [][3]tool{{v5, tasks, v5}, {tasks, v5, tasks}, {tasks, v2, tasks}} {
		t.Run("what "+string(turns[0])+" made, for "+string(turns[1]), func(t *testing.T) {
			t.Parallel()
			test(t, turns)
		})
	}
}

// TestSameDecisions checks that after a change, tasks recreates exactly the same containers as Compose. After either
// tool, the other has nothing left to do.
func TestSameDecisions(t *testing.T) {
	inTurns(t, func(t *testing.T, turns [3]tool) {
		p, change := newChanging(t, "changes.yaml")
		p.up(turns[0])
		before := p.replicas()
		wants := p.expectedDecisions()
		change()
		p.changeStates()
		p.up(turns[1])
		after := p.replicas()
		for service, want := range wants {
			// A user may scale a service by hand on purpose, so a run of a task removes no replica (docs/compose.md).
			if want == "one less" && turns[1] == tasks {
				want = "kept"
			}
			if got := decision(before[service], after[service]); got != want {
				t.Errorf("%s: the containers of %s are %s, want %s", turns[1], service, got, want)
			}
		}
		p.up(turns[2])
		for service, ids := range p.replicas() {
			want := "kept"
			if wants[service] == "one less" && turns[2] != tasks {
				want = decision(after[service], ids[:1])
			}
			if got := decision(after[service], ids); got != want {
				t.Errorf("%s after %s: the containers of %s are %s, want %s", turns[2], turns[1], service, got, want)
			}
		}
		for _, c := range p.Containers() {
			if c.State != container.StateRunning {
				t.Errorf("%s is %s", composetest.NameOf(c), c.State)
			}
		}
	})
}

// TestChangedNetwork checks that a changed network is recreated, while the network's containers stay. After either
// tool, the other has nothing left to do. With tasks, the containers also keep their aliases.
func TestChangedNetwork(t *testing.T) {
	inTurns(t, func(t *testing.T, turns [3]tool) {
		p, change := newChanging(t, "network.yaml")
		p.up(turns[0])
		before, containers := p.Identities(), p.replicas()
		change()
		p.up(turns[1])
		after := p.Identities()
		if after["network default"] == before["network default"] {
			t.Errorf("%s has not recreated the network", turns[1])
		}
		for service, ids := range p.replicas() {
			if got := decision(containers[service], ids); got != "kept" {
				t.Errorf("%s: the containers of %s are %s", turns[1], service, got)
			}
		}
		for _, c := range p.Containers() {
			if c.State != container.StateRunning {
				t.Errorf("%s: %s is %s", turns[1], composetest.NameOf(c), c.State)
			}
			if service := c.Labels["com.docker.compose.service"]; turns[1] == tasks && service == "web" && !p.hasAlias(c.ID, "front") {
				t.Errorf("%s has lost its alias", composetest.NameOf(c))
			}
		}
		p.up(turns[2])
		composetest.ExpectSame(t, "after "+string(turns[2]), after, p.Identities())
	})
}

// hasAlias reports whether a container has an alias in the default network.
func (p *project) hasAlias(id, alias string) bool {
	p.T.Helper()
	result, err := p.Engine.ContainerInspect(p.T.Context(), id, client.ContainerInspectOptions{})
	if err != nil {
		p.T.Fatal(err)
	}
	endpoint := result.Container.NetworkSettings.Networks[p.Name+"_default"]
	return endpoint != nil && slices.Contains(endpoint.Aliases, alias)
}

// replicas returns the IDs of each service's containers, in the order of names.
func (p *project) replicas() map[string][]string {
	p.T.Helper()
	all := map[string][]string{}
	for _, c := range p.Containers() {
		service := c.Labels["com.docker.compose.service"]
		all[service] = append(all[service], c.ID)
	}
	return all
}

// expectedDecisions returns the expected decisions, by service, from the label "want".
func (p *project) expectedDecisions() map[string]string {
	p.T.Helper()
	all := map[string]string{}
	for _, c := range p.Containers() {
		all[c.Labels["com.docker.compose.service"]] = c.Labels["want"]
	}
	if len(all) < 15 {
		p.T.Fatalf("only %d services", len(all))
	}
	return all
}

// decision describes the change of a service's containers.
func decision(before, after []string) string {
	kept := 0
	for _, id := range after {
		if slices.Contains(before, id) {
			kept++
		}
	}
	switch {
	case kept == len(before) && len(after) == len(before):
		return "kept"
	case kept == len(before) && len(after) == len(before)+1:
		return "one more"
	case kept == len(after) && len(after) == len(before)-1:
		return "one less"
	case kept == 0 && len(after) > 0:
		return "recreated"
	}
	return "other than thought of: " + strings.Join(before, " ") + " became " + strings.Join(after, " ")
}

// up starts all services with a tool.
func (p *project) up(k tool) {
	p.T.Helper()
	if k == tasks {
		p.OK(k, "run", "all")
		return
	}
	p.OK(k, "up", "-d", "--no-build", "-y")
}

// changeStates changes each container as its label engine demands, and gives the project's own image reference to
// another image.
func (p *project) changeStates() {
	p.T.Helper()
	p.Tag(toolbox.ImageWith(p.T, "LABEL another=image"))
	ctx := p.T.Context()
	for _, c := range p.Containers() {
		var err error
		switch c.Labels["engine"] {
		case "stop":
			_, err = p.Engine.ContainerStop(ctx, c.ID, client.ContainerStopOptions{})
		case "remove":
			_, err = p.Engine.ContainerRemove(ctx, c.ID, client.ContainerRemoveOptions{Force: true})
		case "disconnect":
			_, err = p.Engine.NetworkDisconnect(ctx, p.Name+"_default", client.NetworkDisconnectOptions{Container: c.ID})
		}
		if err != nil {
			p.T.Fatal(err)
		}
	}
}
