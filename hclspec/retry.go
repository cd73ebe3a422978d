package hclspec

import (
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"tasks/hclspec/internal/config"
	"tasks/hclspec/internal/ctyconv"
	"tasks/hclspec/internal/diag"
)

// evaluateRetry evaluates the `retry` block of a task.
func evaluateRetry(s *scope, d *taskDraft, n *config.Block) {
	if n == nil || d.task.Kind == GroupTask {
		return
	}
	r := Retry{Attempts: 1, Backoff: 1}
	d.task.Ranges["retry"] = n.HeaderRange
	for _, a := range n.SortedAttrs() {
		v, ok := s.value(a.Expression)
		if !ok || v.IsNull() {
			continue
		}
		if !v.IsKnown() {
			s.reportDeferred(a)
			continue
		}
		if err := r.setAttribute(a.Name, v); err != nil {
			s.reportWrongValue(a, err)
		}
		if a.IsFromDefaults {
			d.fromDefaults = mergeMaps(d.fromDefaults, map[string]bool{"retry": true})
		}
	}
	d.task.Retry = r
}

// setAttribute stores the value of an attribute. The value is known and not null.
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

// setOnLost takes what follows the loss of the command's container.
func setOnLost(d *taskDraft, v cty.Value) error {
	text, err := ctyconv.AsText(v)
	choices := []string{"fail", "retry"}
	if err == nil && !slices.Contains(choices, text) {
		err = diag.Errorf("%q is no choice: there are %s.%s", text, strings.Join(choices, " and "),
			diag.DidYouMean(text, choices))
	}
	d.task.RetriesLost = text == "retry"
	return err
}

// setLock takes the name of the lock for the run of the task.
func setLock(d *taskDraft, v cty.Value) (err error) {
	d.task.Lock, err = ctyconv.AsNonEmptyText(v)
	return err
}
