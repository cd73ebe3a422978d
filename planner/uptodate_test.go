package planner

import (
	"errors"
	"strings"
	"testing"

	"tasks/hclspec"
)

const stateful = `
services:
  web: {image: web, depends_on: [db]}
  db: {image: db, volumes: ["data:/data"], depends_on: [mail]}
  mail: {image: mail}
volumes:
  data: {}
`

// reading gives a task inputs.
func reading(t *hclspec.Task) *hclspec.Task {
	t.Inputs = []string{"src/**"}
	return t
}

// TestUpToDate: the reasons and verbs of tasks with inputs.
func TestUpToDate(t *testing.T) {
	unchanged := func(UpToDateQuery) (string, error) { return "", nil }
	for name, test := range map[string]struct {
		changed func(UpToDateQuery) (string, error)
		tasks   []*hclspec.Task
		flags   UpToDateOptions
		want    string
	}{
		"a dependency":     {unchanged, []*hclspec.Task{hostTask("a", onTask("b")), reading(hostTask("b"))}, UpToDateOptions{}, "skip task b: up to date"},
		"asked for":        {unchanged, []*hclspec.Task{reading(hostTask("b"))}, UpToDateOptions{}, "run task b: requested"},
		"if changed":       {unchanged, []*hclspec.Task{reading(hostTask("b"))}, UpToDateOptions{IfChanged: true}, "skip task b: up to date"},
		"force":            {unchanged, []*hclspec.Task{hostTask("a", onTask("b")), reading(hostTask("b"))}, UpToDateOptions{Force: true}, "run task b: for task a"},
		"no inputs":        {unchanged, []*hclspec.Task{hostTask("a", onTask("b")), hostTask("b")}, UpToDateOptions{}, "run task b: for task a"},
		"no check":         {nil, []*hclspec.Task{hostTask("a", onTask("b")), reading(hostTask("b"))}, UpToDateOptions{}, "run task b: for task a"},
		"after a task":     {unchanged, []*hclspec.Task{hostTask("a", onTask("b")), reading(hostTask("b", onTask("c"))), hostTask("c")}, UpToDateOptions{}, "run task b: for task a; skipped if it is up to date by then"},
		"after a skip":     {unchanged, []*hclspec.Task{hostTask("a", onTask("b")), reading(hostTask("b", onTask("c"))), reading(hostTask("c"))}, UpToDateOptions{}, "skip task b: up to date"},
		"output used":      {unchanged, []*hclspec.Task{hostTask("a", onTask("b")), func() *hclspec.Task { b := reading(hostTask("b")); b.IsCaptured = true; return b }()}, UpToDateOptions{}, "run task b: for task a"},
		"a value deferred": {unchanged, []*hclspec.Task{hostTask("a", onTask("b")), func() *hclspec.Task { b := reading(hostTask("b")); b.Deferred = []string{"command"}; return b }()}, UpToDateOptions{}, "by then"},
		"changed": {func(UpToDateQuery) (string, error) { return "input x differs", nil },
			[]*hclspec.Task{hostTask("a", onTask("b")), reading(hostTask("b"))}, UpToDateOptions{}, "run task b: for task a, because input x differs"},
		"check failed": {func(UpToDateQuery) (string, error) { return "", errors.New("no right to read x") },
			[]*hclspec.Task{hostTask("a", onTask("b")), reading(hostTask("b"))}, UpToDateOptions{}, "cannot be told: no right to read x"},
	} {
		t.Run(name, func(t *testing.T) {
			test.flags.ReasonToRun = test.changed
			p := mustBuild(t, Input{Spec: spec(test.tasks...), UpToDate: test.flags, ProjectDir: "/src"})
			s := step(t, p, "task/b")
			kind, what := s.Subject()
			if got := string(s.Verb) + " " + kind + " " + what + ": " + s.Reason.String(); !strings.HasSuffix(got, test.want) {
				t.Errorf("%s; want %s", got, test.want)
			}
		})
	}
}

// TestSkippedTaskNeedsNothing: the plan drops steps needed only by a skipped task.
func TestSkippedTaskNeedsNothing(t *testing.T) {
	project := load(t, stateful, "web")
	observed := upToDate(t, project)
	observed.Containers = nil
	p := mustBuild(t, Input{
		Spec: spec(hostTask("a", onTask("migrate")), reading(serviceTask("migrate", "web"))), Project: project, Snapshot: observed, ProjectDir: "/src",
		UpToDate: UpToDateOptions{ReasonToRun: func(UpToDateQuery) (string, error) { return "", nil }},
	})
	want := "skip  task  migrate  up to date\nrun   task  a        requested (after task migrate)\n"
	if p.String() != want {
		t.Errorf("plan:\n%s; want\n%s", p, want)
	}
}

// TestUpToDateQuery: the inputs of a task, by name.
func TestUpToDateQuery(t *testing.T) {
	project := load(t, stateful, "web")
	observed := upToDate(t, project)
	observed.Volumes[0].CreatedAt = "yesterday"
	var asked UpToDateQuery
	mustBuild(t, Input{
		Spec: spec(hostTask("a", onTask("migrate")), reading(serviceTask("migrate", "web"))), Project: project, Snapshot: observed, ProjectDir: "/src",
		UpToDate: UpToDateOptions{ReasonToRun: func(q UpToDateQuery) (string, error) { asked = q; return "", nil }},
	})
	if asked.RecordName != "app/migrate" {
		t.Errorf("record %s", asked.RecordName)
	}
	got := strings.Join(sortedKeys(asked.Parts), "\n")
	want := strings.Join([]string{
		"the command", "the configuration of service db", "the configuration of service mail", "the configuration of service web", "the container of mail",
		"the environment", "the image db", "the image mail", "the image web", "the volume app_data", "the way it is run",
	}, "\n")
	if got != want {
		t.Errorf("parts\n%s; want\n%s", got, want)
	}
	for part, want := range map[string]string{"the volume app_data": "yesterday", "the image db": "sha256:db", "the container of mail": `[["id-mail"]]`} {
		if asked.Parts[part] != want {
			t.Errorf("%s is %s; want %s", part, asked.Parts[part], want)
		}
	}
}
