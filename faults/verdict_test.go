//go:build linux

package faults

import (
	"fmt"
	"slices"
	"strings"
	"syscall"
	"time"
)

// crashCleanupTime is the time after which the next command finds all leftovers of a dead run (language.md §8).
const crashCleanupTime = 2 * time.Second

// problemsOf checks the ends of calls and the leftovers, and returns the problems. faulty are additional exit codes for
// a failing engine.
func (p *project) problemsOf(calls []callResult, faulty ...int) []string {
	p.t.Helper()
	var wrong []string
	say := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	killed := false
	for _, e := range calls {
		killed = killed || e.isKilled
		for _, w := range e.problems(faulty) {
			say("%s", w)
		}
	}
	if !killed {
		for _, f := range p.leftResources() {
			if !isReported(calls, f) {
				say("%s is left without a report", f)
			}
		}
	}
	for _, f := range p.leftAfterPs() {
		say("%s is left after ps", f)
	}
	for pid, line := range p.processes() {
		say("process %d, %s, is left", pid, line)
		_ = syscall.Kill(pid, syscall.SIGKILL) // the next command must find a leftover once
	}
	for _, lock := range p.heldLocks() {
		say("%s is held", lock)
	}
	for _, bystander := range p.missingBystanders() {
		say("%s, a bystander, is missing", bystander)
	}
	p.removeDetached()
	return wrong
}

// leftAfterPs returns the leftovers after `tasks ps` has removed abandoned resources. A busy engine, still executing
// requests of dead calls, gets a second chance with a note.
func (p *project) leftAfterPs() []leftResource {
	p.t.Helper()
	time.Sleep(crashCleanupTime)
	ps := p.tasks("ps")
	late := p.leftResources()
	if len(late) == 0 {
		return nil
	}
	p.t.Logf("left after the first ps: %v\n%s", late, indent(ps))
	time.Sleep(crashCleanupTime)
	p.t.Logf("the second one:\n%s", indent(p.tasks("ps")))
	return p.leftResources()
}

// isReported reports whether a call has named a leftover, or has reported a failed search for leftovers, or has ended
// after the second signal without an answer of the engine.
func isReported(calls []callResult, f leftResource) bool {
	return slices.ContainsFunc(calls, func(e callResult) bool {
		return strings.Contains(e.output, "could not be removed") && (strings.Contains(e.output, f.name) || strings.Contains(e.output, f.id)) ||
			strings.Contains(e.output, "what only this run used is not removed") ||
			e.sinceSecond > 0 && (strings.Contains(e.output, "given up: it did not end") || strings.Contains(e.output, "ended before the cleanup was done"))
	})
}

// problems returns the problems with the end of a call.
func (e callResult) problems(faulty []int) []string {
	var wrong []string
	say := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	if e.isHung {
		say("it did not end within %s", callTimeout)
	}
	if e.sinceSecond > endLimit {
		say("it ended %s after the second signal", e.sinceSecond.Round(time.Millisecond))
	}
	if !e.isKilled && !slices.Contains(append(e.codes(), faulty...), e.code) {
		say("exit code %d; want one of %v", e.code, append(e.codes(), faulty...))
	}
	for _, word := range []string{"panic:", "DATA RACE", "internal error"} {
		if strings.Contains(e.output, word) {
			say("%s", word)
		}
	}
	if e.terminal != "" {
		say("the terminal: %s", e.terminal)
	}
	return wrong
}

// codes are the exit codes of docs/commands.md for a call with signals: the scenario's own, 128+n for each signal, and
// the code of a command killed at the second signal. The commands are Go programs. As process 1, Go ends with 2 at a
// signal that comes before the handler; the output then names the code as that of the command.
func (e callResult) codes() []int {
	codes := slices.Clone(e.scenario.codes)
	for _, s := range e.shots {
		sig := s.signal
		if s.isHangup {
			sig = syscall.SIGHUP
		}
		codes = append(codes, 128+int(sig), 128+int(syscall.SIGKILL))
		if strings.Contains(e.output, "failed: exit code 2 ") {
			codes = append(codes, 2)
		}
	}
	slices.Sort(codes)
	return slices.Compact(codes)
}
