package main

import (
	"context"
	"encoding/json"

	"tasks/executor"
	"tasks/internal/state"
)

// locks are those of the project's state directory, as a run takes them.
type locks struct{ *state.Dir }

// LockFor takes the lock of a task.
func (l locks) LockFor(ctx context.Context, name string, wanted executor.LockRequest) (func(), error) {
	will, err := json.Marshal(wanted.Holder)
	if err != nil {
		return nil, err
	}
	return l.LockWith(ctx, name, state.LockOptions{
		Purpose: wanted.Purpose, Will: string(will),
		Waiting: func(h state.Holder) { wanted.Waiting(h.String()) },
		Died: func(h state.Holder) {
			var holder executor.LockHolder
			_ = json.Unmarshal([]byte(h.Will), &holder) // another version has written it: what can be known without is ended
			wanted.Died(holder)
		},
	})
}
