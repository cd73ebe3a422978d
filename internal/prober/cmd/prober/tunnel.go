//go:build linux

package main

import (
	"syscall"

	"tasks/internal/prober/wire"
)

// hold waits for the end of stdin: the caller has gone, or needs the container no more.
func hold() int {
	var ignored [512]byte
	for {
		n, err := syscall.Read(0, ignored[:])
		if n <= 0 && err != syscall.EINTR {
			return wire.Ready
		}
	}
}

// connectStreams connects stdin and stdout to the first address that accepts a connection.
func connectStreams() int {
	target, ok := settings()
	if !ok {
		return wire.Misuse
	}
	for _, a := range target.addresses {
		socket, err := connect(a)
		if err != nil {
			continue
		}
		var noLimit syscall.Timeval
		if syscall.SetsockoptTimeval(socket, syscall.SOL_SOCKET, syscall.SO_SNDTIMEO, &noLimit) != nil ||
			syscall.SetsockoptTimeval(socket, syscall.SOL_SOCKET, syscall.SO_RCVTIMEO, &noLimit) != nil {
			return wire.GaveUp
		}
		go func() {
			transfer(socket, 0)
			// A failure means that the connection has ended already.
			_ = syscall.Shutdown(socket, syscall.SHUT_WR)
		}()
		transfer(1, socket)
		return wire.Ready
	}
	return wire.GaveUp
}

// transfer copies bytes until the end of the source, or until a failure.
func transfer(to, from int) {
	buffer := make([]byte, 32<<10)
	for {
		n, err := syscall.Read(from, buffer)
		if err == syscall.EINTR {
			continue
		}
		if n <= 0 || send(to, string(buffer[:n])) != nil {
			return
		}
	}
}
