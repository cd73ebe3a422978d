package coord

import (
	"context"
	"encoding/json"
	"slices"
)

// LockRequest describes a lock that a process may hold for a long time.
type LockRequest struct {
	// Purpose appears in the messages of waiting processes.
	Purpose string
	// Holder is for the next holder, if this process dies with the lock.
	Holder TaskHolder
	// OnWait is called once before a wait, with a description of the current holder.
	OnWait func(holder string)
	// OnStaleLock is called with the lock held, if the last holder died with the lock.
	OnStaleLock func(TaskHolder)
}

// TaskHolder describes the process with the lock of a task. The next holder needs the description after a
// crash.
type TaskHolder struct {
	// Owner is the label of the process, Task the name of the task.
	Owner, Task string
	// Project is the compose project of the task's container; empty: the task has no container.
	Project string
}

// Lock takes the lock of a resource on the engine. Another checkout of the project may be about to create the
// same resource, so the lock covers the project's directory first, and then the shared directories.
func (s *Store) Lock(ctx context.Context, name string) (unlock func(), err error) {
	var unlocks []func()
	unlock = func() {
		for _, unlock := range slices.Backward(unlocks) {
			unlock()
		}
	}
	for _, dir := range append([]*Dir{s.Project}, s.shared...) {
		if _, err := dir.Path(); err != nil && dir != s.Project {
			continue // the processes of this checkout still exclude each other
		}
		unlockOne, err := dir.Lock(ctx, name)
		if err != nil {
			unlock()
			return nil, err
		}
		unlocks = append(unlocks, unlockOne)
	}
	return unlock, nil
}

// LockFor takes the lock of a task. Each checkout has a separate lock.
func (s *Store) LockFor(ctx context.Context, name string, request LockRequest) (unlock func(), err error) {
	payload, err := json.Marshal(request.Holder)
	if err != nil {
		return nil, err
	}
	return s.Project.lockWith(ctx, name, lockOptions{
		Purpose: request.Purpose, Payload: string(payload),
		OnWait: func(h lockHolder) { request.OnWait(h.String()) },
		OnStaleLock: func(h lockHolder) {
			var holder TaskHolder
			_ = json.Unmarshal([]byte(h.Payload), &holder) // the payload of another version may lack fields
			request.OnStaleLock(holder)
		},
	})
}
