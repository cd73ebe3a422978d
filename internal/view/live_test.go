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

// glass is a terminal, and a clock that the test turns.
type glass struct {
	*Console
	written bytes.Buffer
	at      time.Time
	due     []func()
}

func newGlass(width int, secrets ...string) *glass {
	g := &glass{at: time.Unix(0, 0)}
	g.Console = &Console{
		Plain:   NewPlain(&g.written, Options{}, error.Error),
		Secrets: func() hclspec.Secrets { return secrets },
	}
	g.Live(func() int { return width })
	g.live.now = func() time.Time { return g.at }
	g.live.later = func(_ time.Duration, do func()) { g.due = append(g.due, do) }
	return g
}

// passes lets time go by.
func (g *glass) passes(d time.Duration) {
	g.at = g.at.Add(d)
	due := g.due
	g.due = nil
	for _, do := range due {
		do()
	}
}

// shows is what a person sees.
func (g *glass) shows() string {
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

func (g *glass) want(t *testing.T, when, screen string) {
	t.Helper()
	if got := g.shows(); got != screen {
		t.Errorf("%s: the terminal shows\n%s\nwant\n%s", when, got, screen)
	}
}

func TestLive(t *testing.T) {
	image := &planner.Step{ID: "image/app", Verb: planner.PullImage, Action: &planner.Image{Ref: "app"}}
	wait := &planner.Step{ID: "wait/db", Verb: planner.Wait, Action: &planner.WaitService{Service: "db", Condition: hclspec.Healthy}}
	reuse := &planner.Step{ID: "network/x", Verb: planner.Reuse, Action: &planner.Network{Name: "x"}}
	g := newGlass(46)
	for _, s := range []*planner.Step{image, wait, reuse} {
		g.Notice(executor.Notice{Happening: executor.Started, Step: s, Verb: s.Verb})
	}
	g.want(t, "at once", "")
	g.passes(time.Second)
	g.want(t, "after a second", "image app  pulling 1.0 s\nservice db  waiting 1.0 s\n")
	g.Notice(executor.Notice{Happening: executor.Progressed, Step: image, Verb: planner.PullImage, Text: "layer 3 of 7\x1b[2J, 12 MB of 90 MB"})
	g.want(t, "with news", "image app  pulling 1.0 s  layer 3 of 7[2J, 1…\nservice db  waiting 1.0 s\n")
	g.Notice(executor.Notice{Happening: executor.Warned, Text: "mind the gap"})
	g.Say("and this")
	g.want(t, "with a warning", "warning: mind the gap\nand this\nimage app  pulling 1.0 s  layer 3 of 7[2J, 1…\nservice db  waiting 1.0 s\n")
	g.Notice(executor.Notice{Happening: executor.Done, Step: wait, Verb: planner.Wait, Elapsed: time.Second})
	task := &hclspec.Task{Name: "t"}
	streams := g.StreamsOf(task)
	g.passes(time.Second)
	g.want(t, "while a command writes", "warning: mind the gap\nand this\nservice db  healthy (1s)\n")
	streams.Close()
	g.passes(time.Second)
	g.want(t, "after it", "warning: mind the gap\nand this\nservice db  healthy (1s)\nimage app  pulling 3.0 s  layer 3 of 7[2J, 1…\n")
	g.Notice(executor.Notice{Happening: executor.Failed, Step: image, Verb: planner.PullImage, Err: errors.New("no route")})
	g.want(t, "at the end", "warning: mind the gap\nand this\nservice db  healthy (1s)\nimage app  failed: no route\n")
	if g.passes(time.Second); len(g.due) != 0 {
		t.Error("nothing is under way, and the terminal is drawn on")
	}
}

// TestLiveMasksBeforeItCuts: no part of a secret is left at the edge of the terminal.
func TestLiveMasksBeforeItCuts(t *testing.T) {
	image := &planner.Step{ID: "image/app", Verb: planner.BuildImage, Action: &planner.Image{Ref: "app-hunter22hunter22"}}
	heard := map[string]string{
		"token hunter22hunter22 and more than fits":         "image app-***  building 1.0 s  token *** and …\n",
		"a token hunter22hunter22":                          "image app-***  building 1.0 s  a token ***\n",
		"the token is hunter22hunter22":                     "image app-***  building 1.0 s  the token is *…\n",
		"a cursor in hunter22\rhunter22 and more than fits": "image app-***  building 1.0 s  a cursor in **…\n",
		"in first\nsecond, and so on":                       "image app-***  building 1.0 s  in ***, and so…\n",
	}
	for text, want := range heard {
		g := newGlass(47, "hunter22hunter22", "first\nsecond")
		g.Notice(executor.Notice{Happening: executor.Started, Step: image, Verb: planner.BuildImage})
		g.Notice(executor.Notice{Happening: executor.Progressed, Step: image, Verb: planner.BuildImage, Text: text})
		g.passes(time.Second)
		g.want(t, text, want)
	}
}

// TestLiveCountsColumns: a line of wide characters stays one line of the terminal.
func TestLiveCountsColumns(t *testing.T) {
	image := &planner.Step{ID: "image/app", Verb: planner.BuildImage, Action: &planner.Image{Ref: "app"}}
	g := newGlass(40)
	g.Notice(executor.Notice{Happening: executor.Started, Step: image, Verb: planner.BuildImage})
	g.Notice(executor.Notice{Happening: executor.Progressed, Step: image, Verb: planner.BuildImage, Text: "日本語\u009b2J 📦📦📦 built"})
	g.passes(time.Second)
	g.want(t, "with wide characters", "image app  building 1.0 s  日本語2J 📦…\n")
}

// TestLiveLeavesNothing: steps that were cancelled tell no end.
func TestLiveLeavesNothing(t *testing.T) {
	g := newGlass(0)
	g.Begin(&planner.Plan{})
	for i := range mostLive + 3 {
		s := &planner.Step{ID: planner.StepID(fmt.Sprint(i)), Verb: planner.Create, Action: &planner.Network{Name: fmt.Sprint("net", i)}}
		g.Notice(executor.Notice{Happening: executor.Started, Step: s, Verb: s.Verb})
	}
	g.passes(time.Second)
	if got := g.shows(); strings.Count(got, "creating 1.0 s\n") != mostLive || !strings.HasSuffix(got, "\n  and 3 more\n") {
		t.Errorf("the terminal shows\n%s", got)
	}
	g.End(executor.Result{})
	g.passes(time.Second)
	g.want(t, "after the run", "")
}

func TestVerbose(t *testing.T) {
	var out bytes.Buffer
	p := NewPlain(&out, Options{Verbose: true}, error.Error)
	image := &planner.Step{Verb: planner.Reuse, Reason: "it is here", Action: &planner.Image{Ref: "app"}}
	lint := &planner.Step{Verb: planner.Run, Reason: "asked for", Action: &planner.RunHost{Task: &hclspec.Task{Name: "lint"}}}
	for _, s := range []*planner.Step{image, lint} {
		p.Notice(executor.Notice{Happening: executor.Started, Step: s, Verb: s.Verb})
		p.Notice(executor.Notice{Happening: executor.Done, Step: s, Verb: s.Verb, Elapsed: 20 * time.Millisecond})
	}
	want := "image app  reuse: it is here\nimage app  done: reuse (20ms)\ntask lint  run: asked for\ntask lint  done (20ms)\n"
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
}
