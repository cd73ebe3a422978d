package planner

import (
	"slices"
	"strings"
	"testing"

	"tasks/hclspec"
	"tasks/internal/composeproject"
	"tasks/planner/observed"
)

const sharedName = `
services:
  app: {image: app, depends_on: [db, mail]}
  db:
    image: db
    container_name: one
  mail:
    image: mail
    container_name: one
  other: {image: other, container_name: one}
`

func TestTwoServicesWithOneContainerName(t *testing.T) {
	p := load(t, sharedName, "app")
	_, diags := Build(Input{Spec: spec(serviceTask("test", "app")), Project: p, Snapshot: &observed.Snapshot{}})
	if len(diags) != 1 || !strings.Contains(diags[0].Detail, "services db and mail would both have the name one") {
		t.Fatalf("diagnostics %v", diags)
	}
	if at := diags[0].Subject; at == nil || at.Filename != "compose.yaml" || at.Start.Line != 9 {
		t.Errorf("the place is %v", at)
	}
}

// Names outside the plan are no conflict, nor is the name of a service only for the configuration of a one-off.
func TestSharedNameThatIsNotNeeded(t *testing.T) {
	yaml := strings.Replace(sharedName, "[db, mail]", "[db]", 1)
	p := load(t, yaml, "app", "mail")
	tasks := spec(serviceTask("test", "app"), serviceTask("post", "mail"))
	mustBuild(t, Input{Spec: tasks, Project: p, Snapshot: &observed.Snapshot{}})
}

// Two projects and their services may also give the same name.
func TestOneContainerNameOfTwoProjects(t *testing.T) {
	one := load(t, "services:\n  app: {image: app, depends_on: [b-c]}\n  b-c: {image: db}\n", "app")
	other := loadNamed(t, "app-b", "services:\n  app: {image: app, depends_on: [c]}\n  c: {image: db}\n", "app")
	there := serviceTask("ns:test", "app")
	there.Scope = "ns:"
	s := spec(hostTask("all", onTask("test"), onTask("ns:test")), serviceTask("test", "app"), there)
	in := Input{Spec: s}
	in.SetScopes(map[string]ProjectState{"": {Project: one, Snapshot: &observed.Snapshot{}}, "ns:": {Project: other, Snapshot: &observed.Snapshot{}}})
	_, diags := Build(in)
	if !diags.HasErrors() || !strings.Contains(diags.Error(), "would both have the name app-b-c-1") {
		t.Errorf("diagnostics %v", diags)
	}
}

// The query has the names for containers of the plan, without services only for the configuration of one-offs.
func TestQueryForContainerNames(t *testing.T) {
	p := load(t, `
services:
  app: {image: app, depends_on: [db], container_name: app}
  db: {image: db, scale: 2, links: [mail]}
  mail: {image: mail, container_name: post}
`, "app")
	task := serviceTask("test", "app")
	task.ContainerName = "mine"
	want := []string{"app-db-1", "app-db-2", "post", "mine"}
	if got := QueryFor(spec(task), p).Names; !slices.Equal(got, want) {
		t.Errorf("names %q; want %q", got, want)
	}
	if got := QueryFor(spec(hostTask("h", onService("app", hclspec.Started))), p).Names; !slices.Contains(got, "app") {
		t.Errorf("names %q; want that of the service that a task needs", got)
	}
}

func TestNameOfAOneOffThatIsTaken(t *testing.T) {
	p := load(t, "services:\n  app: {image: app}\n", "app")
	task := serviceTask("test", "app")
	task.ContainerName = "mine"
	other := &observed.Container{ID: "1", Name: "mine", State: "running"}
	plan := mustBuild(t, Input{Spec: spec(task), Project: p, Snapshot: &observed.Snapshot{Namesakes: []*observed.Container{other}}})
	const want = "but the name mine is taken by a container that belongs to no compose project: the run will fail"
	if reason := step(t, plan, "create/test").Reason.String(); !strings.Contains(reason, want) {
		t.Errorf("reason %q", reason)
	}
}

