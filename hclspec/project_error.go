package hclspec

// ProjectError is the Extra of the diagnostic that reports a compose project which could not be loaded.
type ProjectError struct {
	// Err is the error of [Inputs].Project, complete as it is.
	Err error
}
