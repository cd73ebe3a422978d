package host

import "fmt"

const (
	codeNotRun        = 125
	codeNotExecutable = 126
	codeNotFound      = 127
)

// StartError says why a command could not be started.
type StartError struct {
	// Code is the exit code that stands for it: 127 not found, 126 not executable, 125 anything else.
	Code int
	// Name is the command's first word.
	Name string
	// Reason says what is wrong, and where it was looked for.
	Reason string
	// Err is the operating system's error, where there is one.
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
