package removal

import (
	"cmp"
	"errors"
	"fmt"

	"tasks/executor/step"
	"tasks/planner"
)

const (
	removeFailed  = "could not be removed"
	stopFailed    = "could not be stopped"
	removeCommand = "docker rm --force --volumes "
)

// ManualError is a failed act with the command for the user to finish the act.
type ManualError struct {
	// Failure is the act in words: "could not be removed".
	Failure, Command string
	Err              error
}

func (e *ManualError) Error() string { return e.Err.Error() }
func (e *ManualError) Unwrap() error { return e.Err }

// manualError adds the command to an error. A resource of others gets no command.
func manualError(failure, command string, err error) error {
	if _, isForeign := errors.AsType[*planner.ForeignError](err); err == nil || isForeign {
		return err
	}
	return &ManualError{Failure: failure, Command: command, Err: err}
}

// Advice describes a failure with the command to finish the act, where the error has a command.
func Advice(err error) string {
	manual, ok := errors.AsType[*ManualError](err)
	if !ok {
		return err.Error()
	}
	return fmt.Sprintf("%s; to finish: %s   # %s", manual.Failure, manual.Command, manual.Err)
}

// Command returns the command for the user to remove a resource of the ledger.
func Command(e step.Entry) string {
	switch e.Kind {
	case step.NetworkEntry:
		return "docker network rm " + cmp.Or(e.Name, e.ID)
	case step.VolumeEntry:
		return "docker volume rm " + e.ID
	}
	if e.HasOtherName {
		return removeCommand + e.ID
	}
	return removeCommand + e.Name
}

// KindName returns the word for the kind of a resource of the ledger.
func KindName(e step.Entry) string {
	switch e.Kind {
	case step.NetworkEntry:
		return "network"
	case step.VolumeEntry:
		return "volume"
	}
	return "container"
}

// NetworkError returns a failure before the removal of a network as a [ManualError].
func NetworkError(id, name string, err error) error {
	return manualError(removeFailed, "docker network rm "+cmp.Or(name, id), err)
}
