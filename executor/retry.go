package executor

import (
	"context"
	"fmt"
	"math"
	"time"

	"tasks/executor/step"
	"tasks/hclspec"
	"tasks/planner"
)

// runAttempts runs a command until it succeeds, as often as its task allows. What counts is what the command itself did: one that
// could not be run is not tried again, nor one that was asked to end. The lock is kept in between, the slot is not.
func (w *worker) runAttempts(ctx context.Context, task *hclspec.Task, run func(ctx context.Context, attempt int) step.Outcome) step.Outcome {
	var removed, failedAttempts []string
	for attempt := 1; ; attempt++ {
		o := run(ctx, attempt)
		removed = append(removed, o.Removed...)
		o.Removed, o.FailedAttempts = removed, failedAttempts
		if !w.shouldRetry(ctx, task, attempt, o) {
			if attempt > 1 && o.Err == nil && o.Code == 0 {
				w.Warn("succeeded at attempt %d of %d: flaky", attempt, task.Retry.Attempts)
			}
			return o
		}
		delay := retryDelay(task.Retry, attempt)
		w.Progress(fmt.Sprintf("attempt %d of %d after %s: %s", attempt+1, task.Retry.Attempts, delay, retryReason(o)))
		if !w.pauseBetweenAttempts(ctx, delay) {
			return o
		}
		failedAttempts = append(failedAttempts, retryReason(o))
	}
}

func (w *worker) shouldRetry(ctx context.Context, task *hclspec.Task, attempt int, o step.Outcome) bool {
	switch {
	case attempt >= task.Retry.Attempts || ctx.Err() != nil || w.control.IsAskedToEnd():
		return false
	case isTimeout(o.Err):
		return !task.AllowFailure.Allows(codeTimeout)
	}
	return o.Err == nil && o.Code != 0 && !task.AllowFailure.Allows(o.Code)
}

func retryReason(o step.Outcome) string {
	if o.Err != nil {
		return o.Err.Error()
	}
	return fmt.Sprintf("exit code %d", o.Code)
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
	w.Emit(step.SlotReleased{})
	timer := time.NewTimer(delay)
	defer timer.Stop()
	if !waitUnlessStopped(ctx, w, timer.C) {
		return false
	}
	w.Emit(step.SlotRequested{})
	return waitUnlessStopped(ctx, w, w.control.Slot)
}

// waitUnlessStopped waits for something, unless the step is to end before.
func waitUnlessStopped[T any](ctx context.Context, w *worker, event <-chan T) bool {
	select {
	case <-event:
		return true
	case <-ctx.Done():
	case <-w.control.StopRequested:
	case <-w.control.Kill:
	}
	return false
}

// attemptOneOff is one attempt with a container. Each but the first has a fresh one, and nothing stays of the one before.
func (w *worker) attemptOneOff(ctx context.Context, a *planner.RunOneOff, attempt int) step.Outcome {
	if attempt == 1 {
		return w.runOneOff(ctx, a)
	}
	var removed []string
	if last := (&oneOffRun{worker: w, container: w.oneOff}); !w.oneOff.IsRemoved {
		removed = last.removeOneOff(ctx)
	}
	container, err := w.createOneOffContainer(ctx, w.createActionOf(a))
	if err != nil {
		return step.Outcome{Err: err, Removed: removed}
	}
	w.oneOff = container
	o := w.runOneOff(ctx, a)
	o.Removed = append(o.Removed, removed...)
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
