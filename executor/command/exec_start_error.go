package command

import (
	"fmt"
	"io"
	"strings"

	"tasks/executor/engine"
	"tasks/executor/step"
)

// execErrorFilter holds output back while the output may be the engine's message about a failed start.
type execErrorFilter struct {
	next      io.Writer
	buffered  string
	isPassing bool
}

// maxExecErrorSize exceeds the size of such messages.
const maxExecErrorSize = 8 << 10

func (r *execErrorFilter) Write(p []byte) (int, error) {
	if r.isPassing {
		return r.next.Write(p)
	}
	r.buffered += string(p)
	mayBeError := engine.MayBecomeExecStartError(r.buffered)
	if mayBeError && len(r.buffered) < maxExecErrorSize {
		return len(p), nil
	}
	return len(p), r.flush()
}

// flush passes the held output on: the output is the command's own.
func (r *execErrorFilter) flush() error {
	if r.isPassing {
		return nil
	}
	r.isPassing = true
	if r.buffered == "" {
		return nil
	}
	_, err := io.WriteString(r.next, r.buffered)
	return err
}

// startError returns the error of a command without a start: not found (127), not executable
// (126), or refused for another reason. For a command that ended by itself the error is nil.
func (r *execErrorFilter) startError(code int) error {
	if r.isPassing || code < step.CodeNotExecutable || code > 128 || !engine.IsExecStartError(r.buffered) {
		return nil
	}
	message := strings.TrimSpace(r.buffered)
	switch {
	case strings.Contains(message, "chdir"), strings.Contains(message, "Cwd"):
		return fmt.Errorf("its working directory cannot be used: %s", message)
	case strings.Contains(message, "executable file not found"), strings.Contains(message, "no such file or directory"):
		return &step.CodedError{Code: step.CodeNotFound, Err: fmt.Errorf("the command was not found in the container: %s", message)}
	case strings.Contains(message, "permission denied"), strings.Contains(message, "exec format error"):
		return &step.CodedError{Code: step.CodeNotExecutable, Err: fmt.Errorf("the command is not executable in the container: %s", message)}
	}
	return fmt.Errorf("the command could not be run in the container: %s", message)
}
