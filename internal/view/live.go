package view

import (
	"fmt"
	"io"
	"slices"
	"time"

	"tasks/executor"
	"tasks/hclspec"
	"tasks/internal/plaintext"
	"tasks/planner"
)

const (
	// liveDelay is the age of a step before the display shows the step: short steps would only flicker.
	liveDelay = 150 * time.Millisecond
	// liveInterval is the time between two pictures.
	liveInterval = 100 * time.Millisecond
	// maxLiveSteps is the number of visible steps.
	maxLiveSteps = 8
)

// live shows the steps under way at the bottom of a terminal: pulls, builds, waits and more, each with the last
// progress and the elapsed time. Permanent lines appear above. The display is hidden while a command writes to the
// terminal. The mutex of [NoticePrinter] guards all fields.
type live struct {
	out io.Writer
	// control takes the sequences that move the cursor.
	control io.Writer
	// width returns the columns of the terminal; 0: unknown.
	width func() int
	// secrets returns the values to mask before a line is cut: the writer behind masks only whole values. nil: none.
	secrets func() hclspec.Secrets
	now     func() time.Time
	// afterFunc calls a function after a time, in another goroutine.
	afterFunc func(time.Duration, func())

	steps []*liveStep
	// activeWriters counts the commands with access to the terminal, drawnLines the visible lines. isScheduled reports
	// whether a timer will draw the display.
	activeWriters, drawnLines int
	isScheduled               bool
}

// EnableLive shows the steps under way at the bottom of the terminal from now on. width returns the columns of the
// terminal, 0 for an unknown width; secrets returns the values to mask.
func (p *NoticePrinter) EnableLive(width func() int, secrets func() hclspec.Secrets) {
	p.live = &live{
		out: p.out, control: p.out, width: width, secrets: secrets, now: time.Now,
		afterFunc: func(d time.Duration, do func()) { time.AfterFunc(d, do) },
	}
}

// liveStep is a step under way.
type liveStep struct {
	step      *planner.Step
	startedAt time.Time
	// activity is the current work, lastText the last progress.
	activity, lastText string
}

// printAbove writes permanent text above the display.
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

// scheduleDraw redraws the display regularly while steps are under way.
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

// suspendLive hides the display before a command writes to the terminal. ended shows the display after the command.
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

// PrintLine writes a permanent line.
func (p *NoticePrinter) PrintLine(line string) {
	p.printAbove(executor.Notice{}, func() { fmt.Fprintln(p.out, line) })
}

// resetLive removes the steps of an earlier run from the display: cancelled steps report no end.
func (p *NoticePrinter) resetLive() {
	if p.live == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.live.erase()
	p.live.steps = nil
}

// showsProgress reports whether the display shows a notice of progress: from a pull or a build.
func (l *live) showsProgress(n executor.Notice) bool {
	return l != nil && (n.Verb == planner.PullImage || n.Verb == planner.BuildImage)
}

// update records a notice.
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

// activityOf describes the work of a verb; empty: the display leaves the step out.
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

// erase removes the display, to make room for other text.
func (l *live) erase() {
	if l.drawnLines > 0 {
		fmt.Fprintf(l.control, "\x1b[%dA\x1b[J", l.drawnLines)
		l.drawnLines = 0
	}
}

// draw shows the steps under way, below all other text.
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

// fitLine renders a step on one line of the terminal.
func (l *live) fitLine(s *liveStep, elapsed time.Duration) string {
	kind, name := s.step.Subject()
	text := fmt.Sprintf("%s %s  %s %s", kind, name, s.activity, seconds(elapsed))
	if s.lastText != "" {
		text += "  " + s.lastText
	}
	// A cut would leave the beginning of a secret visible, and control characters may hide within a secret.
	text = l.mask(plaintext.Remove(l.mask(text)))
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
