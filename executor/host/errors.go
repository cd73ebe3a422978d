package host

import "fmt"

const (
	codeNotRun        = 125
	codeNotExecutable = 126
	codeNotFound      = 127
)

// StartError is the reason why a command could not start.
type StartError struct {
	// Code is the exit code for the error: 127 not found, 126 not executable, 125 anything else.
	Code int
	// Name is the command's first word.
	Name string
	// Reason names the problem and the searched place.
	Reason string
	// Err is the operating system's error, or nil.
	Err error
}

func (e *StartError) Error() string {
	text := e.Reason
	if e.Name != "" {
		text = fmt.Sprintf("cannot run %q: %s", e.Name, e.Reason)
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

func (e *StartError) Unwrap() error { return e.Err }
