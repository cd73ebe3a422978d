package view

import (
	"tasks/executor"
	"tasks/planner"
)

// RemovalDisplay shows the removals of a teardown at a terminal. Permanent lines of the printer appear above.
type RemovalDisplay struct{ notices *NoticePrinter }

// NewRemovalDisplay returns a display on stderr. Without isLive, the display shows nothing.
func NewRemovalDisplay(p *Printer, isLive bool) RemovalDisplay {
	notices := NewNoticePrinter(styledStderr(p), NoticeOptions{}, error.Error)
	if isLive {
		enableLive(p, notices)
	}
	p.notices.Store(notices)
	return RemovalDisplay{notices}
}

// Begin prepares the display for a plan.
func (d RemovalDisplay) Begin(plan *planner.Plan) { d.notices.beginLive(plan) }

// Notice updates the display.
func (d RemovalDisplay) Notice(n executor.Notice) { d.notices.printAbove(n, func() {}) }
