package view

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"tasks/executor"
	"tasks/hclspec"
	"tasks/planner"
)

// fakeScreen is a terminal with a clock for the test.
type fakeScreen struct {
	*Output
	written   bytes.Buffer
	now       time.Time
	scheduled []func()
}

func newFakeScreen(width int, secrets ...string) *fakeScreen {
	g := &fakeScreen{now: time.Unix(0, 0)}
	g.Output = &Output{
		NoticePrinter: NewNoticePrinter(&g.written, NoticeOptions{}, error.Error),
		Secrets:       func() hclspec.Secrets { return secrets },
	}
	g.EnableLive(func() int { return width }, g.Secrets)
	g.live.now = func() time.Time { return g.now }
	g.live.afterFunc = func(_ time.Duration, do func()) { g.scheduled = append(g.scheduled, do) }
	return g
}

// advance moves the clock.
func (g *fakeScreen) advance(d time.Duration) {
	g.now = g.now.Add(d)
	scheduled := g.scheduled
	g.scheduled = nil
	for _, do := range scheduled {
		do()
	}
}

// screenText is the visible text.
func (g *fakeScreen) screenText() string {
	var lines []string
	for part := range strings.SplitSeq(g.written.String(), "\n") {
		for strings.HasPrefix(part, "\x1b[") {
			var up int
			fmt.Sscanf(part, "\x1b[%dA", &up)
			lines = lines[:len(lines)-up]
			_, part, _ = strings.Cut(part, "\x1b[J")
		}
		lines = append(lines, part)
	}
	return strings.Join(lines, "\n")
}

func (g *fakeScreen) expect(t *testing.T, when, screen string) {
	t.Helper()
	if got := g.screenText(); got != screen {
		t.Errorf("%s: the terminal shows\n%s\nwant\n%s", when, got, screen)
	}
}

func TestLiveDisplay(t *testing.T) {
	image := &planner.Step{ID: "image/app", Verb: planner.PullImage, Action: &planner.Image{Ref: "app"}}
	wait := &planner.Step{
		ID: "wait/db", Verb: planner.Wait, Action: &planner.WaitService{Replica: "db", Condition: hclspec.Healthy},
	}
	reuse := &planner.Step{ID: "network/x", Verb: planner.Reuse, Action: &planner.Network{Name: "x"}}
	g := newFakeScreen(46)
	for _, s := range []*planner.Step{image, wait, reuse} {
		g.Notice(executor.Notice{Kind: executor.Started, Step: s, Verb: s.Verb})
	}
	g.expect(t, "at once", "")
	g.advance(time.Second)
	g.expect(t, "after a second", "image app  pulling 1.0 s\nservice db  waiting 1.0 s\n")
	g.Notice(
		executor.Notice{
			Kind: executor.Progressed, Step: image, Verb: planner.PullImage, Text: "layer 3 of 7\x1b[2J, 12 MB of 90 MB",
		},
	)
	g.expect(t, "with news", "image app  pulling 1.0 s  layer 3 of 7[2J, 1…\nservice db  waiting 1.0 s\n")
	g.Notice(executor.Notice{Kind: executor.Warned, Text: "mind the gap"})
	g.PrintLine("and this")
	g.expect(
		t, "with a warning",
		"warning: mind the gap\nand this\nimage app  pulling 1.0 s  layer 3 of 7[2J, 1…\nservice db  waiting 1.0 s\n",
	)
	g.Notice(executor.Notice{Kind: executor.Done, Step: wait, Verb: planner.Wait, Elapsed: time.Second})
	task := &hclspec.Task{Name: "t"}
	streams := g.StreamsOf(task)
	g.advance(time.Second)
	g.expect(t, "while a command writes", "warning: mind the gap\nand this\nservice db  healthy (1s)\n")
	streams.Close()
	g.advance(time.Second)
	g.expect(
		t, "after it",
		"warning: mind the gap\nand this\nservice db  healthy (1s)\nimage app  pulling 3.0 s  layer 3 of 7[2J, 1…\n",
	)
	g.Notice(executor.Notice{Kind: executor.Failed, Step: image, Verb: planner.PullImage, Err: errors.New("no route")})
	g.expect(
		t, "at the end", "warning: mind the gap\nand this\nservice db  healthy (1s)\nimage app  failed: no route\n",
	)
	if g.advance(time.Second); len(g.scheduled) != 0 {
		t.Error("nothing is under way, and the terminal is drawn on")
	}
}

