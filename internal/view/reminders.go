package view

import (
	"tasks/hclspec"
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
			c.printText(p.paint(dim, "task "+secrets.Mask(task.Name)) + "  " + line + "\n")
		}
	}
	if isFirst && p.live.picture == nil && !p.Verbose && !task.IsOnce && !task.Detach {
		c.printText(p.paint(dim, "task "+task.Name) + "  started\n")
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
		text := p.paint(dim, kind+" "+name) + "  still " + s.activityText() + " (" + durationText(elapsed) + ")"
		if detail := s.detail(); detail != "" {
			text += ": " + plainText(l.mask(detail))
		}
		p.print(text + "\n")
	}
}
