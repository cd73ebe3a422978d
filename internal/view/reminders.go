package view

import (
	"os"
	"time"

	"tasks/hclspec"
	"tasks/internal/durations"
	"tasks/internal/plaintext"
	"tasks/planner"
)

// startCommand reports the start of the command of a task: a line without a terminal, else the activity of the step.
// With Verbose, the command itself appears.
func (c *Output) startCommand(task *hclspec.Task, secrets hclspec.Secrets) {
	p := c.NoticePrinter
	if p == nil || p.live == nil {
		return
	}
	p.mu.Lock()
	isFirst := p.live.setRunning(task.Name)
	p.mu.Unlock()
	if isFirst && p.Verbose {
		for _, line := range commandLines(task, secrets.Mask) {
			c.printText(p.paint(dim, "task "+plaintext.Escape(secrets.Mask(task.Name))) + "  " + line + "\n")
		}
	}
	if isFirst && p.live.picture == nil && !p.Verbose && !task.IsOnce && !task.Detach {
		c.printText(p.paint(dim, "task "+plaintext.Escape(task.Name)) + "  started\n")
	}
}

// remind prints a line about each long step. The caller holds the mutex. A command with direct access to the output may
// forbid the lines.
func (p *NoticePrinter) remind() {
	l := p.live
	isDirect := l.directWriters > 0
	isHeld := isDirect && l.holdsReminder != nil && l.holdsReminder()
	for _, s := range l.steps {
		if l.now().Sub(s.remindedAt) < reminderInterval {
			continue
		}
		s.remindedAt = l.now()
		if isHeld || isDirect && s.isOnce() {
			continue
		}
		subject := p.paint(dim, plaintext.Escape(s.subject))
		text := subject + "  still " + s.activityText() + " (" + durations.Text(l.now().Sub(s.startedAt)) + ")"
		if detail := s.detail(); detail != "" {
			text += ": " + plaintext.Escape(plaintext.WithoutColors(l.mask(detail)))
		}
		p.print(text + "\n")
	}
}

// untilReminder returns the time until the next line about a long step.
func (l *live) untilReminder() time.Duration {
	next := l.steps[0].remindedAt
	for _, s := range l.steps {
		if s.remindedAt.Before(next) {
			next = s.remindedAt
		}
	}
	return max(0, next.Add(reminderInterval).Sub(l.now()))
}

// isOnce reports whether the step belongs to `tasks once`: as with docker-compose run, only the command writes.
func (s *liveStep) isOnce() bool {
	if s.step == nil {
		return false
	}
	task := planner.TaskOf(s.step)
	return task != nil && task.IsOnce
}

// holdsReminder reports whether a command with direct access to the output forbids a line on stderr: the command has
// the terminal, or has written a part of a line.
func holdsReminder(p *Printer) bool {
	isOpen := p.errOut.isLineOpen.Load() || p.out.isLineOpen.Load() && isSameFile(p.stdout, p.stderr)
	return isOpen || p.HasTerminalStderr()
}

// isSameFile reports whether two open files are the same, for example one pipe for stdout and stderr.
func isSameFile(a, b *os.File) bool {
	infoA, errA := a.Stat()
	infoB, errB := b.Stat()
	return errA == nil && errB == nil && os.SameFile(infoA, infoB)
}
