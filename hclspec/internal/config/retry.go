package config

import "tasks/hclspec/internal/diag"

// checkRetry reports a retry block in a group task, or without attempts.
func (c *taskChecker) checkRetry(t *Task) {
	n := t.SingleBlocks["retry"]
	if n == nil {
		return
	}
	c.checkInnerBlock(t, n)
	if t.Kind == GroupTask && !t.isBase && !t.hasUnknownNames {
		c.report(diag.ErrorAt(n.HeaderRange, "retry cannot act on a group task",
			"It acts on host, service and image tasks. Task %q %s.%s", t.Name, KindExplanation(t.Kind),
			InheritedNote(t, n.HeaderRange)))
	}
	c.checkAttempts(n)
}

func (c *taskChecker) checkAttempts(n *Block) {
	if n.Attrs["attempts"] == nil && !n.hasUnknownNames {
		c.report(diag.ErrorAt(n.HeaderRange, "retry without attempts",
			"Write how often the command is run at most: attempts = 3."))
	}
}
