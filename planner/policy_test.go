package planner

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"

	"tasks/hclspec"
	"tasks/internal/composeproject"
	"tasks/planner/observed"
)

const policyProject = `
services:
  db:
    image: db
    container_name: the-db
    ports: ["5432:5432", "53:53/udp"]
    volumes: [data:/data]
    healthcheck: {test: ["CMD", "true"]}
  web:
    image: web
    depends_on: {db: {condition: service_healthy}}
volumes: {data: }
`

var policyPosition = hcl.Range{Filename: "Tasks.hcl", Start: hcl.Pos{Line: 4, Column: 23}}

// withPolicy puts tasks under a policy. Tasks under the ephemeral policy share the private project of the first
// task.
func withPolicy(policy hclspec.Policy, tasks ...*hclspec.Task) []*hclspec.Task {
	for _, t := range tasks {
		t.Policy, t.PolicyRange = policy, policyPosition
		if policy == hclspec.PolicyEphemeral {
			t.PrivateProjectRun = tasks[0].Name
		}
	}
	return tasks
}

// privateInput is an input with a private project for a task test and its dependency, beside a task without a
// policy.
func privateInput(t *testing.T) Input {
	t.Helper()
	tasks := withPolicy(hclspec.PolicyEphemeral, serviceTask("test", "web", onTask("migrate")), hostTask("migrate", onService("db", hclspec.Healthy)))
	tasks[0].ContainerName, tasks[0].Ports = "fixed", []string{"80:80"}
	s := spec(append(tasks, serviceTask("plain", "web"))...)
	s.Targets = []string{"test", "plain"}
	s.Readiness = map[string]*hclspec.Readiness{"db": {Probe: hclspec.TCPProbe, Port: 1}}
	project := load(t, policyProject, "web")
	in, seen := Input{Spec: s}, upToDate(t, project)
	in.SetScopes(map[string]ProjectState{
		"":                {Project: project, Snapshot: seen},
		"ephemeral(test)": {Project: project.PrivateCopy("app-1a2b3c4d", PrivateLabels(project, observed.Ownership{Self: "me"})), Snapshot: &observed.Snapshot{Images: seen.Images}},
	})
	return in
}

func TestPrivateProject(t *testing.T) {
	in := privateInput(t)
	if diff := cmp.Diff([]string{"", "ephemeral(test)"}, ScopesOf(in.Spec)); diff != "" {
		t.Fatal(diff)
	}
	plan := mustBuild(t, in)
	const own = "ephemeral(test)/"
	comesBefore(t, plan, own+"container/db", own+"start/db", own+"wait/db/service_healthy", "task/migrate", "task/test")
	comesBefore(t, plan, own+"start/db", own+"ports/db", "create/test", "task/test")
	comesBefore(t, plan, "start/db", "task/plain")
	if verb := step(t, plan, "container/db").Verb; verb != Reuse {
		t.Errorf("the project's own database: %s", verb)
	}
	labels := map[string]string{observed.LabelOwner: "me", observed.LabelPolicy: "ephemeral", observed.LabelOriginal: "app", composeproject.LabelProject: "app-1a2b3c4d"}
	container := step(t, plan, own+"container/db").Action.(*Container)
	if container.Name != "app-1a2b3c4d-db-1" {
		t.Errorf("the database is called %s", container.Name)
	}
	oneOff, diags := step(t, plan, "create/test").Action.(*CreateOneOff).Spec(Facts{}, false, strings.Repeat("0", 64))
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	for what, have := range map[string]map[string]string{
		"container": container.Decide(nil, Facts{}).Spec.Labels, "one-off": oneOff.Labels,
		"network": step(t, plan, own+"network/default").Action.(*Network).Labels,
		"volume":  step(t, plan, own+"volume/data").Action.(*Volume).Labels,
	} {
		for key, want := range labels {
			if have[key] != want {
				t.Errorf("label %s of the %s is %q, want %q", key, what, have[key], want)
			}
		}
	}
	if oneOff.Name == "fixed" || oneOff.Service.Ports[0].Published != "" || !slices.Contains(oneOff.Networks[0].Aliases, "fixed") {
		t.Errorf("the one-off is called %s, with the ports %v and the aliases %v", oneOff.Name, oneOff.Service.Ports, oneOff.Networks[0].Aliases)
	}
	if ready := step(t, plan, own+"wait/db/service_healthy").Action.(*WaitService).Readiness; !ready.HasProbe() {
		t.Error("the ready block of the files does not count")
	}
	want := `private project app-1a2b3c4d [ephemeral(test)], a copy of app for task test: dependency_policy = "ephemeral" (Tasks.hcl:4:23); all of it is removed afterwards` + "\n"
	if text := plan.String(); !strings.HasPrefix(text, want) || !strings.Contains(text, "db [ephemeral(test)]") {
		t.Errorf("the plan says\n%s", text)
	}
	if plan.CreatesResources() {
		t.Error("what a private project has does not outlive the run")
	}
	if leases := plan.Leases(); slices.ContainsFunc(leases, func(name string) bool { return strings.Contains(name, "1a2b3c4d") }) {
		t.Errorf("leases on a private project: %q", leases)
	}
}

