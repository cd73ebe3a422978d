package view

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode"

	"tasks/executor"
	"tasks/hclspec"
	"tasks/planner"
)

const (
	// liveAfter is how long a step may take before it is shown: what is done at once would only flicker.
	liveAfter = 150 * time.Millisecond
	// liveEvery is the time between two pictures.
	liveEvery = 100 * time.Millisecond
	// mostLive is how many steps are shown at a time.
	mostLive = 8
)

// live shows at the bottom of a terminal what is under way: pulls, builds, waits and the like, with the last that was heard of
// each and the time that it has taken. Lines that stay are written above. While a command writes to the terminal, nothing
// is shown. The lock of [Plain] guards it.
type live struct {
	out io.Writer
	// width is that of the terminal; 0: nobody knows.
	width func() int
	// secrets gives what is masked before a line is cut: the writer behind it knows whole values only. nil: nothing is.
	secrets func() hclspec.Secrets
	now     func() time.Time
	// later calls a function after a time, from a goroutine of its own.
	later func(time.Duration, func())

	steps []*liveStep
	// writing are the commands that write to the terminal; drawn is how many lines are shown; due says that a picture comes.
	writing, drawn int
	due            bool
}

// Live shows, from now on, what is under way at the bottom of the terminal that is written to, whose width is given; 0: nobody
// knows it.
func (p *Plain) Live(width func() int) {
	p.live = &live{out: p.out, width: width, now: time.Now, later: func(d time.Duration, do func()) { time.AfterFunc(d, do) }}
}

// Live is [Plain.Live], with the console's secrets masked.
func (c *Console) Live(width func() int) {
	c.Plain.Live(width)
	c.live.secrets = c.Secrets
}

// liveStep is a step under way.
type liveStep struct {
	step  *planner.Step
	began time.Time
	// what is being done, and the last that was heard of it.
	what, heard string
}

// above writes something that stays, over what is live.
func (p *Plain) above(n executor.Notice, write func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.live == nil {
		write()
		return
	}
	p.live.erase()
	write()
	p.live.take(n, n.Text)
	p.live.draw()
	p.drawLater()
}

// drawLater has the picture drawn anew as long as something is under way.
func (p *Plain) drawLater() {
	l := p.live
	if l.due || len(l.steps) == 0 || l.writing > 0 {
		return
	}
	l.due = true
	l.later(liveEvery, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		l.due = false
		l.draw()
		p.drawLater()
	})
}

// writes tells that a command begins to write to the terminal; ended, that it does no more.
func (p *Plain) writes() (ended func()) {
	if p == nil || p.live == nil {
		return func() {}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.live.writing++
	p.live.erase()
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.live.writing--
		p.drawLater()
	}
}

// Say writes a line that stays.
func (p *Plain) Say(line string) {
	p.above(executor.Notice{}, func() { fmt.Fprintln(p.out, line) })
}

// forgetLive takes away what an earlier run has left of the picture: steps that were cancelled tell no end.
func (p *Plain) forgetLive() {
	if p.live == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.live.erase()
	p.live.steps = nil
}

// shows says that a line of progress is seen in the picture: one of a pull or a build.
func (l *live) shows(n executor.Notice) bool {
	return l != nil && (n.Verb == planner.PullImage || n.Verb == planner.BuildImage)
}

// take notes what a notice tells.
func (l *live) take(n executor.Notice, heard string) {
	if n.Step == nil {
		return
	}
	at := slices.IndexFunc(l.steps, func(s *liveStep) bool { return s.step == n.Step })
	switch {
	case n.Happening == executor.Started && at < 0 && doing(n.Verb) != "":
		l.steps = append(l.steps, &liveStep{step: n.Step, began: l.now(), what: doing(n.Verb)})
	case n.Happening == executor.Progressed && at >= 0:
		l.steps[at].heard = heard
	case at >= 0 && (n.Happening == executor.Done || n.Happening == executor.Failed || n.Happening == executor.Skipped ||
		n.Happening == executor.Warned && n.Elapsed > 0):
		l.steps = slices.Delete(l.steps, at, at+1)
	}
}

// doing is what a step of a verb does, as long as it does it; empty: that is not shown.
func doing(v planner.Verb) string {
	switch v {
	case planner.PullImage:
		return "pulling"
	case planner.BuildImage:
		return "building"
	case planner.Wait:
		return "waiting"
	case planner.Create:
		return "creating"
	case planner.Recreate:
		return "recreating"
	case planner.Start:
		return "starting"
	case planner.Stop:
		return "stopping"
	case planner.Remove:
		return "removing"
	}
	return ""
}

// erase takes away what is shown, so that something else can be written.
func (l *live) erase() {
	if l.drawn > 0 {
		fmt.Fprintf(l.out, "\x1b[%dA\x1b[J", l.drawn)
		l.drawn = 0
	}
}

// draw shows what is under way, below all else.
func (l *live) draw() {
	l.erase()
	if l.writing > 0 {
		return
	}
	lines := l.lines()
	for _, line := range lines {
		fmt.Fprintln(l.out, line)
	}
	l.drawn = len(lines)
}

func (l *live) lines() []string {
	var lines []string
	more := 0
	for _, s := range l.steps {
		took := l.now().Sub(s.began)
		switch {
		case took < liveAfter:
		case len(lines) == mostLive:
			more++
		default:
			lines = append(lines, l.fit(s, took))
		}
	}
	if more > 0 {
		lines = append(lines, fmt.Sprintf("  and %d more", more))
	}
	return lines
}

// fit is a step on one line: a longer one would be two lines of the terminal.
func (l *live) fit(s *liveStep, took time.Duration) string {
	kind, name := s.step.What()
	text := fmt.Sprintf("%s %s  %s %s", kind, name, s.what, seconds(took))
	if s.heard != "" {
		text += "  " + s.heard
	}
	// A cut would leave the beginning of a secret, and what plainText leaves out may stand within one.
	text = l.mask(plainText(l.mask(text)))
	if width := l.width(); width > 1 {
		return cutTo(text, width-1)
	}
	return text
}

// mask replaces the secrets in a text.
func (l *live) mask(text string) string {
	if l.secrets == nil {
		return text
	}
	return l.secrets().Mask(text)
}

// plainText leaves out what would move the cursor.
func plainText(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, text)
}
