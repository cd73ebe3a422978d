package engine

import "fmt"

// PortTakenError reports a port of the host that another container or program has.
type PortTakenError struct {
	// HostIP may be empty: all addresses.
	HostIP   string
	Port     int
	Protocol string
	// Holder names the container with the port; empty: no container of the engine is known to have the port.
	Holder string
	Err    error
}

func (e *PortTakenError) Error() string {
	holder := "another program of the host"
	if e.Holder != "" {
		holder = "container " + e.Holder
	}
	return fmt.Sprintf("port %d/%s of the host is already in use by %s", e.Port, e.Protocol, holder)
}

// Unwrap returns the error of the engine.
func (e *PortTakenError) Unwrap() error { return e.Err }
