//go:build unix

package interrupt

import (
	"os"
	"syscall"
)

// userSignals have no meaning of their own: they are only passed on.
func userSignals() []os.Signal { return []os.Signal{syscall.SIGUSR1, syscall.SIGUSR2} }
