package view

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"

	"tasks/executor"
	"tasks/executor/step"
	"tasks/hclspec"
	"tasks/internal/view/annotations"
	"tasks/planner"
)

// onServer prepares a display without a terminal, with a CI server.
func onServer(t *testing.T, kind annotations.Kind, secrets ...string) *fakeScreen {
	g := newFakeScreen(t, 100, 200, secrets...)
	g.isOutTerminal, g.isErrTerminal = false, false
	g.Printer.server.Store(&annotations.Server{Kind: kind})
	g.Printer.SetSecrets(secrets)
	g.EnableReminders(g.Secrets)
	g.useClock()
	return g
}

// Secrets are masked before the characters of a secret are escaped, and a diagnostic keeps the place.
func TestAnnotationsOfFailures(t *testing.T) {
	g := onServer(t, annotations.GitHub, "p%s:w,d\nline")
	test, image := taskStep("test"), imageStep(planner.PullImage, "app")
	g.Begin(planOf(image, test))
	at := hcl.Range{Filename: "Tasks.hcl", Start: hcl.Pos{Line: 3, Column: 2}, End: hcl.Pos{Line: 3, Column: 8}}
	wrong := &step.DiagnosticsError{Diagnostics: hcl.Diagnostics{{
		Severity: hcl.DiagError, Summary: "Wrong value", Detail: "It is p%s:w,d\nline.", Subject: &at,
	}}}
	g.End(executor.Result{Code: 1, Failures: []executor.Failure{
		{Step: image, Err: errors.New("no p%s:w,d\nline, 100%")}, {Step: test, Err: wrong},
	}})
	for _, want := range []string{
		"::error title=image app failed::no ***, 100%25\n",
		"::error file=Tasks.hcl,line=3,col=2,endColumn=8,title=task test failed::wrong value%0AIt is ***.\n",
	} {
		if got := g.screenText(); !strings.Contains(got+"\n", want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}

// An interrupted run, and the exit code of `tasks once`, have no annotation.
func TestNoAnnotation(t *testing.T) {
	for name, play := range map[string]func(*fakeScreen, *planner.Step){
		"interrupted": func(g *fakeScreen, _ *planner.Step) {
			g.Notice(executor.Notice{Kind: executor.Interrupted, Text: "interrupt", Requests: 1})
		},
		"once": func(_ *fakeScreen, s *planner.Step) { planner.TaskOf(s).IsOnce = true },
	} {
		g := onServer(t, annotations.GitHub)
		test := taskStep("test")
		g.Begin(planOf(test))
		play(g, test)
		g.End(executor.Result{Code: 3, Failures: []executor.Failure{{Step: test, Code: 3}}})
		if got := g.screenText(); strings.Contains(got, "::error") {
			t.Errorf("%s:\n%s", name, got)
		}
	}
}

// The line after a fold begins a line, also behind output without a line feed.
func TestFoldOfAnOpenLine(t *testing.T) {
	g := onServer(t, annotations.GitHub)
	g.Style, g.Targets = hclspec.StyleGroup, []string{"lint", "other"}
	lint := taskStep("lint")
	g.Begin(planOf(lint))
	streams := g.StreamsOf(planner.TaskOf(lint))
	fmt.Fprint(streams.Out, "one\n::notice::of the command\nno line feed")
	streams.Close()
	g.expect("at the end", "::group::task lint  output\none\n::notice::of the command\nno line feed\n::endgroup::")
}
