package engine

import "strings"

// IsLocalAddress reports whether an engine with this address may run on this machine: the address is that of a socket.
// The engine may run in a virtual machine all the same, or at the other end of a tunnel.
func IsLocalAddress(address string) bool { return strings.HasPrefix(address, "unix://") }
