package docker

import (
	"errors"
	"strconv"
	"strings"

	"github.com/containerd/errdefs"

	"tasks/executor/engine"
)

// callError is a refused request. Unwrap returns the client's error, with a class of errdefs.
type callError struct {
	op  string
	err error
}

func (e *callError) Error() string {
	if rejection, ok := errors.AsType[*engine.Rejection](e.err); ok {
		return withoutPassword(rejection.Error())
	}
	text := strings.ReplaceAll(e.err.Error(), "Error response from daemon: ", "")
	return withoutPassword(e.op + ": " + withoutRuntimeNoise(text))
}

func (e *callError) Unwrap() error { return e.err }

// classifiedError adds a class to an error.
type classifiedError struct{ err, class error }

func (e *classifiedError) Error() string   { return e.err.Error() }
func (e *classifiedError) Unwrap() []error { return []error{e.err, e.class} }

// upgradeError classifies the error of a refused connection. The client reports the status only as text, and drops the
// engine's message.
func upgradeError(err error) error {
	if err == nil {
		return nil
	}
	_, status, found := strings.Cut(err.Error(), "unable to upgrade to tcp, received ")
	if !found {
		return err
	}
	code, _ := strconv.Atoi(status)
	switch code {
	case 404:
		return &classifiedError{err: err, class: errdefs.ErrNotFound}
	case 409:
		return &classifiedError{err: err, class: errdefs.ErrConflict}
	case 400:
		return &classifiedError{err: err, class: errdefs.ErrInvalidArgument}
	}
	return err
}

// classifyByMessage classifies refusals of Podman's service. Podman reports them as failures of the service, with the
// reason only as text.
func classifyByMessage(err error) error {
	for _, words := range []string{"container state improper", "that name is already in use"} {
		if strings.Contains(err.Error(), words) {
			return &classifiedError{err: err, class: errdefs.ErrConflict}
		}
	}
	return err
}

// ignoreNotFound drops the error for a resource that should be removed and does not exist.
func ignoreNotFound(err error) error {
	if errdefs.IsNotFound(err) {
		return nil
	}
	return err
}
