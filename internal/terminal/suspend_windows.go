package terminal

// OnSuspend does nothing: Windows does not suspend processes.
func OnSuspend(before, after func()) {}
