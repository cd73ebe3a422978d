package planner

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"tasks/hclspec"
	"tasks/internal/composeproject"
	"tasks/planner/observed"
)

const withJobs = `services:
  db: {image: db, command: [serve]}
jobs:
  migrate: {image: app, command: [migrate], depends_on: [db], triggers: {manual: true}}
  seed:
    image: app
    command: [seed]
    depends_on: {migrate: {condition: service_completed_successfully}}
    triggers: {manual: true}
`

func jobTask(name, job string, depends ...hclspec.Dependency) *hclspec.Task {
	t := serviceTask(name, job, depends...)
	t.IsJob = true
	return t
}

// jobRun is the task for job.NAME.
func jobRun(job string) *hclspec.Task {
	t := jobTask("job."+job, job)
	t.IsJobRun = true
	return t
}

func TestPlanOfAJob(t *testing.T) {
	p := load(t, withJobs, "seed")
	plan := mustBuild(t, Input{Spec: spec(jobTask("seed", "seed")), Project: p, Snapshot: &observed.Snapshot{}})
	const want = `pull    image    app          not present locally
create  network  app_default  does not exist
create  one-off  seed         a fresh container for each run
create  service  migrate      it has no container yet
pull    image    db           not present locally
create  service  db           it has no container yet
start   service  db           for service migrate
start   service  migrate      for task seed
wait    service  migrate      until it has completed successfully, for task seed
run     task     seed         requested (after service migrate)
`
	if diff := cmp.Diff(want, plan.String()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	oneOff, _ := step(t, plan, "create/seed").Action.(*CreateOneOff).Spec(Facts{}, false, "0123456789abcdef")
	for key, value := range map[string]string{
		composeproject.LabelService: "seed", composeproject.LabelOneOff: "True", composeproject.LabelSlug: "0123456789abcdef",
		composeproject.LabelDependsOn: "migrate:service_completed_successfully:false",
	} {
		if oneOff.Labels[key] != value {
			t.Errorf("label %s is %q, want %q", key, oneOff.Labels[key], value)
		}
	}
	if oneOff.Name != "app-seed-run-0123456789ab" {
		t.Errorf("the container is %s", oneOff.Name)
	}
}

// A job that another job needs runs in each run, unlike a completed service.
func TestJobsRunAgain(t *testing.T) {
	p := load(t, withJobs, "seed")
	snapshot := upToDate(t, p)
	migrate := container(t, snapshot, "migrate")
	migrate.State, migrate.ExitCode = "exited", 0
	plan := mustBuild(t, Input{Spec: spec(jobTask("seed", "seed")), Project: p, Snapshot: snapshot})
	if s := step(t, plan, "container/migrate"); s.Verb != Reuse {
		t.Errorf("container: %s, %s", s.Verb, s.Reason.String())
	}
	if s := step(t, plan, "start/migrate"); s.Verb != Start {
		t.Errorf("start: %s, %s", s.Verb, s.Reason.String())
	}
}

// With job.migrate in depends_on, other jobs wait for this run of the job, in any order of the dependencies.
func TestAJobRunsOnce(t *testing.T) {
	for _, order := range [][]hclspec.Dependency{
		{onTask("job.migrate"), onTask("job.seed")}, {onTask("job.seed"), onTask("job.migrate")},
	} {
		p := load(t, withJobs, "migrate", "seed")
		plan := mustBuild(t, Input{
			Spec: spec(hostTask("test", order...), jobRun("migrate"), jobRun("seed")), Project: p, Snapshot: &observed.Snapshot{},
		})
		for _, s := range plan.Steps {
			if s.ID == "container/migrate" {
				t.Errorf("job migrate runs twice:\n%s", plan)
			}
		}
		if seed := step(t, plan, "task/job.seed"); seed.needIndex("task/job.migrate") < 0 {
			t.Errorf("job.seed does not wait for job.migrate:\n%s", plan)
		}
	}
	// A task of the job with another command is not the job.
	p := load(t, withJobs, "migrate", "seed")
	dry := jobTask("dry", "migrate")
	plan := mustBuild(t, Input{
		Spec: spec(hostTask("test", onTask("dry"), onTask("job.seed")), dry, jobRun("seed")), Project: p, Snapshot: &observed.Snapshot{},
	})
	step(t, plan, "container/migrate")
}

// --remove-orphans keeps the container of a job that another job needed.
func TestContainersOfJobsAreNoOrphans(t *testing.T) {
	p := load(t, withJobs, "db")
	job := &observed.Container{ID: "j", Name: "app-migrate-1", State: "exited", Labels: map[string]string{
		composeproject.LabelProject: "app", composeproject.LabelService: "migrate", composeproject.LabelOneOff: "False",
	}}
	plan := mustBuild(t, Input{Spec: dependentOn("db"), Project: p, RemoveOrphans: true,
		Snapshot: &observed.Snapshot{Containers: []*observed.Container{job}}})
	for _, s := range plan.Steps {
		if s.Verb == Remove {
			t.Errorf("%s is removed: %s", s.ID, s.Reason.String())
		}
	}
	input := Input{Spec: dependentOn("db"), Project: p, Snapshot: &observed.Snapshot{Containers: []*observed.Container{job}}}
	if _, diags := Build(input); len(diags) > 0 {
		t.Errorf("warned: %v", diags)
	}
}

func dependentOn(service string) *hclspec.Spec {
	return spec(hostTask("t", onService(service, hclspec.Started)))
}
