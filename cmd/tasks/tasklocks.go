package main

import (
	"context"

	"tasks/internal/state"
)

// locks are those of the project's state directory, as a run takes them.
type locks struct{ *state.Dir }

// LockFor takes the lock of a task.
func (l locks) LockFor(ctx context.Context, name, purpose string, waiting func(holder string)) (func(), error) {
	return l.LockWith(ctx, name, state.LockOptions{Purpose: purpose, Waiting: func(h state.Holder) { waiting(h.String()) }})
}
