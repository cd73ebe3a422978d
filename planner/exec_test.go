package planner

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"tasks/hclspec"
	"tasks/planner/observed"
)

// execTask runs a command in the container of a service.
func execTask(name, service string, depends ...hclspec.Dependency) *hclspec.Task {
	t := serviceTask(name, service, depends...)
	t.IsExec, t.Command = true, []string{"true"}
	return t
}

// TestExecNeedsItsServiceUp: the service is a dependency with all its own dependencies, and the task gets no
// container.
func TestExecNeedsItsServiceUp(t *testing.T) {
	p := load(t, plain, "web", "db")
	plan := mustBuild(t, Input{Spec: spec(execTask("test", "web")), Project: p, Snapshot: &observed.Snapshot{}})
	want := `pull    image    web          not present locally
create  network  app_default  does not exist
create  service  web          it has no container yet
pull    image    db           not present locally
create  service  db           it has no container yet
start   service  db           for service web
wait    service  db           until it is healthy, for service web
start   service  web          for task test (after service db)
wait    service  web          until it is ready, for task test
exec    task     test         requested, in the container of service web (after service web)
`
	if diff := cmp.Diff(want, plan.String()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestExecWithoutDependencies(t *testing.T) {
	p := load(t, plain, "web", "db")
	task := execTask("test", "web")
	task.NoDeps = true
	there := upToDate(t, p)
	plan := mustBuild(t, Input{Spec: spec(task), Project: p, Snapshot: there})
	if len(plan.Steps) != 1 {
		t.Errorf("the plan does more than to run the task:\n%s", plan)
	}
	have := plan.Steps[0].Action.(*RunExec).Existing
	if have == nil || have.Labels["com.docker.compose.service"] != "web" {
		t.Errorf("it runs in %+v", have)
	}
	plan = mustBuild(t, Input{Spec: spec(task), Project: p, Snapshot: &observed.Snapshot{}})
	if have := plan.Steps[0].Action.(*RunExec).Existing; have != nil {
		t.Errorf("it runs in %+v, which is not there", have)
	}
}

// The build of the service's image waits for tasks that may make files for the build.
func TestExecBuildsAfterItsTasks(t *testing.T) {
	p := load(t, "services: {web: {build: .}}", "web")
	plan := mustBuild(t, Input{Spec: spec(execTask("test", "web", onTask("generate")), hostTask("generate")), Project: p, Snapshot: &observed.Snapshot{}})
	needs := step(t, plan, "image/app-web").Needs
	if len(needs) != 1 || needs[0].Step != "task/generate" {
		t.Errorf("the build needs %+v", needs)
	}
}
