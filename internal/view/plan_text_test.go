package view

import (
	"slices"
	"strings"
	"testing"
	"time"

	"tasks/executor"
	"tasks/hclspec"
	"tasks/planner"
)

func TestCommandLines(t *testing.T) {
	secrets := hclspec.Secrets{"hunter 2"}
	for name, test := range map[string]struct {
		task hclspec.Task
		want []string
	}{
		"none":       {hclspec.Task{Name: "t"}, nil},
		"words":      {hclspec.Task{Name: "t", Command: []string{"npm", "run", "a b"}}, []string{"+ npm run 'a b'"}},
		"entrypoint": {hclspec.Task{Name: "t", Entrypoint: []string{"env"}, Command: []string{"-i"}}, []string{"+ env -i"}},
		"secret":     {hclspec.Task{Name: "t", Command: []string{"login", "hunter 2"}}, []string{"+ login '***'"}},
		"script": {
			hclspec.Task{Name: "t", Command: []string{"sh", "-euc", "\n  cd src\n\tmake\n  if true; then\n    echo hunter 2\n  fi\n", "t", "a", "b c"}},
			[]string{"+   cd src  (arguments: a 'b c')", "+   make", "+   if true; then", "+     echo ***", "+   fi"},
		},
		"indent": {
			hclspec.Task{Name: "t", Command: []string{"bash", "-c", "  one\n    two\n\n  three\x1b[2J", "t"}},
			[]string{"+ one", "+   two", "+ ", "+ three\\x1b[2J"},
		},
		"long": {
			hclspec.Task{Name: "t", Command: []string{"sh", "-euc", strings.Repeat("echo\n", 13), "t"}},
			append(slices.Repeat([]string{"+ echo"}, 10), "+ … and 3 more lines"),
		},
	} {
		if got := commandLines(&test.task, secrets.Mask); !slices.Equal(got, test.want) {
			t.Errorf("%s: %q; want %q", name, got, test.want)
		}
	}
}

// samplePlanText renders a plan with most kinds of work.
func samplePlanText(columns int, hasColor bool) string {
	reason := planner.Reasons{{Code: planner.ReasonDisabled, Args: []string{"for a reason with hunter2 in it"}}}
	create, start, wait := serviceSteps("db")
	_, reused, met := serviceSteps("cache")
	reused.Verb, met.Verb = planner.Reuse, planner.Reuse
	test := taskStep("test", wait)
	planner.TaskOf(test).Command = []string{"pytest", "-q", "hunter2", "tests"}
	steps := []*planner.Step{
		imageStep(planner.Reuse, "db"), {ID: "n", Verb: planner.Create, Action: &planner.Network{Name: "shop_default"}},
		create, start, wait, reused, met,
		{ID: "w", Verb: planner.Recreate, Action: &planner.Container{Replica: "web"}}, test,
	}
	for _, s := range steps {
		s.Reason = reason
	}
	text := planText{
		plan: &planner.Plan{Steps: steps}, mask: hclspec.Secrets{"hunter2"}.Mask, isTerminal: columns > 0, hasColor: hasColor,
		columns: columns,
	}
	return text.String()
}

func TestPlanText(t *testing.T) {
	const atTerminal = `+ create    network  shop_default  for a reason with **…
+ create    service  db            for a reason with **…
► start     service  db            for a reason with **…
  wait      service  db            for a reason with **…
~ recreate  service  web           for a reason with **…
► run       task     test          for a reason with **…
    + pytest -q '***' tests
= reuse   image db, service cache
Plan: 1 to recreate, 2 to create, 1 to run; 2 reused
`
	if got := samplePlanText(57, false); got != atTerminal {
		t.Errorf("at a terminal\n%s\nwant\n%s", got, atTerminal)
	}
	if got := samplePlanText(57, true); !strings.Contains(got, "\x1b[32m+ create") || !strings.Contains(got, "\x1b[33m~ recreate") {
		t.Errorf("without colour:\n%s", got)
	}
	elsewhere := samplePlanText(0, false)
	for _, want := range []string{
		"\nreuse     service  cache         for a reason with *** in it\n",
		"\nrun       task     test          for a reason with *** in it (after service db)\n    + pytest -q '***' tests\nPlan: ",
	} {
		if !strings.Contains(elsewhere, want) {
			t.Errorf("no %q in\n%s", want, elsewhere)
		}
	}
	if got := planSummary(&planner.Plan{Steps: []*planner.Step{imageStep(planner.Reuse, "db")}}); got != "Plan: nothing to do; 1 reused\n" {
		t.Errorf("%q", got)
	}
}

// --verbose shows each command before the command runs.
func TestVerboseShowsTheCommand(t *testing.T) {
	g := newFakeScreen(t, 24, 80, "hunter2")
	g.Verbose = true
	lint, other := taskStep("lint"), taskStep("other")
	planner.TaskOf(lint).Command = []string{"eslint", "--token", "hunter2"}
	g.Begin(planOf(lint, other))
	g.notify(executor.Started, lint)
	g.StreamsOf(planner.TaskOf(lint)).Close()
	g.end(lint, time.Second)
	g.expect("at the end", "task lint  run\ntask lint  + eslint --token '***'\ntask lint  done (1.0 s)")
}
