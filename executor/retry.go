package executor

import (
	"context"
	"fmt"
	"math"
	"time"

	"tasks/hclspec"
	"tasks/planner"
)

// attempts runs a command until it succeeds, as often as its task allows. What counts is what the command itself did: one that
// could not be run is not tried again, nor one that was asked to end. The lock is kept in between, the slot is not.
func (w *worker) attempts(ctx context.Context, task *hclspec.Task, run func(ctx context.Context, attempt int) outcome) outcome {
	var removed, retried []string
	for attempt := 1; ; attempt++ {
		o := run(ctx, attempt)
		removed = append(removed, o.removed...)
		o.removed, o.retried = removed, retried
		if !w.tryAgain(ctx, task, attempt, o) {
			if attempt > 1 && o.err == nil && o.code == 0 {
				w.warn("succeeded at attempt %d of %d: flaky", attempt, task.Retry.Attempts)
			}
			return o
		}
		delay := delayAfter(task.Retry, attempt)
		w.progress(fmt.Sprintf("attempt %d of %d after %s: %s", attempt+1, task.Retry.Attempts, delay, whyAgain(o)))
		if !w.pause(ctx, delay) {
			return o
		}
		retried = append(retried, whyAgain(o))
	}
}

func (w *worker) tryAgain(ctx context.Context, task *hclspec.Task, attempt int, o outcome) bool {
	switch {
	case attempt >= task.Retry.Attempts || ctx.Err() != nil || w.control.asked():
		return false
	case isTimeout(o.err):
		return !task.AllowFailure.Allows(codeTimeout)
	}
	return o.err == nil && o.code != 0 && !task.AllowFailure.Allows(o.code)
}

func whyAgain(o outcome) string {
	if o.err != nil {
		return o.err.Error()
	}
	return fmt.Sprintf("exit code %d", o.code)
}

// delayAfter is the pause after an attempt; each is Backoff times as long as the one before.
func delayAfter(r hclspec.Retry, attempt int) time.Duration {
	delay := float64(r.Delay) * math.Pow(max(r.Backoff, 1), float64(attempt-1))
	return time.Duration(min(delay, float64(longestDelay)))
}

// longestDelay keeps a backoff within what a duration can hold.
const longestDelay = 24 * time.Hour

// pause waits, and gives the slot to others meanwhile; it is false where the run ends before there is one again.
func (w *worker) pause(ctx context.Context, delay time.Duration) bool {
	if delay == 0 {
		return true
	}
	w.send <- outcome{id: w.step.ID, pausing: true}
	timer := time.NewTimer(delay)
	defer timer.Stop()
	if !await(ctx, w, timer.C) {
		return false
	}
	w.send <- outcome{id: w.step.ID, locked: true}
	return await(ctx, w, w.control.slot)
}

// await waits for something, unless the step is to end before.
func await[T any](ctx context.Context, w *worker, it <-chan T) bool {
	select {
	case <-it:
		return true
	case <-ctx.Done():
	case <-w.control.ending:
	case <-w.control.kill:
	}
	return false
}

// tryOneOff is one attempt with a container. Each but the first has a fresh one, and nothing stays of the one before.
func (w *worker) tryOneOff(ctx context.Context, a *planner.RunOneOff, attempt int) outcome {
	if attempt == 1 {
		return w.runOneOff(ctx, a)
	}
	var removed []string
	if last := (&oneOffRun{worker: w, container: w.created}); !w.created.gone {
		removed = last.remove(ctx)
	}
	container, err := w.newOneOff(ctx, w.creationOf(a))
	if err != nil {
		return outcome{err: err, removed: removed}
	}
	w.created = container
	o := w.runOneOff(ctx, a)
	o.removed = append(o.removed, removed...)
	return o
}

// creationOf is the plan's action that made the first container.
func (w *worker) creationOf(a *planner.RunOneOff) *planner.CreateOneOff {
	for _, s := range w.plan.Steps {
		if s.ID == a.Create {
			return s.Action.(*planner.CreateOneOff)
		}
	}
	panic("executor: the plan lacks step " + string(a.Create))
}
