package docker

import (
	"strconv"
	"strings"

	"github.com/containerd/errdefs"
)

// callError is a request that the engine refused. It unwraps to the client's error, which has a class of errdefs.
type callError struct {
	op  string
	err error
}

func (e *callError) Error() string {
	return e.op + ": " + strings.ReplaceAll(e.err.Error(), "Error response from daemon: ", "")
}

func (e *callError) Unwrap() error { return e.err }

// classifiedError gives an error a class that it does not have by itself.
type classifiedError struct{ err, class error }

func (e *classifiedError) Error() string   { return e.err.Error() }
func (e *classifiedError) Unwrap() []error { return []error{e.err, e.class} }

// upgradeError classes the error of a connection that the engine would not hand over: the client tells the status only
// in words, and drops what the engine said.
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

// classifyByMessage classes what Podman's service answers as its own failure, and tells in words alone.
func classifyByMessage(err error) error {
	for _, words := range []string{"container state improper", "that name is already in use"} {
		if strings.Contains(err.Error(), words) {
			return &classifiedError{err: err, class: errdefs.ErrConflict}
		}
	}
	return err
}

// ignoreNotFound is for what shall be gone, and is.
func ignoreNotFound(err error) error {
	if errdefs.IsNotFound(err) {
		return nil
	}
	return err
}
