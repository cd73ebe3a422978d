package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"tasks/executor/watch"
)

const (
	// finest is the debounce interval of the measurement: each change is a batch of its own.
	finest = time.Microsecond
	// settle is a time without changes after a save. No pause within a save is as long.
	settle = 400 * time.Millisecond
	// firstChange bounds the wait for the first change of a save.
	firstChange = 30 * time.Second
)

// burst are the times of the changes of one save, in their order.
type burst []time.Time

func (b burst) duration() time.Duration {
	if len(b) == 0 {
		return 0
	}
	return b[len(b)-1].Sub(b[0])
}

func (b burst) longestPause() (longest time.Duration) {
	for i := 1; i < len(b); i++ {
		longest = max(longest, b[i].Sub(b[i-1]))
	}
	return longest
}

// measure lets a program save, and returns the burst of the last step of each save. The first save is not counted.
func measure(ctx context.Context, s saver, saves int) (bursts []burst, err error) {
	dir, err := os.MkdirTemp("", "tasks-bursts-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	watched := filepath.Join(dir, "src")
	if err := os.MkdirAll(watched, 0o755); err != nil {
		return nil, err
	}
	steps, err := s.prepare(ctx, watched)
	if err != nil {
		return nil, err
	}
	watcher, err := watch.New(watch.Rules{Root: dir, Units: []watch.Unit{{Paths: []string{"src/**"}}}}, finest)
	if err != nil {
		return nil, err
	}
	defer watcher.Close()
	watching, stop := context.WithCancel(ctx)
	defer stop()
	batches := watcher.Run(watching)
	for n := range saves + 1 {
		var b burst
		for _, step := range steps {
			if b, err = observe(ctx, batches, func() error { return step(n) }); err != nil {
				return nil, err
			}
		}
		if n > 0 {
			bursts = append(bursts, b)
		}
	}
	return bursts, nil
}

// observe performs a save, and collects its changes until none has come for the settle time.
func observe(ctx context.Context, batches <-chan watch.Batch, save func() error) (burst, error) {
	saved := make(chan error, 1)
	go func() { saved <- save() }()
	var b burst
	isSaved := false
	quiet := time.NewTimer(firstChange)
	defer quiet.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case err := <-saved:
			if err != nil {
				return nil, err
			}
			if isSaved = true; len(b) > 0 {
				quiet.Reset(settle)
			}
		case <-batches:
			b = append(b, time.Now())
			if isSaved {
				quiet.Reset(settle)
			}
		case <-quiet.C:
			if len(b) == 0 {
				return nil, errors.New("the save has made no change")
			}
			return b, nil
		}
	}
}