// TestPortVariables: commands in a private project get the host ports of their services.
func TestPortVariables(t *testing.T) {
	plan := mustBuild(t, privateInput(t))
	facts := Facts{Ports: map[string]map[string]string{"db": {"5432/tcp": "49001", "53/udp": "49002", "9/tcp": "1"}}}
	want := map[string]string{"TASKS_PORT_DB_5432": "49001", "TASKS_PORT_DB_53_UDP": "49002"}
	if diff := cmp.Diff(want, step(t, plan, "task/migrate").Action.(*RunHost).Ports.Values(facts)); diff != "" {
		t.Error(diff)
	}
	spec, diags := step(t, plan, "create/test").Action.(*CreateOneOff).Spec(facts, false, strings.Repeat("0", 64))
	if diags.HasErrors() || *spec.Service.Environment["TASKS_PORT_DB_5432"] != "49001" {
		t.Errorf("%v %v", spec.Service.Environment, diags)
	}
	spec, _ = step(t, plan, "create/plain").Action.(*CreateOneOff).Spec(facts, false, strings.Repeat("0", 64))
	if value, told := spec.Service.Environment["TASKS_PORT_DB_5432"]; told {
		t.Errorf("a task of the shared project is told %q", *value)
	}
	if got := portVariable(hclspec.HostPort{Service: "my-db.x", Port: "80/tcp"}); got != "TASKS_PORT_MY_DB_X_80" {
		t.Errorf("%s", got)
	}
}

// TestPrivateTasksAlwaysRun: the containers of a private project are always new.
func TestPrivateTasksAlwaysRun(t *testing.T) {
	in := privateInput(t)
	for _, task := range in.Spec.Tasks {
		task.Inputs = []string{"src/**"}
	}
	plan := mustBuild(t, in)
	for id, checked := range map[StepID]bool{"task/test": false, "task/migrate": false, "task/plain": true} {
		if got := step(t, plan, id).Check != nil; got != checked {
			t.Errorf("%s is checked: %v", id, got)
		}
	}
}

// externalInput is an input under the external policy.
func externalInput(t *testing.T) (Input, *observed.Snapshot) {
	t.Helper()
	task := serviceTask("test", "web")
	task.Volumes = []hclspec.Volume{{Text: "data:/data"}}
	in := Input{Spec: spec(withPolicy(hclspec.PolicyExternal, task)...)}
	project := load(t, policyProject, "web")
	observed := upToDate(t, project)
	in.SetScopes(map[string]ProjectState{"external": {Project: project, Snapshot: observed}})
	return in, observed
}