// TestLiveMasksBeforeItCuts: no part of a secret appears at the edge of the terminal.
func TestLiveMasksBeforeItCuts(t *testing.T) {
	image := &planner.Step{
		ID: "image/app", Verb: planner.BuildImage, Action: &planner.Image{Ref: "app-hunter22hunter22"},
	}
	heard := map[string]string{
		"token hunter22hunter22 and more than fits":         "image app-***  building 1.0 s  token *** and …\n",
		"a token hunter22hunter22":                          "image app-***  building 1.0 s  a token ***\n",
		"the token is hunter22hunter22":                     "image app-***  building 1.0 s  the token is *…\n",
		"a cursor in hunter22\rhunter22 and more than fits": "image app-***  building 1.0 s  a cursor in **…\n",
		"in first\nsecond, and so on":                       "image app-***  building 1.0 s  in ***, and so…\n",
	}
	for text, want := range heard {
		g := newFakeScreen(47, "hunter22hunter22", "first\nsecond")
		g.Notice(executor.Notice{Kind: executor.Started, Step: image, Verb: planner.BuildImage})
		g.Notice(executor.Notice{Kind: executor.Progressed, Step: image, Verb: planner.BuildImage, Text: text})
		g.advance(time.Second)
		g.expect(t, text, want)
	}
}

// TestLiveCountsColumns: a line of wide characters stays one line of the terminal.
func TestLiveCountsColumns(t *testing.T) {
	image := &planner.Step{ID: "image/app", Verb: planner.BuildImage, Action: &planner.Image{Ref: "app"}}
	g := newFakeScreen(40)
	g.Notice(executor.Notice{Kind: executor.Started, Step: image, Verb: planner.BuildImage})
	g.Notice(
		executor.Notice{
			Kind: executor.Progressed, Step: image, Verb: planner.BuildImage, Text: "日本語\u009b2J 📦📦📦 built",
		},
	)
	g.advance(time.Second)
	g.expect(t, "with wide characters", "image app  building 1.0 s  日本語2J 📦…\n")
}

// TestLiveDisplayIsErased: cancelled steps report no end.
func TestLiveDisplayIsErased(t *testing.T) {
	g := newFakeScreen(0)
	g.Begin(&planner.Plan{})
	for i := range maxLiveSteps + 3 {
		s := &planner.Step{
			ID: planner.StepID(fmt.Sprint(i)), Verb: planner.Create,
			Action: &planner.Network{Name: fmt.Sprint("net", i)},
		}
		g.Notice(executor.Notice{Kind: executor.Started, Step: s, Verb: s.Verb})
	}
	g.advance(time.Second)
	if got := g.screenText(); strings.Count(got, "creating 1.0 s\n") != maxLiveSteps || !strings.HasSuffix(
		got, "\n  and 3 more\n",
	) {
		t.Errorf("the terminal shows\n%s", got)
	}
	g.End(executor.Result{})
	g.advance(time.Second)
	g.expect(t, "after the run", "")
}

func TestVerbose(t *testing.T) {
	var out bytes.Buffer
	p := NewNoticePrinter(&out, NoticeOptions{Verbose: true}, error.Error)
	image := &planner.Step{
		Verb: planner.Reuse, Reason: planner.Reasons{{Code: planner.ReasonImagePresent}},
		Action: &planner.Image{Ref: "app"},
	}
	lint := &planner.Step{
		Verb: planner.Run, Reason: planner.Reasons{{Code: planner.ReasonRequested}},
		Action: &planner.RunHost{Task: &hclspec.Task{Name: "lint"}},
	}
	for _, s := range []*planner.Step{image, lint} {
		p.Notice(executor.Notice{Kind: executor.Started, Step: s, Verb: s.Verb})
		p.Notice(executor.Notice{Kind: executor.Done, Step: s, Verb: s.Verb, Elapsed: 20 * time.Millisecond})
	}
	want := "image app  reuse: it is here\nimage app  done: reuse (20ms)\n" +
		"task lint  run: asked for\ntask lint  done (20ms)\n"
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
}
