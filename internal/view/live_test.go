package view

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"tasks/executor"
	"tasks/hclspec"
	"tasks/planner"
)

func TestLiveDisplay(t *testing.T) {
	image := imageStep(planner.PullImage, "app")
	_, _, wait := serviceSteps("db")
	reuse := &planner.Step{ID: "network/x", Verb: planner.Reuse, Action: &planner.Network{Name: "x"}}
	g := newFakeScreen(t, 24, 46)
	g.Targets = []string{"t"}
	for _, s := range []*planner.Step{image, wait, reuse} {
		g.notify(executor.Started, s)
	}
	g.expect("at once", "")
	g.advance(time.Second)
	g.expect("after a second", "image app  pulling 1.0 s\nservice db  waiting 1.0 s")
	g.progress(image, "layer 3 of 7\x1b[2J, 12 MB of 90 MB")
	g.expect("with news", "image app  pulling 1.0 s  layer 3 of 7[2J, 1…\nservice db  waiting 1.0 s")
	g.Notice(executor.Notice{Kind: executor.Warned, Text: "mind the gap"})
	g.PrintLine("and this")
	g.expect(
		"with a warning",
		"warning: mind the gap\nand this\nimage app  pulling 1.0 s  layer 3 of 7[2J, 1…\nservice db  waiting 1.0 s",
	)
	g.end(wait, time.Second)
	streams := g.StreamsOf(&hclspec.Task{Name: "t"})
	g.advance(time.Second)
	g.expect("while a command writes directly", "warning: mind the gap\nand this\nservice db  healthy (1.0 s)")
	fmt.Fprint(streams.Out, "an open line")
	streams.Close()
	g.advance(time.Second)
	const before = "warning: mind the gap\nand this\nservice db  healthy (1.0 s)\nan open line\n"
	g.expect("after it", before+"image app  pulling 3.0 s  layer 3 of 7[2J, 1…")
	g.Notice(executor.Notice{Kind: executor.Failed, Step: image, Verb: planner.PullImage, Err: errors.New("no route")})
	g.expect("at the end", before+"image app  failed: no route")
	if g.advance(time.Second); len(g.scheduled) != 0 {
		t.Error("nothing is under way, and the terminal is drawn on")
	}
}

// TestLiveMasksBeforeItCuts: no part of a secret appears at the edge of the terminal.
func TestLiveMasksBeforeItCuts(t *testing.T) {
	image := imageStep(planner.BuildImage, "app-hunter22hunter22")
	heard := map[string]string{
		"token hunter22hunter22 and more than fits":         "image app-***  building 1.0 s  token *** and …",
		"a token hunter22hunter22":                          "image app-***  building 1.0 s  a token ***",
		"the token is hunter22hunter22":                     "image app-***  building 1.0 s  the token is *…",
		"a cursor in hunter22\rhunter22 and more than fits": "image app-***  building 1.0 s  a cursor in **…",
		"in first\nsecond, and so on":                       "image app-***  building 1.0 s  in ***, and so…",
	}
	for text, want := range heard {
		g := newFakeScreen(t, 24, 47, "hunter22hunter22", "first\nsecond")
		g.notify(executor.Started, image)
		g.progress(image, text)
		g.advance(time.Second)
		g.expect(text, want)
	}
}

// TestLiveCountsColumns: a line of wide characters stays one line of the terminal.
func TestLiveCountsColumns(t *testing.T) {
	image := imageStep(planner.BuildImage, "app")
	g := newFakeScreen(t, 24, 40)
	g.notify(executor.Started, image)
	g.progress(image, "日本語\u009b2J 📦📦📦 built")
	g.advance(time.Second)
	g.expect("with wide characters", "image app  building 1.0 s  日本語2J 📦…")
}

// TestLiveDisplayIsErased: cancelled steps report no end.
func TestLiveDisplayIsErased(t *testing.T) {
	g := newFakeScreen(t, 24, 80)
	g.rows, g.columns = 0, 0 // unknown
	g.Begin(&planner.Plan{})
	for i := range maxLiveSteps + 3 {
		g.notify(executor.Started, &planner.Step{
			ID: planner.StepID(fmt.Sprint(i)), Verb: planner.Create,
			Action: &planner.Network{Name: fmt.Sprint("net", i)},
		})
	}
	g.advance(time.Second)
	if got := g.screenText(); strings.Count(got, "creating 1.0 s\n") != maxLiveSteps || !strings.HasSuffix(
		got, "\n  and 3 more",
	) {
		t.Errorf("the terminal shows\n%s", got)
	}
	g.End(executor.Result{})
	g.advance(time.Second)
	g.expect("after the run", "")
}

