package view

import (
	"tasks/hclspec"
	"tasks/internal/plaintext"
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

// remind prints a line about each long step. The caller holds the mutex. A command with direct access to the output
// may have written a part of a line: then nothing is printed.
func (p *NoticePrinter) remind() {
	l := p.live
	if l.directWriters > 0 {
		return
	}
	for _, s := range l.steps {
		elapsed := l.now().Sub(s.startedAt)
		if elapsed < reminderInterval {
			continue
		}
		kind, name := s.step.Subject()
		subject := p.paint(dim, kind+" "+plaintext.Escape(name))
		text := subject + "  still " + s.activityText() + " (" + durationText(elapsed) + ")"
		if detail := s.detail(); detail != "" {
			text += ": " + plaintext.Escape(plaintext.WithoutColors(l.mask(detail)))
		}
		p.print(text + "\n")
	}
}
