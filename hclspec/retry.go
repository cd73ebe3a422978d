package hclspec

import (
	"github.com/zclconf/go-cty/cty"

	"tasks/hclspec/internal/ctyconv"
	"tasks/hclspec/internal/diag"
)

// checkRetry wants a command that can be tried again, and a number.
func (c *checker) checkRetry(t *taskBlock) {
	n := t.singleBlocks["retry"]
	if n == nil {
		return
	}
	c.checkInnerBlock(t, n)
	if t.kind == GroupTask && !t.isBase && !t.hasUnknownNames {
		c.report(diag.ErrorAt(n.headerRange, "retry cannot act on a group task",
			"It acts on host, service and image tasks. Task %q %s.%s", t.name, kindExplanation(t.kind), inheritedNote(t, n.headerRange)))
	}
	c.checkAttempts(n)
}

func (c *checker) checkAttempts(n *decodedBlock) {
	if n.attrs["attempts"] == nil && !n.hasUnknownNames {
		c.report(diag.ErrorAt(n.headerRange, "retry without attempts", "Write how often the command is run at most: attempts = 3."))
	}
}

// evaluateRetry evaluates the `retry` block of a task.
func (s *scope) evaluateRetry(d *taskDraft, n *decodedBlock) {
	if n == nil || d.task.Kind == GroupTask {
		return
	}
	r := Retry{Attempts: 1, Backoff: 1}
	d.task.Ranges["retry"] = n.headerRange
	for _, a := range n.sortedAttrs() {
		v, ok := s.value(a.expression)
		if !ok || v.IsNull() {
			continue
		}
		if !v.IsKnown() {
			s.reportDeferred(a)
			continue
		}
		if err := r.setAttribute(a.name, v); err != nil {
			s.report(wrongValueError(a, err))
		}
		if a.isFromDefaults {
			d.fromDefaults = mergeMaps(d.fromDefaults, map[string]bool{"retry": true})
		}
	}
	d.task.Retry = r
}

// setAttribute stores the value of one attribute, which is known and not null.
func (r *Retry) setAttribute(name string, v cty.Value) (err error) {
	switch name {
	case "attempts":
		r.Attempts, err = ctyconv.AsCount(v)
	case "delay":
		r.Delay, err = ctyconv.AsDuration(v)
	case "backoff":
		r.Backoff, err = ctyconv.AsFactor(v)
	}
	return err
}

// setLock takes the name that is held while a task runs.
func setLock(d *taskDraft, v cty.Value) (err error) {
	d.task.Lock, err = ctyconv.AsNonEmptyText(v)
	return err
}
