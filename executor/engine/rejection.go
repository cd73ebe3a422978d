package engine

import (
	"errors"
	"fmt"
)

// Rejection is a rejection of the engine in the words of this program. The text is complete: callers add no operation.
type Rejection struct {
	// Place is the place of the cause in a file, "compose.yaml:7:5"; empty: not known.
	Place string
	// Fact says what is wrong, Remedy what to do. Remedy may be empty.
	Fact, Remedy string
	// Attribute is the path of the cause in the configuration of a service or network; empty: not known.
	Attribute []string
	// Program is the program of a command that cannot be started; empty: another rejection.
	Program string
	Err     error
}

func (r *Rejection) Error() string {
	text := r.Fact
	if r.Place != "" {
		text = r.Place + ": " + text
	}
	if r.Remedy != "" {
		text += ": " + r.Remedy
	}
	return text
}

// Unwrap returns the error of the engine.
func (r *Rejection) Unwrap() error { return r.Err }

// WithPlace adds the place of the cause to a rejection without a place. locate returns the place of an attribute; nil:
// unknown. Other errors stay as they are.
func WithPlace(err error, locate func(path ...string) string) error {
	rejection, ok := errors.AsType[*Rejection](err)
	if !ok || locate == nil || len(rejection.Attribute) == 0 || rejection.Place != "" {
		return err
	}
	located := *rejection
	located.Place = locate(rejection.Attribute...)
	return &located
}

// Explain adds a prefix to an error. A rejection in the words of this program needs no prefix.
func Explain(err error, format string, args ...any) error {
	if rejection, ok := errors.AsType[*Rejection](err); ok {
		return rejection
	}
	return fmt.Errorf(format+": %w", append(args, err)...)
}
