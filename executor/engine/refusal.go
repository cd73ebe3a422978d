package engine

import (
	"errors"
	"fmt"
)

// Refusal is a refusal of the engine in the words of this program. The text is complete: callers add no operation.
type Refusal struct {
	// Place is the place of the cause in a file, "compose.yaml:7:5"; empty: not known.
	Place string
	// Fact says what is wrong, Remedy what to do. Remedy may be empty.
	Fact, Remedy string
	// Attribute is the path of the cause in the configuration of a service or network; empty: not known.
	Attribute []string
	// Program is the program of a command that cannot be started; empty: another refusal.
	Program string
	Err     error
}

func (r *Refusal) Error() string {
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
func (r *Refusal) Unwrap() error { return r.Err }

// WithPlace adds the place of the cause to a refusal without a place. locate returns the place of an attribute; nil:
// unknown. Other errors stay as they are.
func WithPlace(err error, locate func(path ...string) string) error {
	refusal, ok := errors.AsType[*Refusal](err)
	if !ok || locate == nil || len(refusal.Attribute) == 0 || refusal.Place != "" {
		return err
	}
	located := *refusal
	located.Place = locate(refusal.Attribute...)
	return &located
}

// Explain adds a prefix to an error. A refusal in the words of this program needs no prefix.
func Explain(err error, format string, args ...any) error {
	if refusal, ok := errors.AsType[*Refusal](err); ok {
		return refusal
	}
	return fmt.Errorf(format+": %w", append(args, err)...)
}
