//go:build linux

package terminal_test

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"tasks/internal/testing/apptest"
)

// An idle watch uses less processor time than top shows: one tick of 10 ms in 5 s are 0.2 %.
func TestIdleWatchUsesNoProcessorTime(t *testing.T) {
	t.Parallel()
	a := apptest.NewApp(t, "", hostWatch)
	for i := range 300 {
		a.Write(fmt.Sprintf("src/d%d/f%d", i/10, i), "")
	}
	a.Write("src/a.txt", "")
	p := a.StartWatch("x")
	before := processorTicks(t, p.Cmd.Process.Pid)
	time.Sleep(5 * time.Second) // the time to measure
	if ticks := processorTicks(t, p.Cmd.Process.Pid) - before; ticks > 1 {
		t.Errorf("%d ticks in 5 s", ticks)
	}
	p.EndWatch()
}

// processorTicks returns the processor time of a process in ticks, as in proc(5).
func processorTicks(t *testing.T, pid int) (ticks int) {
	t.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(stat), ") ")
	fields := strings.Fields(rest)
	for _, field := range fields[11:13] { // utime and stime
		n, err := strconv.Atoi(field)
		if err != nil {
			t.Fatal(err)
		}
		ticks += n
	}
	return ticks
}
