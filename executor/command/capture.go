package command

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"tasks/hclspec"
	"tasks/planner"
)

// captureLimit bounds the captured output of a task: `task.x.stdout` is for words, not for archives.
const captureLimit = 16 << 20

// capture keeps the output of a command, and passes the output on.
type capture struct {
	task string
	next io.Writer
	text bytes.Buffer
}

// captureFullError reports output over the limit of a capture.
type captureFullError struct{ task string }

func (e *captureFullError) Error() string {
	const text = "task.%s.stdout is used as a value, and is over %d MiB: write to a file instead"
	return fmt.Sprintf(text, e.task, captureLimit>>20)
}

func (c *capture) Write(p []byte) (int, error) {
	if c.text.Len()+len(p) > captureLimit {
		return 0, &captureFullError{c.task}
	}
	c.text.Write(p)
	return c.next.Write(p)
}

// captureOutput adds a capture to the streams of a task with used output. For any other task the capture is nil.
func captureOutput(s Streams, task *hclspec.Task) (Streams, *capture) {
	if !task.IsCaptured {
		return s, nil
	}
	c := &capture{task: task.Name, next: s.Out}
	s.Out = c
	return s, c
}

// RecordResult returns the fact of a task's result for its dependents.
func RecordResult(task *hclspec.Task, code int, c *capture) func(*planner.Facts) {
	result := hclspec.TaskResult{ExitCode: code}
	if c != nil {
		result.Stdout = strings.TrimRight(c.text.String(), "\r\n")
	}
	return func(f *planner.Facts) { f.Tasks[task.Name] = result }
}
