//go:build !linux

package host

// killSession does nothing, because this system does not list the members of a session.
func (p osProcess) killSession() {}
