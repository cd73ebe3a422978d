package engine

import (
	"errors"
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

// execErrorPrefixes are the first words of the engine or its runtime about a command without a start. The last prefix
// is from engines with API 1.56, for a container right after its end.
func execErrorPrefixes() []string {
	return []string{
		"OCI runtime exec failed", "cannot exec in a stopped state", "unable to find user ", "FailedPrecondition: ",
	}
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
