package view

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"tasks/executor"
	"tasks/hclspec"
	"tasks/planner"
)

const (
	// liveDelay is the age of a step before the display shows the step: short steps would only flicker.
	liveDelay = 150 * time.Millisecond
	// liveInterval is the time between two pictures, minRedraw the time after a picture before the next at once.
	liveInterval = 100 * time.Millisecond
	minRedraw    = 20 * time.Millisecond
	// reminderInterval is the time between two lines about long steps without a terminal.
	reminderInterval = 30 * time.Second
	// maxLiveSteps is the number of visible steps.
	maxLiveSteps = 8
	// minCountedThings is the number of things of a plan from which the display counts.
	minCountedThings = 3
)

// live follows the steps under way. A terminal shows the steps in a [picture], each with the last progress and the
// elapsed time. Permanent lines appear above. The picture is hidden while a command writes directly to the terminal.
// Without a terminal, a line about each long step appears regularly. The mutex of [NoticePrinter] guards all fields.
type live struct {
	// picture is nil without a terminal.
	picture *picture
	// secrets returns the values to mask before a line is cut: the writer behind masks only whole values. nil: none.
	secrets func() hclspec.Secrets
	// disarm hides commands for a CI server in a line; nil: no server.
	disarm func(string) string
	now    func() time.Time
	// afterFunc calls a function after a time, in another goroutine.
	afterFunc func(time.Duration, func())

	steps []*liveStep
	count thingCount
	folds serviceFolds
	// holdsReminder reports whether a command with direct access to the output forbids a line now; nil: never.
	holdsReminder func() bool
	// directWriters counts the commands with direct access to the terminal. isScheduled reports whether a timer will
	// show the steps.
	directWriters int
	isScheduled   bool
}

// EnableLive shows the steps under way at the bottom of the terminal from now on. size returns the rows and columns of
// the terminal, 0 for unknown; secrets returns the values to mask.
func (p *NoticePrinter) EnableLive(size func() (rows, columns int), secrets func() hclspec.Secrets) {
	p.EnableReminders(secrets)
	p.live.picture = &picture{out: p.out, size: size}
}

// EnableReminders prints a line about each long step from time to time.
func (p *NoticePrinter) EnableReminders(secrets func() hclspec.Secrets) {
	p.live = &live{
		secrets: secrets, now: time.Now,
		afterFunc: func(d time.Duration, do func()) { time.AfterFunc(d, do) },
	}
}

// now returns the time of the display.
func (p *NoticePrinter) now() time.Time {
	if p == nil || p.live == nil {
		return time.Now()
	}
	return p.live.now()
}

// hasPicture reports whether a terminal shows the steps under way.
func (p *NoticePrinter) hasPicture() bool { return p != nil && p.live != nil && p.live.picture != nil }

// liveStep is a step under way, or an act of a cleanup.
type liveStep struct {
	// step is nil for an act of a cleanup.
	step *planner.Step
	// subject is the kind and name of the resource or task.
	subject string
	// remindedAt is the time of the last line about the step without a terminal, at first the start.
	startedAt, remindedAt time.Time
	// activity is the current work, lastText the last progress, answer the last answer of a probe.
	activity, lastText, answer string
	build                      buildProgress
	// isStopping reports whether the step was asked to end, hasCommand whether the command of the task has started.
	isStopping, hasCommand bool
}

// printAbove writes permanent text above the picture, and updates the steps.
func (p *NoticePrinter) printAbove(n executor.Notice, write func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.live == nil {
		write()
		return
	}
	write()
	p.live.update(n)
	p.live.draw()
	p.schedule()
}

// writeAbove calls a function that writes output of a command to the terminal above the picture.
func (p *NoticePrinter) writeAbove(write func()) {
	p.textCount.Add(1)
	if !p.hasPicture() {
		write()
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	l := p.live
	l.picture.erase()
	write()
	if l.now().Sub(l.picture.drawnAt) >= minRedraw {
		l.draw()
	}
	p.schedule()
}

// schedule shows the steps regularly while steps are under way.
func (p *NoticePrinter) schedule() {
	l := p.live
	if l.isScheduled || len(l.steps) == 0 || l.directWriters > 0 && l.picture != nil {
		return
	}
	l.isScheduled = true
	interval := liveInterval
	if l.picture == nil {
		interval = l.untilReminder()
	}
	l.afterFunc(interval, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		l.isScheduled = false
		if l.picture == nil {
			p.remind()
		}
		l.draw()
		p.schedule()
	})
}

// suspendLive hides the picture before a command writes directly to the terminal. ended shows the picture after the
// command.
func (p *NoticePrinter) suspendLive() (ended func()) {
	if p == nil || p.live == nil {
		return func() {}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	l := p.live
	l.directWriters++
	if l.picture != nil {
		l.picture.hide()
	}
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		l.directWriters--
		if l.picture != nil {
			l.picture.isCursorUnknown = true
		}
		p.schedule()
	}
}

// beginSuspension removes the picture, and keeps all text back until endSuspension.
func (p *NoticePrinter) beginSuspension() {
	p.mu.Lock()
	p.live.picture.hide()
}

// endSuspension shows the picture again. The shell may have left the cursor anywhere.
func (p *NoticePrinter) endSuspension() {
	p.live.picture.isCursorUnknown = true
	p.live.draw()
	p.mu.Unlock()
}

// PrintLine writes a permanent line.
func (p *NoticePrinter) PrintLine(line string) { p.printText(line + "\n") }

