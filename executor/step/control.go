package step

import (
	"os"
	"syscall"
)

// Control carries the wishes of the loop to a step: signals in order, and the kill as the last resort.
type Control struct {
	Signals chan os.Signal
	Kill    chan struct{}
	// StopRequested is closed by the first signal for an end.
	StopRequested chan struct{}
	// Slot yields when a step may continue after a request for a slot.
	Slot chan struct{}
}

// signalBacklog exceeds the number of keys a user presses while an engine starts a container.
const signalBacklog = 16

// NewControl returns the control of a step.
func NewControl() *Control {
	return &Control{
		Signals: make(chan os.Signal, signalBacklog), Kill: make(chan struct{}),
		StopRequested: make(chan struct{}), Slot: make(chan struct{}, 1),
	}
}

// Send passes a signal to the step. Only the loop calls Send.
func (c *Control) Send(sig os.Signal) {
	if IsStopSignal(sig) && !c.IsAskedToEnd() {
		close(c.StopRequested)
	}
	select {
	case c.Signals <- sig:
	default: // the backlog is full: the command does not listen
	}
}

// IsAskedToEnd reports whether a signal has asked the step to end.
func (c *Control) IsAskedToEnd() bool {
	select {
	case <-c.StopRequested:
		return true
	default:
		return false
	}
}

// IsStopSignal reports whether a signal asks for an end. All other signals are only forwarded.
func IsStopSignal(sig os.Signal) bool {
	switch sig {
	case syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT:
		return true
	}
	return false
}
