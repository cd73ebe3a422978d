package engine

import (
	"errors"
	"regexp"
	"slices"
	"strings"

	"github.com/containerd/errdefs"
)

// ErrNoRoute says that this machine has no route to a network of the engine.
var ErrNoRoute = errors.New("the network cannot be reached from here")

// IsNotFound reports whether the engine does not know the resource of a call.
func IsNotFound(err error) bool { return errdefs.IsNotFound(err) }

// IsConflict reports whether the state of the resource, or a resource of others, prevents the call.
func IsConflict(err error) bool { return errdefs.IsConflict(err) }

// IsNotImplemented reports whether the engine, or a driver of the engine, lacks the ability.
func IsNotImplemented(err error) bool { return errdefs.IsNotImplemented(err) }

// execErrorPrefixes are the first words of the engine or its runtime about a command without a start. "cannot exec in
// a" goes on with the state of the container: stopped, deleted. The last prefix is from engines with API 1.56, for a
// container right after its end.
func execErrorPrefixes() []string {
	return []string{
		"OCI runtime exec failed", "cannot exec in a ", "unable to find user ", "FailedPrecondition: ",
	}
}

// commandProblems are parts of the runtime's messages about the command itself: no such program, no permission, no
// such user, no such working directory.
func commandProblems() []string {
	return []string{"exec: ", "executable", "exec format error", "unable to find user ", "chdir to cwd"}
}

// noTaskPattern is the engine's message about a container without a process.
var noTaskPattern = regexp.MustCompile(
	`^(?i:(error response from daemon: )?container [0-9a-f]{12,64} is (not running|restarting|paused)|` +
		`(no running )?task [^ ]+ not found|no running task found|process already finished|ttrpc: closed)`,
)

// IsEngineNoise reports whether the output of a command is the engine's message about a container at its end: the
// command did not start, and the message says nothing about the command. A missing program is no noise.
func IsEngineNoise(output string) bool {
	if noTaskPattern.MatchString(output) {
		return true
	}
	// "exec failed" is in every message of the runtime, before the reason.
	reason := strings.ReplaceAll(output, "runtime exec failed: ", "")
	reason = strings.ReplaceAll(reason, "exec failed: ", "")
	isAboutCommand := slices.ContainsFunc(
		commandProblems(), func(problem string) bool { return strings.Contains(reason, problem) },
	)
	return IsExecStartError(output) && !isAboutCommand
}

// IsExecStartError reports whether the output of a command is the engine's message that the command did not start.
func IsExecStartError(output string) bool {
	return slices.ContainsFunc(
		execErrorPrefixes(), func(prefix string) bool { return strings.HasPrefix(output, prefix) },
	)
}

// MayBecomeExecStartError reports whether the beginning of an output may be the engine's message about a failed start.
func MayBecomeExecStartError(output string) bool {
	return slices.ContainsFunc(execErrorPrefixes(), func(prefix string) bool {
		return strings.HasPrefix(output, prefix) || strings.HasPrefix(prefix, output)
	})
}

// NodeLostError reports that a node of several engines gives no answer. Its containers may still run.
type NodeLostError struct {
	// Node is the name of the node. Reason says how the node was lost: "gave no answer for 8 s".
	Node, Reason string
}

func (e *NodeLostError) Error() string { return "node " + e.Node + " " + e.Reason }

// IsNodeLost reports whether a call failed because its node is lost.
func IsNodeLost(err error) bool {
	_, ok := errors.AsType[*NodeLostError](err)
	return ok
}
