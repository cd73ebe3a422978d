package command

import (
	"fmt"
	"io"
	"strings"

	"tasks/executor/engine"
	"tasks/executor/step"
)

// execErrorFilter keeps back output that begins as a refusal does, until it is known whether it is one.
type execErrorFilter struct {
	next      io.Writer
	buffered  string
	isPassing bool
}

// maxExecErrorSize is more than engines say.
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

// flush lets go what was kept back: it is the command's own.
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

// startError tells a command that ended with a code from one that was never run: not found (127), not executable (126), or
// refused for another reason.
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