func TestExternalServices(t *testing.T) {
	in, _ := externalInput(t)
	plan := mustBuild(t, in)
	look := step(t, plan, "external/container/db")
	if look.Verb != Inspect || look.Reason.String() != `for task test; it has to run already: dependency_policy = "external" (Tasks.hcl:4:23)` {
		t.Errorf("%s: %s", look.Verb, look.Reason.String())
	}
	comesBefore(t, plan, "external/container/db", "external/wait/db/service_healthy", "task/test")
	if wait := step(t, plan, "external/wait/db/service_healthy"); wait.Verb != Reuse {
		t.Errorf("%s: %s", wait.Verb, wait.Reason.String())
	}
	for _, s := range plan.Steps {
		switch s.Action.(type) {
		case *Container, *StartService:
			t.Errorf("step %s", s.ID)
		case *Network, *Volume:
			if s.Verb != Reuse {
				t.Errorf("%s: %s", s.ID, s.Verb)
			}
		}
	}
	if plan.CreatesResources() || plan.ProjectOf(look) != "app" || !strings.Contains(plan.String(), "db [external]") {
		t.Errorf("creates in %s:\n%s", plan.ProjectOf(look), plan)
	}
	if leases := plan.Leases(); !slices.Contains(leases, "app/service/db") {
		t.Errorf("leases on %q: others may take it away", leases)
	}
}

func TestExternalServicesThatDoNotRun(t *testing.T) {
	in, observed := externalInput(t)
	container(t, observed, "db").State = "exited"
	if look := step(t, mustBuild(t, in), "external/container/db"); !strings.HasSuffix(look.Reason.String(), ", but it does not: the run will fail") {
		t.Error(look.Reason.String())
	}
	observed.Containers, observed.Networks, observed.Volumes = nil, nil, nil
	plan := mustBuild(t, in)
	look := step(t, plan, "external/container/db")
	if action := look.Action.(*InspectService); action.Name != "the-db" || !strings.HasSuffix(look.Reason.String(), ", but it does not exist: the run will fail") {
		t.Errorf("%s: %s", action.Name, look.Reason.String())
	}
	network := step(t, plan, "external/network/default").Action.(*Network)
	volume := step(t, plan, "external/volume/data").Action.(*Volume)
	comesBefore(t, plan, look.ID, "external/network/default")
	for _, pair := range [][2]string{
		{network.MissingError, "network app_default does not exist, and dependency_policy = \"external\" (Tasks.hcl:4:23) never creates it: let Compose make it, with `docker compose up -d`, or choose another policy"},
		{volume.MissingError, "volume app_data does not exist, and dependency_policy = \"external\" (Tasks.hcl:4:23) never creates it: make it with `docker volume create app_data`, or choose another policy"},
	} {
		if pair[0] != pair[1] {
			t.Errorf("got  %s\nwant %s", pair[0], pair[1])
		}
	}
}

// TestExternalNetworkIsKept: a changed network is not recreated under the containers of others.
func TestExternalNetworkIsKept(t *testing.T) {
	in, observed := externalInput(t)
	observed.Networks[0].Labels[composeproject.LabelConfigHash] = "another"
	network := step(t, mustBuild(t, in), "external/network/default")
	if network.Verb != Reuse || network.Action.(*Network).IsChanged {
		t.Errorf("%s: %s", network.Verb, network.Reason.String())
	}
}

