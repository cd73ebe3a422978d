package command

import (
	"context"
	"errors"
	"fmt"
	"math"
	"syscall"
	"time"

	"tasks/executor/engine"
	"tasks/executor/step"
	"tasks/hclspec"
	"tasks/internal/durations"
	"tasks/planner"
)

// RunOneOff runs the command of a task in a container of its own.
func (r *Runner) RunOneOff(ctx context.Context, a *planner.RunOneOff) step.Outcome {
	return r.runAttempts(
		ctx, a.Task, func(ctx context.Context, attempt int) step.Outcome { return r.attemptOneOff(ctx, a, attempt) },
	)
}

// RunHost runs the command of a task on the host.
func (r *Runner) RunHost(ctx context.Context, a *planner.RunHost) step.Outcome {
	return r.runAttempts(ctx, a.Task, func(ctx context.Context, _ int) step.Outcome { return r.runHost(ctx, a) })
}

// RunExec runs the command of a task in the container of a service.
func (r *Runner) RunExec(ctx context.Context, a *planner.RunExec) step.Outcome {
	return r.runAttempts(ctx, a.Task, func(ctx context.Context, _ int) step.Outcome { return r.runExec(ctx, a) })
}

// runAttempts runs a command until its success, as often as its task allows. Only the failure of the command itself
// counts. A command without a start, or asked to end, gets no other attempt. A lost command gets one more, if its task
// says so. Between attempts the step keeps its lock, but not its slot.
func (r *Runner) runAttempts(
	ctx context.Context, task *hclspec.Task, run func(ctx context.Context, attempt int) step.Outcome,
) step.Outcome {
	var removed, failedAttempts []string
	lost := 0
	for attempt := 1; ; attempt++ {
		o := run(ctx, attempt+lost)
		removed = append(removed, o.Removed...)
		o.Removed, o.FailedAttempts = removed, failedAttempts
		begins := r.IsPrivate && engine.IsNodeLost(o.Err) // the whole project begins again, with its services
		if o.IsLost && task.RetriesLost && !begins && lost == 0 && ctx.Err() == nil && !r.Control.IsAskedToEnd() {
			r.Warn("lost, it may have run: %s; it runs once more", retryReason(o))
			failedAttempts = append(failedAttempts, retryReason(o))
			lost++
			attempt--
			continue
		}
		o.IsKeyInterrupt = o.Err == nil && o.Code == codeInterrupted && r.Observer.TerminalOf(task) != nil
		if !r.shouldRetry(ctx, task, attempt, o) {
			if attempt > 1 && o.Err == nil && o.Code == 0 {
				r.Warn("succeeded at attempt %d of %d: flaky", attempt, task.Retry.Attempts)
			}
			return o
		}
		delay := retryDelay(task.Retry, attempt)
		const format = "attempt %d of %d after %s: %s"
		r.Progress(fmt.Sprintf(format, attempt+1, task.Retry.Attempts, durations.Text(delay), retryReason(o)))
		if !r.pauseBetweenAttempts(ctx, delay) {
			return o
		}
		failedAttempts = append(failedAttempts, retryReason(o))
	}
}

// codeInterrupted is the exit code of a command after Ctrl-C.
const codeInterrupted = 128 + int(syscall.SIGINT)

func (r *Runner) shouldRetry(ctx context.Context, task *hclspec.Task, attempt int, o step.Outcome) bool {
	switch {
	case attempt >= task.Retry.Attempts || ctx.Err() != nil || r.Control.IsAskedToEnd() || o.IsKeyInterrupt:
		return false
	case IsTimeout(o.Err):
		return !task.AllowFailure.Allows(CodeTimeout)
	}
	return o.Err == nil && o.Code != 0 && !task.AllowFailure.Allows(o.Code)
}

func retryReason(o step.Outcome) string {
	if o.Err != nil {
		return o.Err.Error()
	}
	if o.IsLost {
		return o.ExitReason
	}
	return fmt.Sprintf("exit code %d", o.Code)
}

// retryDelay is the pause after an attempt. Each pause is Backoff times the pause before.
func retryDelay(r hclspec.Retry, attempt int) time.Duration {
	delay := float64(r.Delay) * math.Pow(max(r.Backoff, 1), float64(attempt-1))
	return time.Duration(min(delay, float64(maxRetryDelay)))
}

// maxRetryDelay keeps the delay within the range of a duration.
const maxRetryDelay = 24 * time.Hour

// pauseBetweenAttempts waits without a slot. It reports whether the step has a slot again before the end of the run.
func (r *Runner) pauseBetweenAttempts(ctx context.Context, delay time.Duration) bool {
	if delay == 0 {
		return true
	}
	r.Emit(step.SlotReleased{})
	timer := time.NewTimer(delay)
	defer timer.Stop()
	if !waitUnlessStopped(ctx, r.Control, timer.C) {
		return false
	}
	r.Emit(step.SlotRequested{})
	return waitUnlessStopped(ctx, r.Control, r.Control.Slot)
}

// waitUnlessStopped waits for an event, and reports false if the step is to end before.
func waitUnlessStopped[T any](ctx context.Context, control *step.Control, event <-chan T) bool {
	select {
	case <-event:
		return true
	case <-ctx.Done():
	case <-control.StopRequested:
	case <-control.Kill:
	}
	return false
}

// attemptOneOff is an attempt with a container. Each attempt after the first has a
// new container, without any trace of the container before. So has the first attempt with a new image.
func (r *Runner) attemptOneOff(ctx context.Context, a *planner.RunOneOff, attempt int) step.Outcome {
	if attempt == 1 && !r.HasNewImage {
		o := r.runOneOff(ctx, a)
		if !errors.Is(o.Err, errStandbyLost) {
			return o
		}
		// The command has not begun. A container made now takes the place, and shows the words of the engine.
	}
	var removed []string
	if !r.OneOff.IsRemoved {
		removed = r.RemoveOneOff(ctx)
	}
	container, err := r.createOneOffContainer(ctx, r.createActionOf(a))
	if err != nil {
		return step.Outcome{Err: err, Removed: removed}
	}
	r.OneOff = container
	o := r.runOneOff(ctx, a)
	o.Removed = append(o.Removed, removed...)
	return o
}

// createActionOf returns the plan's action that made the first container.
func (r *Runner) createActionOf(a *planner.RunOneOff) *planner.CreateOneOff {
	for _, s := range r.Plan.Steps {
		if s.ID == a.Create {
			return s.Action.(*planner.CreateOneOff)
		}
	}
	panic("executor: the plan lacks step " + string(a.Create))
}
