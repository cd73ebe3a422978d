package executor

import (
	"context"
	"fmt"
	"math"
	"time"

	"tasks/hclspec"
	"tasks/planner"
)

// runAttempts runs a command until it succeeds, as often as its task allows. What counts is what the command itself did: one that
// could not be run is not tried again, nor one that was asked to end. The lock is kept in between, the slot is not.
func (w *worker) runAttempts(ctx context.Context, task *hclspec.Task, run func(ctx context.Context, attempt int) outcome) outcome {
	var removed, failedAttempts []string
	for attempt := 1; ; attempt++ {
		o := run(ctx, attempt)
		removed = append(removed, o.removed...)
		o.removed, o.failedAttempts = removed, failedAttempts
		if !w.shouldRetry(ctx, task, attempt, o) {
			if attempt > 1 && o.err == nil && o.code == 0 {
				w.warn("succeeded at attempt %d of %d: flaky", attempt, task.Retry.Attempts)
			}
			return o
		}
		delay := retryDelay(task.Retry, attempt)
		w.reportProgress(fmt.Sprintf("attempt %d of %d after %s: %s", attempt+1, task.Retry.Attempts, delay, retryReason(o)))
		if !w.pauseBetweenAttempts(ctx, delay) {
			return o
		}
		failedAttempts = append(failedAttempts, retryReason(o))
	}
}

func (w *worker) shouldRetry(ctx context.Context, task *hclspec.Task, attempt int, o outcome) bool {
	switch {
	case attempt >= task.Retry.Attempts || ctx.Err() != nil || w.control.isAskedToEnd():
		return false
	case isTimeout(o.err):
		return !task.AllowFailure.Allows(codeTimeout)
	}
	return o.err == nil && o.code != 0 && !task.AllowFailure.Allows(o.code)
}

func retryReason(o outcome) string {
	if o.err != nil {
		return o.err.Error()
	}
	return fmt.Sprintf("exit code %d", o.code)
}

// retryDelay is the pause after an attempt; each is Backoff times as long as the one before.
func retryDelay(r hclspec.Retry, attempt int) time.Duration {
	delay := float64(r.Delay) * math.Pow(max(r.Backoff, 1), float64(attempt-1))
	return time.Duration(min(delay, float64(maxRetryDelay)))
}

// maxRetryDelay keeps a backoff within what a duration can hold.
const maxRetryDelay = 24 * time.Hour

// pauseBetweenAttempts waits, and gives the slot to others meanwhile; it is false where the run ends before there is one again.
func (w *worker) pauseBetweenAttempts(ctx context.Context, delay time.Duration) bool {
	if delay == 0 {
		return true
	}
	w.outcomes <- outcome{id: w.step.ID, releasesSlot: true}
	timer := time.NewTimer(delay)
	defer timer.Stop()
	if !waitUnlessStopped(ctx, w, timer.C) {
		return false
	}
	w.outcomes <- outcome{id: w.step.ID, needsSlot: true}
	return waitUnlessStopped(ctx, w, w.control.slot)
}

// waitUnlessStopped waits for something, unless the step is to end before.
func waitUnlessStopped[T any](ctx context.Context, w *worker, event <-chan T) bool {
	select {
	case <-event:
		return true
	case <-ctx.Done():
	case <-w.control.stopRequested:
	case <-w.control.kill:
	}
	return false
}

// attemptOneOff is one attempt with a container. Each but the first has a fresh one, and nothing stays of the one before.
func (w *worker) attemptOneOff(ctx context.Context, a *planner.RunOneOff, attempt int) outcome {
	if attempt == 1 {
		return w.runOneOff(ctx, a)
	}
	var removed []string
	if last := (&oneOffRun{worker: w, container: w.oneOff}); !w.oneOff.isRemoved {
		removed = last.removeOneOff(ctx)
	}
	container, err := w.createOneOffContainer(ctx, w.createActionOf(a))
	if err != nil {
		return outcome{err: err, removed: removed}
	}
	w.oneOff = container
	o := w.runOneOff(ctx, a)
	o.removed = append(o.removed, removed...)
	return o
}

// createActionOf is the plan's action that made the first container.
func (w *worker) createActionOf(a *planner.RunOneOff) *planner.CreateOneOff {
	for _, s := range w.plan.Steps {
		if s.ID == a.Create {
			return s.Action.(*planner.CreateOneOff)
		}
	}
	panic("executor: the plan lacks step " + string(a.Create))
}
