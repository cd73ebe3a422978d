//go:build unix

package main

import (
	"syscall"
	"time"
)

// ownCPU is the processor time of this process up to now, and whether the system tells it.
func ownCPU() (time.Duration, bool) {
	var usage syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &usage) != nil {
		return 0, false
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano()), true
}
