package command

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"tasks/hclspec"
	"tasks/planner"
)

// captureLimit is how much of a task's output can become a value: `task.x.stdout` is for words, not for archives.
const captureLimit = 16 << 20

// capture keeps what a command writes, beside passing it on.
type capture struct {
	task string
	next io.Writer
	text bytes.Buffer
}

func (c *capture) Write(p []byte) (int, error) {
	if c.text.Len()+len(p) > captureLimit {
		return 0, fmt.Errorf("task.%s.stdout is used as a value, and is over %d MiB: write to a file instead", c.task, captureLimit>>20)
	}
	c.text.Write(p)
	return c.next.Write(p)
}

// captureOutput puts a capture into the streams of a task whose output is used; else the capture is nil.
func captureOutput(s Streams, task *hclspec.Task) (Streams, *capture) {
	if !task.IsCaptured {
		return s, nil
	}
	c := &capture{task: task.Name, next: s.Out}
	s.Out = c
	return s, c
}

// RecordResult makes a task's result known to what depends on it.
func RecordResult(task *hclspec.Task, code int, c *capture) func(*planner.Facts) {
	result := hclspec.TaskResult{ExitCode: code}
	if c != nil {
		result.Stdout = strings.TrimRight(c.text.String(), "\r\n")
	}
	return func(f *planner.Facts) { f.Tasks[task.Name] = result }
}