// TestExternalContainersCount: the check of a task uses the container of the service. Volumes are not inspected.
func TestExternalContainersCount(t *testing.T) {
	in, _ := externalInput(t)
	in.Spec.Tasks["test"].Inputs = []string{"src/**"}
	in.UpToDate = UpToDateOptions{IfChanged: true, ReasonToRun: func(UpToDateQuery) (string, error) { return "", nil }}
	task := step(t, mustBuild(t, in), "task/test")
	if task.Verb != Run || !strings.HasSuffix(task.Reason.String(), "skipped if it is up to date by then") {
		t.Errorf("%s: %s", task.Verb, task.Reason.String())
	}
	one, diags := task.Check.Query(Facts{Containers: map[string]string{"db": "one"}})
	other, moreDiags := task.Check.Query(Facts{Containers: map[string]string{"db": "other"}})
	if diags.HasErrors() || moreDiags.HasErrors() || cmp.Equal(one.Parts, other.Parts) {
		t.Errorf("%v for two databases (%v, %v)", one.Parts, diags, moreDiags)
	}
}

// TestExternalReplicas: all running replicas count. A service for completion alone need not run.
func TestExternalReplicas(t *testing.T) {
	in, observed := externalInput(t)
	first := container(t, observed, "db")
	second := *first
	second.ID, second.Name = "second", "app-db-2"
	second.Labels = map[string]string{
		composeproject.LabelService: "db", composeproject.LabelOneOff: composeproject.OneOffFalse, composeproject.LabelContainerNumber: "2",
	}
	first.State = "exited"
	observed.Containers = append(observed.Containers, &second)
	if look := step(t, mustBuild(t, in), "external/container/db").Action.(*InspectService); look.Name != "app-db-2" {
		t.Errorf("looks at %s", look.Name)
	}
	task := hostTask("seeded", onService("db", hclspec.Completed))
	in.Spec = spec(withPolicy(hclspec.PolicyExternal, task)...)
	second.State = "exited"
	look := step(t, mustBuild(t, in), "external/container/db")
	if !look.Action.(*InspectService).MayHaveEnded || strings.Contains(look.Reason.String(), "fail") {
		t.Errorf("%s", look.Reason.String())
	}
}

// TestPrivateProjectOfAShard: the scope of a shard is marked, and its text names the origin of the private project.
func TestPrivateProjectOfAShard(t *testing.T) {
	for source, want := range map[string]string{
		"":         "for task test: dependency_policy = \"ephemeral\" (Tasks.hcl:4:23);",
		"shards":   "for task test: shards (Tasks.hcl:4:23);",
		"--shards": "for task test: --shards;",
	} {
		in := privateInput(t)
		task := in.Spec.Tasks["test"]
		task.PolicySource = source
		if source != "" {
			task.Shard = hclspec.Shard{Index: 1, Count: 1}
		}
		for _, other := range []string{"test", "migrate"} {
			in.Spec.Tasks[other].PolicySource = source
			if source == "--shards" {
				in.Spec.Tasks[other].PolicyRange = hcl.Range{}
			}
		}
		plan := mustBuild(t, in)
		if text := plan.PrivateText(); !strings.Contains(text, want) {
			t.Errorf("%q; want %q", text, want)
		}
		if scope := plan.Scopes["ephemeral(test)"]; scope.IsShard != (source != "") {
			t.Errorf("%s: shard %t", source, scope.IsShard)
		}
	}
}

// The parts of a scope's key can be told apart: messages show the key.
func TestScopeKeys(t *testing.T) {
	for _, c := range []struct {
		scope  string
		policy hclspec.Policy
		want   string
	}{
		{"", hclspec.PolicyReuse, ""},
		{"", hclspec.PolicyEphemeral, "ephemeral(test)"},
		{"api:", hclspec.PolicyExternal, "api:external"},
		{"+new.yaml", hclspec.PolicyReuse, "+new.yaml"},
		{"+new.yaml", hclspec.PolicyEphemeral, "+new.yaml ephemeral(test)"},
		{"api:+new.yaml+profile:dev", hclspec.PolicyExternal, "api:+new.yaml+profile:dev external"},
	} {
		if got := ScopeOf(&hclspec.Task{Scope: c.scope, Policy: c.policy, PrivateProjectRun: "test"}); got != c.want {
			t.Errorf("%q under %s: key %q, want %q", c.scope, c.policy, got, c.want)
		}
	}
}
