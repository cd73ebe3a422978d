package executor

import (
	"context"
	"time"

	"tasks/executor/readiness"
	"tasks/executor/step"
	"tasks/planner"
)

// waitService waits until the container of a service meets a condition.
func (s resourceStep) waitService(ctx context.Context, a *planner.WaitService, limit time.Duration) step.Outcome {
	if a.IsMet && !s.facts.Recreated[a.Replica] && !s.facts.Restarted[a.Replica] {
		return step.Outcome{Verb: planner.Reuse}
	}
	target := readiness.Target{
		Replica: a.Replica, ID: s.facts.Containers[a.Replica], Condition: a.Condition,
		Readiness: a.Readiness, Limit: limit,
	}
	if err := readiness.Wait(ctx, s.Env, target); err != nil {
		return step.Outcome{Err: err}
	}
	return step.Outcome{Verb: planner.Wait}
}
