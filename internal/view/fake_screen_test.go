package view

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"tasks/executor"
	"tasks/hclspec"
	"tasks/internal/testing/screen"
	"tasks/planner"
)

// fakeScreen is an output on an emulated terminal, with a clock for the test.
type fakeScreen struct {
	*Output
	t             *testing.T
	file          *os.File
	screen        *screen.Screen
	rows, columns int
	now           time.Time
	scheduled     []scheduledCall
}

type scheduledCall struct {
	at time.Time
	do func()
}

func newFakeScreen(t *testing.T, rows, columns int, secrets ...string) *fakeScreen {
	t.Helper()
	file, err := os.Create(filepath.Join(t.TempDir(), "terminal"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	g := &fakeScreen{
		t: t, file: file, screen: screen.New(rows, columns), rows: rows, columns: columns, now: time.Unix(0, 0),
	}
	g.Output = &Output{
		NoticePrinter: NewNoticePrinter(file, NoticeOptions{}, error.Error), Out: file, Err: file,
		Secrets: func() hclspec.Secrets { return secrets }, isOutTerminal: true, isErrTerminal: true,
		Printer: NewPrinter(nil, file, file),
	}
	g.Printer.notices.Store(g.NoticePrinter)
	g.EnableLive(func() (int, int) { return g.rows, g.columns }, g.Secrets)
	g.useClock()
	return g
}

// useClock gives the display the clock of the test.
func (g *fakeScreen) useClock() {
	g.live.now = func() time.Time { return g.now }
	g.live.afterFunc = func(d time.Duration, do func()) {
		g.scheduled = append(g.scheduled, scheduledCall{g.now.Add(d), do})
	}
}

// advance moves the clock, and makes the calls on the way.
func (g *fakeScreen) advance(d time.Duration) {
	end := g.now.Add(d)
	for {
		next := -1
		for i, call := range g.scheduled {
			if !call.at.After(end) && (next < 0 || call.at.Before(g.scheduled[next].at)) {
				next = i
			}
		}
		if next < 0 {
			break
		}
		call := g.scheduled[next]
		g.scheduled = append(g.scheduled[:next:next], g.scheduled[next+1:]...)
		g.now = call.at
		call.do()
	}
	g.now = end
}

// resize changes the size of the terminal.
func (g *fakeScreen) resize(rows, columns int) {
	g.sync()
	g.rows, g.columns = rows, columns
	g.screen.Resize(rows, columns)
}

// sync shows what was written. A terminal adds a carriage return to each line feed.
func (g *fakeScreen) sync() {
	g.t.Helper()
	text, err := os.ReadFile(g.file.Name())
	if err != nil {
		g.t.Fatal(err)
	}
	_, _ = g.screen.Write(bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n")))
	if err := g.file.Truncate(0); err != nil {
		g.t.Fatal(err)
	}
	if _, err := g.file.Seek(0, io.SeekStart); err != nil {
		g.t.Fatal(err)
	}
}

// echo shows what the terminal itself echoes.
func (g *fakeScreen) echo(text string) {
	g.sync()
	_, _ = io.WriteString(g.screen, text)
}

func (g *fakeScreen) screenText() string {
	g.t.Helper()
	g.sync()
	return g.screen.String()
}

func (g *fakeScreen) expect(when, screen string) {
	g.t.Helper()
	if got := g.screenText(); got != screen {
		g.t.Errorf("%s: the terminal shows\n%s\nwant\n%s", when, got, screen)
	}
}

// notify passes a notice about a step on.
func (g *fakeScreen) notify(kind executor.NoticeKind, s *planner.Step) {
	g.Notice(executor.Notice{Kind: kind, Step: s, Verb: s.Verb})
}

// progress passes the progress of a step on.
func (g *fakeScreen) progress(s *planner.Step, text string) {
	g.Notice(executor.Notice{Kind: executor.Progressed, Step: s, Verb: s.Verb, Text: text})
}

// end passes the success of a step on.
func (g *fakeScreen) end(s *planner.Step, elapsed time.Duration) {
	g.Notice(executor.Notice{Kind: executor.Done, Step: s, Verb: s.Verb, Elapsed: elapsed})
}

// cleanup passes an act of a cleanup on.
func (g *fakeScreen) cleanup(kind executor.NoticeKind, act planner.Verb, resource string) {
	g.Notice(executor.Notice{Kind: kind, Verb: act, Text: resource})
}

// fail passes the exit code of a step on.
func (g *fakeScreen) fail(s *planner.Step, code int, elapsed time.Duration) {
	g.Notice(executor.Notice{Kind: executor.Failed, Step: s, Verb: s.Verb, Code: code, Elapsed: elapsed})
}

func imageStep(verb planner.Verb, ref string) *planner.Step {
	return &planner.Step{ID: planner.StepID("image/" + ref), Verb: verb, Action: &planner.Image{Ref: ref}}
}

// serviceSteps are the steps of a service with a healthcheck.
func serviceSteps(name string) (create, start, wait *planner.Step) {
	id := func(kind string) planner.StepID { return planner.StepID(kind + "/" + name) }
	create = &planner.Step{ID: id("container"), Verb: planner.Create, Action: &planner.Container{Replica: name}}
	start = &planner.Step{ID: id("start"), Verb: planner.Start, Action: &planner.StartService{Replica: name}}
	wait = &planner.Step{
		ID: id("wait"), Verb: planner.Wait, Action: &planner.WaitService{Replica: name, Condition: hclspec.Healthy},
		Needs: []planner.Need{{Step: start.ID}},
	}
	return create, start, wait
}

// taskStep is the command of a task with needs.
func taskStep(name string, needs ...*planner.Step) *planner.Step {
	s := &planner.Step{
		ID: planner.StepID("task/" + name), Verb: planner.Run,
		Action: &planner.RunHost{Task: &hclspec.Task{Name: name}},
	}
	for _, need := range needs {
		s.Needs = append(s.Needs, planner.Need{Step: need.ID})
	}
	return s
}

// planOf is a plan with the last step as its target.
func planOf(steps ...*planner.Step) *planner.Plan {
	return &planner.Plan{Steps: steps, Targets: []planner.StepID{steps[len(steps)-1].ID}}
}
