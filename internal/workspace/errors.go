package workspace

// RunError reports a failure outside of the files and the command line, for example of the engine or of a lock.
type RunError struct{ Err error }

func (e *RunError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *RunError) Unwrap() error { return e.Err }
