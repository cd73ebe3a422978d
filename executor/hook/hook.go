// Package hook runs the lifecycle hooks of services in their containers.
package hook

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"tasks/executor/engine"
	"tasks/executor/step"
)

const (
	// tailLines and tailBytes bound the reported output of a failed hook, as in Compose.
	tailLines = 10
	tailBytes = 2 << 10
	// codeKilled is the exit code of a command in a container at its end.
	codeKilled = 137

	// StopContinues follows the warning about a failed pre_stop hook.
	StopContinues = "the container is stopped all the same"
)

// Error is the failure of a hook: an exit code, or no start at all.
type Error struct {
	Service, Kind string
	Index, Code   int
	// Output is the last lines of the hook.
	Output string
	// Err is set where the hook did not start.
	Err error
}

func (e *Error) Unwrap() error { return e.Err }

func (e *Error) Error() string {
	text := fmt.Sprintf("service %s: %s[%d] ", e.Service, e.Kind, e.Index)
	if e.Err != nil {
		return text + "could not be run: " + e.Err.Error()
	}
	text += fmt.Sprintf("ended with code %d", e.Code)
	if e.Output != "" {
		text += ", and said last:\n" + step.Indent(e.Output)
	}
	return text
}

// MayBeInterrupted reports whether the end of the container may have cut the hook short.
func (e *Error) MayBeInterrupted() bool {
	// Engines report a late exec by the code 126, or by 128 and a message.
	return e.Err != nil || e.Code == codeKilled || e.Code == step.CodeNotExecutable || engine.IsExecStartError(e.Output)
}

// IsReportable reports whether the failure deserves a warning. The end of the run, or a stop by others, does not.
func (e *Error) IsReportable(ctx context.Context) bool {
	return e != nil && ctx.Err() == nil && !engine.IsConflict(e.Err) && !engine.IsNotFound(e.Err)
}

// Run runs the hooks of a service in a container, one after the other, until the first failure.
func Run(ctx context.Context, e engine.Engine, id, service, kind string, hooks []types.ServiceHook) *Error {
	for i, hook := range hooks {
		result, err := e.Exec(ctx, id, engine.ExecCommand{
			Command: hook.Command, User: hook.User, Workdir: hook.WorkingDir, Env: hook.Environment,
			Privileged: hook.Privileged,
		})
		if err != nil || result.ExitCode != 0 {
			tail := Tail(cmp.Or(strings.TrimSpace(result.Stderr), result.Output))
			return &Error{Service: service, Kind: kind, Index: i, Code: result.ExitCode, Output: tail, Err: err}
		}
	}
	return nil
}

// Tail returns the end of a hook's output without empty lines. Of an overwritten line the last state counts.
func Tail(output string) string {
	var lines []string
	for line := range strings.Lines(output) {
		line = strings.TrimRight(line, "\r\n")
		line = line[strings.LastIndex(line, "\r")+1:]
		if strings.TrimSpace(line) != "" {
			lines = append(lines, line)
		}
	}
	text := strings.Join(lines[max(0, len(lines)-tailLines):], "\n")
	return strings.ToValidUTF8(text[max(0, len(text)-tailBytes):], "")
}

// TailBuffer keeps the end of the written bytes.
type TailBuffer []byte

func (b *TailBuffer) Write(p []byte) (int, error) {
	const kept = 2 * tailBytes
	*b = append(*b, p...)
	if extra := len(*b) - kept; extra > 0 {
		*b = append((*b)[:0], (*b)[extra:]...)
	}
	return len(p), nil
}
