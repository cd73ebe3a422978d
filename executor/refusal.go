package executor

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// refusals are how the words of the engine, or of what it runs containers with, begin for a command that it could not run.
// The last is that of engines with API 1.56, for a container that has just ended.
func refusals() []string {
	return []string{"OCI runtime exec failed", "cannot exec in a stopped state", "unable to find user ", "FailedPrecondition: "}
}

// couldNotRun knows those words.
func couldNotRun(output string) bool {
	return slices.ContainsFunc(refusals(), func(words string) bool { return strings.HasPrefix(output, words) })
}

// refusal keeps back output that begins as a refusal does, until it is known whether it is one.
type refusal struct {
	next   io.Writer
	held   string
	passed bool
}

// mostRefusal is more than engines say.
const mostRefusal = 8 << 10

func (r *refusal) Write(p []byte) (int, error) {
	if r.passed {
		return r.next.Write(p)
	}
	r.held += string(p)
	open := slices.ContainsFunc(refusals(), func(words string) bool {
		return strings.HasPrefix(r.held, words) || strings.HasPrefix(words, r.held)
	})
	if open && len(r.held) < mostRefusal {
		return len(p), nil
	}
	return len(p), r.pass()
}

// pass lets go what was kept back: it is the command's own.
func (r *refusal) pass() error {
	if r.passed {
		return nil
	}
	r.passed = true
	if r.held == "" {
		return nil
	}
	_, err := io.WriteString(r.next, r.held)
	return err
}

// verdict tells a command that ended with a code from one that was never run: not found (127), not executable (126), or
// refused for another reason.
func (r *refusal) verdict(code int) error {
	if r.passed || code < codeNotExecutable || code > 128 || !couldNotRun(r.held) {
		return nil
	}
	said := strings.TrimSpace(r.held)
	switch {
	case strings.Contains(said, "chdir"), strings.Contains(said, "Cwd"):
		return fmt.Errorf("its working directory cannot be used: %s", said)
	case strings.Contains(said, "executable file not found"), strings.Contains(said, "no such file or directory"):
		return &CodedError{Code: codeNotFound, Err: fmt.Errorf("the command was not found in the container: %s", said)}
	case strings.Contains(said, "permission denied"), strings.Contains(said, "exec format error"):
		return &CodedError{Code: codeNotExecutable, Err: fmt.Errorf("the command is not executable in the container: %s", said)}
	}
	return fmt.Errorf("the command could not be run in the container: %s", said)
}
