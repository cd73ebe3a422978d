package hclspec

import (
	"errors"
	"fmt"
	"math"

	"github.com/zclconf/go-cty/cty"
)

// maxCount bounds attempts and jobs: more of either is a slip of the pen.
const maxCount = 1 << 20

// checkRetry wants a command that can be tried again, and a number.
func (c *checker) checkRetry(t *taskBlock) {
	n := t.singleBlocks["retry"]
	if n == nil {
		return
	}
	c.checkInnerBlock(t, n)
	if t.kind == GroupTask && !t.isBase && !t.hasUnknownNames {
		c.report(errorAt(n.headerRange, "retry cannot act on a group task",
			"It acts on host, service and image tasks. Task %q %s.%s", t.name, kindExplanation(t.kind), inheritedNote(t, n.headerRange)))
	}
	c.checkAttempts(n)
}

func (c *checker) checkAttempts(n *decodedBlock) {
	if n.attrs["attempts"] == nil && !n.hasUnknownNames {
		c.report(errorAt(n.headerRange, "retry without attempts", "Write how often the command is run at most: attempts = 3."))
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
		r.Attempts, err = asCount(v)
	case "delay":
		r.Delay, err = asDuration(v)
	case "backoff":
		r.Backoff, err = asFactor(v)
	}
	return err
}

// asCount takes a whole number from 1 on.
func asCount(v cty.Value) (int, error) {
	number, err := asNumber(v)
	if err != nil {
		return 0, err
	}
	if number != math.Trunc(number) || number < 1 || number > maxCount {
		return 0, fmt.Errorf("%s is not a whole number from 1 to %d", numberText(v), maxCount)
	}
	return int(number), nil
}

// asFactor takes a number from 1 on.
func asFactor(v cty.Value) (float64, error) {
	number, err := asNumber(v)
	if err == nil && (number < 1 || math.IsInf(number, 0)) {
		return 0, errors.New("it is less than 1, so that the pauses would get shorter")
	}
	return number, err
}

func asNumber(v cty.Value) (float64, error) {
	if v.IsNull() || !v.Type().IsPrimitiveType() {
		return 0, wrongTypeError("a number", v)
	}
	number, err := convertTo(v, cty.Number)
	if err != nil {
		return 0, wrongTypeError("a number", v)
	}
	float, _ := number.AsBigFloat().Float64()
	return float, nil
}

// numberText is a number as its author may have written it.
func numberText(v cty.Value) string {
	text, err := asText(v)
	if err != nil {
		return "it"
	}
	return text
}

// setLock takes the name that is held while a task runs.
func setLock(d *taskDraft, v cty.Value) (err error) {
	d.task.Lock, err = asNonEmptyText(v)
	return err
}
