//go:build linux

package faults

import (
	"math/rand/v2"
	"os"
	"syscall"
	"testing"
	"time"
)

// unreadStreams says which outputs of a call have a reader that stands still.
type unreadStreams struct{ stdout, stderr bool }

// unreadScenarios are calls with endless output: only a signal ends them.
func unreadScenarios() []scenario {
	run := func(args ...string) scenario {
		return scenario{name: args[len(args)-1] + " without a reader", args: append([]string{"run"}, args...), codes: []int{0}}
	}
	return []scenario{
		run("talking"), run("--output-style", "prefix", "talking"), run("--output-style", "group", "talking"), run("heard"),
		run("shouting"), run("--output-style", "prefix", "shouting"), run("talkinside"),
		{name: "logs without a reader", args: []string{"logs", "-f", "cache"}, codes: []int{0}},
	}
}

// drawUnread draws a call without a reader, with two or three signals.
func drawUnread(r *rand.Rand, within time.Duration) signalledCall {
	c := signalledCall{scenario: choose(r, unreadScenarios()), unread: unreadStreams{stdout: true, stderr: r.IntN(3) == 0}}
	next := plannedSignal{after: within + randomBelow(r, 2*time.Second)}
	for range 2 + r.IntN(2) {
		next.signal = choose(r, []syscall.Signal{syscall.SIGINT, syscall.SIGTERM})
		c.shots = append(c.shots, next)
		next.after += 100*time.Millisecond + randomBelow(r, 2*time.Second)
	}
	return c
}

// newFullPipe returns the writing end of a full pipe. The pipe has no room until the end of the test.
func newFullPipe(t *testing.T) *os.File {
	t.Helper()
	var ends [2]int
	if err := syscall.Pipe2(ends[:], syscall.O_CLOEXEC|syscall.O_NONBLOCK); err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := syscall.Write(ends[1], make([]byte, 4096)); err != nil {
			break
		}
	}
	if err := syscall.SetNonblock(ends[1], false); err != nil {
		t.Fatal(err)
	}
	reader := os.NewFile(uintptr(ends[0]), "reader")
	t.Cleanup(func() { reader.Close() })
	return os.NewFile(uintptr(ends[1]), "full pipe")
}
