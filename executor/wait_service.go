package executor

import (
	"context"
	"time"

	"tasks/executor/readiness"
	"tasks/executor/step"
	"tasks/planner"
)

// settleTime is the time that a service of `tasks up` has to run if nothing else shows that the service is ready. A
// wrong configuration ends most services in this time.
const settleTime = 500 * time.Millisecond

// waitService waits until the container of a service meets a condition.
func (s resourceStep) waitService(ctx context.Context, a *planner.WaitService, limit time.Duration) step.Outcome {
	if a.IsMet && !s.facts.Recreated[a.Replica] && !s.facts.Restarted[a.Replica] {
		return step.Outcome{Verb: planner.Reuse}
	}
	target := readiness.Target{
		Replica: a.Replica, ID: s.facts.Containers[a.Replica], Condition: a.Condition,
		Readiness: a.Readiness, Limit: limit,
	}
	if a.IsUp {
		target.Settle = settleTime
	}
	if err := readiness.Wait(ctx, s.Env, target); err != nil {
		return step.Outcome{Err: err}
	}
	return step.Outcome{Verb: planner.Wait}
}
