//go:build unix

package apptest

import (
	"golang.org/x/sys/unix"
)

// getTermios is the request for the mode of a terminal.
const getTermios = unix.TCGETS