// The picture leaves no residue where the terminal echoes a key, and where its size changes.
func TestLiveDisplayLeavesNoResidue(t *testing.T) {
	g := newFakeScreen(t, 7, 60)
	for i := range 14 {
		_, _, wait := serviceSteps(fmt.Sprint("s", i))
		g.notify(executor.Started, wait)
		g.progress(wait, "waiting until it is healthy (at most 2 m 50 s)")
	}
	g.advance(20 * time.Second)
	if got := strings.Count(g.screenText(), "\n") + 1; got > 3 || g.screen.History() != "" {
		t.Errorf("%d lines on 7 rows after\n%s", got, g.screen.History())
	}
	g.echo("^C")
	g.Notice(executor.Notice{Kind: executor.Interrupted, Text: "interrupt"})
	if got := g.screenText(); !strings.HasPrefix(got, "Interrupted: ") {
		t.Errorf("after the key\n%s", got)
	}
	for _, columns := range []int{30, 45, 25, 60} {
		g.resize(7, columns)
		g.advance(time.Second)
	}
	g.resize(12, 60)
	g.End(executor.Result{})
	if all := g.screen.History() + g.screenText(); strings.Contains(all, "waiting") {
		t.Errorf("residue:\n%s", all)
	}
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
	want := "image app  reuse: present\nimage app  done: reuse (0.0 s)\n" +
		"task lint  run: requested\ntask lint  done (0.0 s)\n"
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
}

// A suspension leaves no lines on the screen of the shell, and the display comes back.
func TestLiveDisplayIsHiddenDuringASuspension(t *testing.T) {
	g := newFakeScreen(t, 10, 60)
	_, _, wait := serviceSteps("db")
	g.notify(executor.Started, wait)
	g.advance(time.Second)
	g.echo("^Z")
	g.beginSuspension()
	g.expect("before the suspension", "")
	g.echo("[1]+ Stopped\r\n$ fg\r\ntasks run x")
	g.endSuspension()
	g.expect("after it", "[1]+ Stopped\n$ fg\ntasks run x\nservice db  waiting 1.0 s")
}

// A direct writer without a line feed at the end keeps the cursor where it is, unless other text follows.
func TestLiveDisplayLeavesTheEndOfDirectOutput(t *testing.T) {
	g := newFakeScreen(t, 10, 60)
	g.Targets = []string{"t"}
	streams := g.StreamsOf(&hclspec.Task{Name: "t"})
	fmt.Fprint(streams.Out, "no line feed")
	streams.Close()
	g.End(executor.Result{})
	g.Printer.EndDisplay()
	g.echo("$ ")
	g.expect("at the end", "no line feed$")
}

// A message during direct output begins a line, also behind the echo of a key.
func TestMessageDuringDirectOutputBeginsALine(t *testing.T) {
	for name, output := range map[string]string{"at the left": "a line\n", "within a line": "a line", "at the end of a line": strings.Repeat("x", 60)} {
		g := newFakeScreen(t, 10, 60)
		g.Targets = []string{"t"}
		streams := g.StreamsOf(&hclspec.Task{Name: "t"})
		fmt.Fprint(streams.Out, output)
		g.echo("^C")
		g.Notice(executor.Notice{Kind: executor.Interrupted, Text: "interrupt", Requests: 1, Waiting: []string{"task t"}})
		got := g.screenText()
		if !strings.Contains(got, "^C\nInterrupted: ") || strings.Contains(got, "\n\n") {
			t.Errorf("%s: the terminal shows\n%s", name, got)
		}
		streams.Close()
	}
}

// BenchmarkPicture draws 14 waiting services. A terminal gets ten pictures a second, so 2 ms are 2 % of a core.
func BenchmarkPicture(b *testing.B) {
	p := NewNoticePrinter(io.Discard, NoticeOptions{}, error.Error)
	p.EnableLive(func() (int, int) { return 40, 120 }, func() hclspec.Secrets { return nil })
	p.live.afterFunc = func(time.Duration, func()) {}
	begin := time.Now().Add(-time.Minute)
	p.live.now = func() time.Time { return begin }
	for i := range 14 {
		_, _, wait := serviceSteps(fmt.Sprint("service", i))
		p.Notice(executor.Notice{Kind: executor.Started, Step: wait, Verb: wait.Verb})
		p.Notice(executor.Notice{Kind: executor.Answered, Step: wait, Text: "psql: connection refused (exit code 2)"})
	}
	p.live.now = time.Now
	for b.Loop() {
		p.live.draw()
	}
}