// printText writes text between other lines.
func (p *NoticePrinter) printText(text string) {
	if text == "" {
		return
	}
	p.printAbove(executor.Notice{}, func() { p.print(text) })
}

// beginLive prepares the display for a plan.
func (p *NoticePrinter) beginLive(plan *planner.Plan) {
	if p == nil || p.live == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.live.steps, p.live.count, p.live.folds = nil, countThings(plan), newServiceFolds(plan)
}

// endLive removes the steps of a run from the display: some steps report no end. The folded lines of services appear.
func (p *NoticePrinter) endLive() {
	if p == nil || p.live == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.live.steps = nil
	p.live.draw()
	for _, kept := range p.live.folds.takeAll() {
		if p.isInterrupted {
			continue // the cleanup has removed the containers
		}
		p.print(p.stepLine(kept.notice, kept.text) + "\n")
	}
}

// showsProgress reports whether the picture shows a notice of progress: from a pull, a build or a wait.
func (p *NoticePrinter) showsProgress(n executor.Notice) bool {
	isShown := n.Verb == planner.PullImage || n.Verb == planner.BuildImage || n.Verb == planner.Wait
	return isShown && p.hasPicture() && !p.Verbose
}

// find returns the index of a step under way, or -1.
func (l *live) find(step *planner.Step) int {
	return slices.IndexFunc(l.steps, func(s *liveStep) bool { return s.step == step })
}

// update records a notice.
func (l *live) update(n executor.Notice) {
	switch {
	case n.Kind == executor.CleanupStarted:
		l.begin(&liveStep{subject: n.Text, activity: activityOf(nil, n.Verb)})
	case n.Kind == executor.CleanupEnded:
		l.steps = slices.DeleteFunc(l.steps, func(s *liveStep) bool { return s.step == nil && s.subject == n.Text })
	}
	if n.Step == nil {
		return
	}
	index := l.find(n.Step)
	switch n.Kind {
	case executor.Started:
		if activity := activityOf(n.Step, n.Verb); index < 0 && activity != "" {
			t := thingOf(n.Step)
			l.begin(&liveStep{step: n.Step, subject: t.kind + " " + t.name, activity: activity})
		}
	case executor.Progressed, executor.Answered, executor.Stopping:
		if index >= 0 {
			l.steps[index].update(n)
		}
	case executor.Warned:
		if n.Elapsed > 0 {
			l.end(n, index)
		}
	case executor.Done, executor.Failed, executor.Skipped, executor.Cancelled:
		l.end(n, index)
	}
}

// begin shows a step from now on.
func (l *live) begin(s *liveStep) {
	s.startedAt = l.now()
	s.remindedAt = s.startedAt
	l.steps = append(l.steps, s)
}

// end removes a step that has ended.
func (l *live) end(n executor.Notice, index int) {
	l.count.end(n.Step)
	if index >= 0 {
		l.steps = slices.Delete(l.steps, index, index+1)
	}
}

// update records the progress of the step.
func (s *liveStep) update(n executor.Notice) {
	switch {
	case n.Kind == executor.Answered:
		s.answer = n.Text
	case n.Kind == executor.Stopping:
		s.isStopping = true
	case n.Verb == planner.BuildImage:
		s.lastText = s.build.add(n.Text)
	default:
		s.lastText = n.Text
	}
}

// activityOf describes the work of a step; empty: the display leaves the step out.
func activityOf(s *planner.Step, v planner.Verb) string {
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
	switch {
	case !planner.RunsCommand(s):
		return ""
	case s.Check != nil:
		return "checking"
	}
	return "running"
}

// setRunning records the start of the command of a task. A later attempt is not the first start.
func (l *live) setRunning(task string) (isFirst bool) {
	for _, s := range l.steps {
		if s.step != nil && isStepOf(s.step, task) {
			isFirst = !s.hasCommand
			s.activity, s.hasCommand = "running", true
		}
	}
	return isFirst
}

// draw shows the steps under way, below all other text.
func (l *live) draw() {
	if l.picture == nil || l.directWriters > 0 {
		return
	}
	rows, columns := l.picture.size()
	l.picture.draw(l.lines(rows, columns))
	l.picture.drawnAt = l.now()
}

// lines renders the steps for a terminal; 0: unknown rows or columns.
func (l *live) lines(rows, columns int) []string {
	room := maxLiveSteps + 1
	if rows > 0 {
		room = max(min(room, rows/2), 1) // the lines still fit after the loss of half of the width
	}
	var visible []*liveStep
	for _, s := range l.steps {
		if l.now().Sub(s.startedAt) >= liveDelay {
			visible = append(visible, s)
		}
	}
	if len(visible) == 0 {
		return nil
	}
	status, shown := l.count.text(), min(len(visible), room, maxLiveSteps)
	if !slices.ContainsFunc(visible, func(s *liveStep) bool { return s.step != nil }) {
		status = "" // the cleanup is no part of the plan
	}
	if shown == room && room > 1 && (shown < len(visible) || status != "") {
		shown-- // for the last line
	}
	var lines []string
	for _, s := range visible[:shown] {
		lines = append(lines, l.fitLine(s, columns))
	}
	more := ""
	if shown < len(visible) {
		more = fmt.Sprintf("and %d more", len(visible)-shown)
	}
	last := strings.Join(slices.DeleteFunc([]string{more, status}, func(s string) bool { return s == "" }), ", ")
	if last != "" && len(lines) < room {
		lines = append(lines, cutToWidth("  "+last, columns))
	}
	return lines
}
