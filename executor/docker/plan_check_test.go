package docker

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tasks/hclspec"
	"tasks/internal/composeproject"
	"tasks/planner"
	"tasks/planner/observed"
)

// checked plans task x of service web over a compose file, and lets an engine of API 1.41 check the plan.
func checked(t *testing.T, compose string, observed func(*composeproject.Project) *observed.Snapshot) error {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "compose.yaml"), []byte(compose), 0o644); err != nil {
		t.Fatal(err)
	}
	project, err := composeproject.Load(t.Context(), composeproject.Options{Name: "p", WorkingDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if project, err = project.Select([]string{"web"}); err != nil {
		t.Fatal(err)
	}
	task := &hclspec.Task{Name: "x", Kind: hclspec.ServiceTask, Service: "web"}
	spec := &hclspec.Spec{Targets: []string{"x"}, Tasks: map[string]*hclspec.Task{"x": task}}
	plan, diags := planner.Build(planner.Input{Spec: spec, Project: project, Snapshot: observed(project)})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	engine, _ := fakeEngine(t, httpAnswer(t, "{}"))
	return engine.Check(t.Context(), plan)
}

func nothing(*composeproject.Project) *observed.Snapshot { return &observed.Snapshot{} }

// running has a container of service db.
func running(p *composeproject.Project) *observed.Snapshot {
	db := p.Model().Services["db"]
	hash, err := composeproject.ServiceHash(db)
	if err != nil {
		panic(err)
	}
	network := observed.Network{ID: "n", Name: "p_default"}
	return &observed.Snapshot{
		Networks: []observed.Network{network},
		Images:   map[string]observed.Image{"x": {ID: "sha256:1"}},
		Containers: []*observed.Container{{
			ID: "c", Name: "p-db-1", State: "running", Labels: p.Labels().Service(db, 1, hash, "sha256:1"), Networks: map[string]string{"p_default": "n"},
		}},
	}
}

// TestCheckTellsAllAtOnce: Check reports everything that an old engine or any engine cannot do, each with the place.
func TestCheckTellsAllAtOnce(t *testing.T) {
	err := checked(t, `services:
  web:
    image: x
    annotations: {a: b}
    networks: {six: {gw_priority: 3}}
    depends_on: [db, other, model]
  db:
    image: x
    scale: 2
    mac_address: 02:42:ac:11:00:02
    pre_start: [{command: x}]
  other:
    image: x
    network_mode: service:db
    volumes_from: [db]
    security_opt: ["seccomp:made-by-a-task.json"]
  model:
    provider: {type: m}
networks:
  six: {enable_ipv4: false}
`, nothing)
	want := `compose.yaml:20:9: network six: enable_ipv4: false needs Docker Engine 28.0 (API 1.48), and this one speaks API 1.41
compose.yaml:4:5: service web: annotations: needs Docker Engine 24.0 (API 1.43), and this one speaks API 1.41
compose.yaml:5:22: service web: networks.six.gw_priority: needs Docker Engine 28.0 (API 1.48), and this one speaks API 1.41
compose.yaml:10:5: service db: mac_address: needs Docker Engine 25.0 (API 1.44), and this one speaks API 1.41
compose.yaml:18:5: service model: provider: is not supported yet: use a service with an image`
	if err == nil {
		t.Fatal("no error")
	}
	sorted := func(text string) map[string]bool {
		lines := map[string]bool{}
		for line := range strings.SplitSeq(text, "\n") {
			if lines[line] {
				t.Errorf("told twice: %s", line)
			}
			lines[line] = true
		}
		return lines
	}
	if diff := cmp.Diff(sorted(want), sorted(err.Error())); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// TestCheckLeavesAloneWhatRuns: an optional dependency and an existing dependency stop no run. The hash identifies the
// existing dependency.
func TestCheckLeavesAloneWhatRuns(t *testing.T) {
	const compose = `services:
  web: {image: x, depends_on: {db: {condition: service_started, required: false}}}
  db: {image: x, annotations: {a: b}}
`
	if err := checked(t, compose, nothing); err != nil {
		t.Errorf("an optional dependency: %v", err)
	}
	required := strings.Replace(compose, "false", "true", 1)
	if err := checked(t, required, nothing); err == nil || !strings.Contains(err.Error(), "compose.yaml:3:18: service db: annotations") {
		t.Errorf("a required one: %v", err)
	}
	if err := checked(t, required, running); err != nil {
		t.Errorf("one that runs: %v", err)
	}
}

// TestCheckOfWhatATaskAdds: the place is in the file of the task.
func TestCheckOfWhatATaskAdds(t *testing.T) {
	task := &hclspec.Task{Name: "x", Kind: hclspec.ImageTask, Image: "x", CapAdd: []string{"A"}, Volumes: []hclspec.Volume{{Text: "/a:/b:z,nocopy"}}}
	task.DeclRange.Filename, task.DeclRange.Start.Line, task.DeclRange.Start.Column = "Tasks.hcl", 7, 1
	project, err := composeproject.Empty("p", t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	spec := &hclspec.Spec{Targets: []string{"x"}, Tasks: map[string]*hclspec.Task{"x": task}}
	plan, diags := planner.Build(planner.Input{Spec: spec, Project: project, Snapshot: &observed.Snapshot{}})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	create := plan.Steps[len(plan.Steps)-2].Action.(*planner.CreateOneOff)
	made, _ := create.Spec(planner.Facts{}, false, "slug")
	if got := made.Locate("volumes", "/b"); got != "Tasks.hcl:7:1" {
		t.Errorf("place %q", got)
	}
}
