package main

import (
	"context"
	"encoding/json"

	"tasks/executor"
	"tasks/internal/state"
)

// Locker are those of the project's state directory, as a run takes them.
type Locker struct {
	*state.Dir
	// shared is the directory that other checkouts share; nil: there is none.
	shared *state.Dir
}

// Lock takes the lock of a thing on the engine. Another checkout of the project may be about to make the same.
func (l Locker) Lock(ctx context.Context, name string) (unlock func(), err error) {
	unlockProject, err := l.Dir.Lock(ctx, name)
	if err != nil || l.shared == nil {
		return unlockProject, err
	}
	if _, err := l.shared.Path(); err != nil {
		return unlockProject, nil // those of this checkout know of each other
	}
	unlockShared, err := l.shared.Lock(ctx, name)
	if err != nil {
		unlockProject()
		return nil, err
	}
	return func() { unlockShared(); unlockProject() }, nil
}

// LockFor takes the lock of a task, which is the checkout's.
func (l Locker) LockFor(ctx context.Context, name string, request executor.LockRequest) (func(), error) {
	payload, err := json.Marshal(request.Holder)
	if err != nil {
		return nil, err
	}
	return l.LockWith(ctx, name, state.LockOptions{
		Purpose: request.Purpose, Payload: string(payload),
		OnWait: func(h state.Holder) { request.OnWait(h.String()) },
		OnStaleLock: func(h state.Holder) {
			var holder executor.HolderInfo
			_ = json.Unmarshal([]byte(h.Payload), &holder) // another version has written it: what can be known without is ended
			request.OnStaleLock(holder)
		},
	})
}
