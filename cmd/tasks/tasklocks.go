package main

import (
	"context"
	"encoding/json"

	"tasks/executor"
	"tasks/internal/state"
)

// locks are those of the project's state directory, as a run takes them.
type locks struct {
	*state.Dir
	// shared is the directory that other checkouts share; nil: there is none.
	shared *state.Dir
}

// Lock takes the lock of a thing on the engine. Another checkout of the project may be about to make the same.
func (l locks) Lock(ctx context.Context, name string) (unlock func(), err error) {
	own, err := l.Dir.Lock(ctx, name)
	if err != nil || l.shared == nil {
		return own, err
	}
	if _, err := l.shared.Path(); err != nil {
		return own, nil // those of this checkout know of each other
	}
	shared, err := l.shared.Lock(ctx, name)
	if err != nil {
		own()
		return nil, err
	}
	return func() { shared(); own() }, nil
}

// LockFor takes the lock of a task, which is the checkout's.
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
