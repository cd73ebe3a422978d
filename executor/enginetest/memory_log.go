package enginetest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/containerd/errdefs"

	"tasks/executor/engine"
)

// StreamLog implements [engine.Engine], for whole logs: Tail, Since and Timestamps are those of the real engine alone.
func (m *Memory) StreamLog(ctx context.Context, id string, o engine.LogOptions, out, errOut io.Writer) error {
	if o.Tail >= 0 || o.Since != "" || o.Timestamps {
		return errors.New("the engine in memory streams whole logs only")
	}
	var target *memoryContainer
	err := m.withContainer(ctx, "StreamLog", id, func(c *memoryContainer) error {
		if c.behaviour.noLog {
			return fmt.Errorf("configured logging driver does not support reading: %w", errdefs.ErrNotImplemented)
		}
		target = c
		return nil
	})
	const pause = 10 * time.Millisecond
	for written := 0; err == nil; err = waitFault(ctx, nil, pause) {
		frames, ended := m.logFrames(target)
		for _, f := range frames[written:] {
			to := out
			if f.to == stderr && !target.spec.TTY {
				to = errOut
			}
			if _, err := io.WriteString(to, f.text); err != nil {
				return err
			}
		}
		if written = len(frames); ended || !o.Follow {
			return endLastLine(frames, out, errOut)
		}
	}
	return err
}

// endLastLine ends an open last line of each stream, as the logs of some engines do.
func endLastLine(frames []frame, out, errOut io.Writer) error {
	last := map[stream]string{}
	for _, f := range frames {
		last[f.to] = f.text
	}
	for to, text := range last {
		w := out
		if to == stderr {
			w = errOut
		}
		if !strings.HasSuffix(text, "\n") {
			if _, err := io.WriteString(w, "\n"); err != nil {
				return err
			}
		}
	}
	return nil
}

// logFrames returns the log of a container, and whether the container has ended.
func (m *Memory) logFrames(c *memoryContainer) (frames []frame, ended bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return c.frames, c.process == nil
}