// Two tasks may have one container name where the one runs after the end of the other.
func TestOneContainerNameOfTwoTasks(t *testing.T) {
	const both = "would both have the name mine"
	keep := func(task *hclspec.Task) { task.RM = false }
	detach := func(task *hclspec.Task) { task.Detach = true }
	for name, test := range map[string]struct {
		change func(a, b *hclspec.Task)
		all    func() *hclspec.Task
		want   string
	}{
		"at once":                {nil, func() *hclspec.Task { return hostTask("all", onTask("a"), onTask("b")) }, "task b and task a " + both},
		"one after the other":    {func(_, b *hclspec.Task) { b.DependsOn = []hclspec.Dependency{onTask("a")} }, nil, ""},
		"the first stays":        {func(a, b *hclspec.Task) { b.DependsOn = []hclspec.Dependency{onTask("a")}; keep(a) }, nil, both},
		"the first is detached":  {func(a, b *hclspec.Task) { b.DependsOn = []hclspec.Dependency{onTask("a")}; detach(a) }, nil, both},
		"the second stays":       {func(_, b *hclspec.Task) { b.DependsOn = []hclspec.Dependency{onTask("a")}; keep(b) }, nil, ""},
		"of a service":           {func(_, b *hclspec.Task) { b.ContainerName = "one"; b.DependsOn = nil }, nil, "task b and service db would both have the name one"},
		"of a service of others": {func(_, b *hclspec.Task) { b.ContainerName = "two" }, nil, ""},
		"generated for a service": {func(_, b *hclspec.Task) { b.ContainerName = "app-web-1" }, nil,
			"task b and service web would both have the name app-web-1"},
	} {
		t.Run(name, func(t *testing.T) {
			p := load(t, "services:\n  app: {image: app, depends_on: [db, web]}\n  db: {image: db, container_name: one}\n"+
				"  web: {image: web}\n  other: {image: other, container_name: two}\n", "app")
			a, b := serviceTask("a", "app"), serviceTask("b", "app")
			a.ContainerName, b.ContainerName, a.RM, b.RM = "mine", "mine", true, true
			tasks := []*hclspec.Task{b, a}
			if test.change != nil {
				test.change(a, b)
			}
			if test.all != nil {
				tasks = append([]*hclspec.Task{test.all()}, tasks...)
			}
			plan, diags := Build(Input{Spec: spec(tasks...), Project: p, Snapshot: &observed.Snapshot{}})
			switch {
			case test.want == "" && diags.HasErrors():
				t.Error(diags)
			case test.want != "" && !strings.Contains(diags.Error(), test.want):
				t.Errorf("diagnostics %v; want %q", diags, test.want)
			case test.want == "" && b.ContainerName == a.ContainerName:
				needs := step(t, plan, "create/b").Needs
				if !slices.ContainsFunc(needs, func(n Need) bool { return n.Step == "task/a" }) {
					t.Errorf("the container of b needs %v", needs)
				}
			}
		})
	}
}

func TestClaim(t *testing.T) {
	labels := func(project, service, oneOff string) map[string]string {
		return map[string]string{
			composeproject.LabelProject: project, composeproject.LabelService: service, composeproject.LabelOneOff: oneOff,
		}
	}
	copied := labels("app-0a1b2c3d", "db", "False")
	copied[observed.LabelOriginal] = "app"
	service, project := ServiceClaim("app", "db"), Claim{Project: "app", Original: "app"}
	for _, test := range []struct {
		claim  Claim
		labels map[string]string
		want   bool
	}{
		{service, labels("app", "db", "False"), true},
		{service, labels("app", "db", "false"), false},
		{service, labels("app", "db", "True"), false},
		{service, labels("app", "database", "False"), false},
		{service, labels("App", "db", "False"), false},
		{service, copied, false},
		{service, nil, false},
		{OneOffClaim("app"), labels("app", "db", "True"), true},
		{OneOffClaim("app"), labels("app", "db", "False"), false},
		{project, labels("app", "other", "True"), true},
		{project, copied, true},
		{project, labels("app-0a1b2c3d", "db", "False"), false},
		{Claim{}, nil, false},
		{Claim{Service: "db"}, labels("", "db", "False"), false},
	} {
		if got := test.claim.Covers(test.labels); got != test.want {
			t.Errorf("claim %+v covers %v: %t", test.claim, test.labels, got)
		}
	}
}
