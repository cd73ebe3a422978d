package hclspec

import (
	"errors"
	"fmt"
	"math"

	"github.com/zclconf/go-cty/cty"
)

// mostCounted bounds attempts and jobs: more of either is a slip of the pen.
const mostCounted = 1 << 20

// checkRetry wants a command that can be tried again, and a number.
func (c *checker) checkRetry(t *taskBlock) {
	n := t.blocks["retry"]
	if n == nil {
		return
	}
	c.checkInner(t, n)
	if t.kind == Group && !t.isBase && !t.misnamed {
		c.report(problem(n.header, "retry cannot act on a group task",
			"It acts on host, service and image tasks. Task %q %s.%s", t.name, whyKind(t.kind), extensionNote(t, n.header)))
	}
	c.checkAttempts(n)
}

func (c *checker) checkAttempts(n *node) {
	if n.attrs["attempts"] == nil && !n.misnamed {
		c.report(problem(n.header, "retry without attempts", "Write how often the command is run at most: attempts = 3."))
	}
}

// retry evaluates the `retry` block of a task.
func (s *scope) retry(d *draft, n *node) {
	if n == nil || d.task.Kind == Group {
		return
	}
	r := Retry{Attempts: 1, Backoff: 1}
	d.task.Ranges["retry"] = n.header
	for _, a := range n.sorted() {
		v, ok := s.value(a.expression)
		if !ok || v.IsNull() {
			continue
		}
		if !v.IsKnown() {
			s.notYet(a)
			continue
		}
		if err := r.set(a.name, v); err != nil {
			s.report(wrongValue(a, err))
		}
		if a.byDefault {
			d.byDefault = layered(d.byDefault, map[string]bool{"retry": true})
		}
	}
	d.task.Retry = r
}

// set stores the value of one attribute, which is known and not null.
func (r *Retry) set(name string, v cty.Value) (err error) {
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
	if number != math.Trunc(number) || number < 1 || number > mostCounted {
		return 0, fmt.Errorf("%s is not a whole number from 1 to %d", numberText(v), mostCounted)
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
		return 0, wrongType("a number", v)
	}
	number, err := convertTo(v, cty.Number)
	if err != nil {
		return 0, wrongType("a number", v)
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
func setLock(d *draft, v cty.Value) (err error) {
	d.task.Lock, err = asName(v)
	return err
}
