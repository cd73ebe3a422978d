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
	// liveDelay is how long a step may take before it is shown: what is done at once would only flicker.
	liveDelay = 150 * time.Millisecond
	// liveInterval is the time between two pictures.
	liveInterval = 100 * time.Millisecond
	// maxLiveSteps is how many steps are shown at a time.
	maxLiveSteps = 8
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
	// afterFunc calls a function after a time, from a goroutine of its own.
	afterFunc func(time.Duration, func())

	steps []*liveStep
	// activeWriters are the commands that write to the terminal; drawn is how many lines are shown; due says that a picture comes.
	activeWriters, drawnLines int
	isScheduled               bool
}

// EnableLive shows the steps under way at the bottom of the terminal from now on. width returns the columns of the terminal, 0
// for an unknown width; secrets returns the values to mask.
func (p *NoticePrinter) EnableLive(width func() int, secrets func() hclspec.Secrets) {
	p.live = &live{out: p.out, width: width, secrets: secrets, now: time.Now, afterFunc: func(d time.Duration, do func()) { time.AfterFunc(d, do) }}
}

// liveStep is a step under way.
type liveStep struct {
	step      *planner.Step
	startedAt time.Time
	// activity is being done, and the last that was heard of it.
	activity, lastText string
}

// printAbove writes something that stays, over what is live.
func (p *NoticePrinter) printAbove(n executor.Notice, write func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.live == nil {
		write()
		return
	}
	p.live.erase()
	write()
	p.live.update(n, n.Text)
	p.live.draw()
	p.scheduleDraw()
}

// scheduleDraw has the picture drawn anew as long as something is under way.
func (p *NoticePrinter) scheduleDraw() {
	l := p.live
	if l.isScheduled || len(l.steps) == 0 || l.activeWriters > 0 {
		return
	}
	l.isScheduled = true
	l.afterFunc(liveInterval, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		l.isScheduled = false
		l.draw()
		p.scheduleDraw()
	})
}

// suspendLive tells that a command begins to write to the terminal; ended, that it does no more.
func (p *NoticePrinter) suspendLive() (ended func()) {
	if p == nil || p.live == nil {
		return func() {}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.live.activeWriters++
	p.live.erase()
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.live.activeWriters--
		p.scheduleDraw()
	}
}

// PrintLine writes a line that stays.
func (p *NoticePrinter) PrintLine(line string) {
	p.printAbove(executor.Notice{}, func() { fmt.Fprintln(p.out, line) })
}

// resetLive takes away what an earlier run has left of the picture: steps that were cancelled tell no end.
func (p *NoticePrinter) resetLive() {
	if p.live == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.live.erase()
	p.live.steps = nil
}

// shows says that a line of progress is seen in the picture: one of a pull or a build.
func (l *live) showsProgress(n executor.Notice) bool {
	return l != nil && (n.Verb == planner.PullImage || n.Verb == planner.BuildImage)
}

// take notes what a notice tells.
func (l *live) update(n executor.Notice, text string) {
	if n.Step == nil {
		return
	}
	index := slices.IndexFunc(l.steps, func(s *liveStep) bool { return s.step == n.Step })
	switch {
	case n.Kind == executor.Started && index < 0 && activityOf(n.Verb) != "":
		l.steps = append(l.steps, &liveStep{step: n.Step, startedAt: l.now(), activity: activityOf(n.Verb)})
	case n.Kind == executor.Progressed && index >= 0:
		l.steps[index].lastText = text
	case index >= 0 && (n.Kind == executor.Done || n.Kind == executor.Failed || n.Kind == executor.Skipped ||
		n.Kind == executor.Warned && n.Elapsed > 0):
		l.steps = slices.Delete(l.steps, index, index+1)
	}
}

// activityOf is what a step of a verb does, as long as it does it; empty: that is not shown.
func activityOf(v planner.Verb) string {
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
	if l.drawnLines > 0 {
		fmt.Fprintf(l.out, "\x1b[%dA\x1b[J", l.drawnLines)
		l.drawnLines = 0
	}
}

// draw shows what is under way, below all else.
func (l *live) draw() {
	l.erase()
	if l.activeWriters > 0 {
		return
	}
	lines := l.lines()
	for _, line := range lines {
		fmt.Fprintln(l.out, line)
	}
	l.drawnLines = len(lines)
}

func (l *live) lines() []string {
	var lines []string
	more := 0
	for _, s := range l.steps {
		elapsed := l.now().Sub(s.startedAt)
		switch {
		case elapsed < liveDelay:
		case len(lines) == maxLiveSteps:
			more++
		default:
			lines = append(lines, l.fitLine(s, elapsed))
		}
	}
	if more > 0 {
		lines = append(lines, fmt.Sprintf("  and %d more", more))
	}
	return lines
}

// fitLine is a step on one line: a longer one would be two lines of the terminal.
func (l *live) fitLine(s *liveStep, elapsed time.Duration) string {
	kind, name := s.step.Subject()
	text := fmt.Sprintf("%s %s  %s %s", kind, name, s.activity, seconds(elapsed))
	if s.lastText != "" {
		text += "  " + s.lastText
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
