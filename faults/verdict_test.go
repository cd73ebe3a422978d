//go:build linux

package faults

import (
	"fmt"
	"slices"
	"strings"
	"syscall"
	"time"
)

// crashCleanupTime is after what time the next command finds all that a dead run has left (language.md §8).
const crashCleanupTime = 2 * time.Second

// problemsOf looks at how calls have ended, and at what is left of them, and says what is wrong. faulty are more exit codes
// that they may have, as their engine failed.
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
				say("%s is left, and nobody was told", f)
			}
		}
	}
	for _, f := range p.leftAfterPs() {
		say("%s is left after ps", f)
	}
	for pid, line := range p.processes() {
		say("process %d, %s, is left", pid, line)
		_ = syscall.Kill(pid, syscall.SIGKILL) // it is to be found once
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

// leftAfterPs is what is left when `tasks ps` has removed what the dead have left. An engine that is still at work on what they
// have asked for, as a busy one is, gets a second chance, which is noted.
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

// isReported says that a call has named what it could not remove, or has told of all that it could not even look for.
func isReported(calls []callResult, f leftResource) bool {
	return slices.ContainsFunc(calls, func(e callResult) bool {
		return strings.Contains(e.output, "could not be removed") && strings.Contains(e.output, f.name) ||
			strings.Contains(e.output, "what only this run used is not removed")
	})
}

// problems says what is wrong with the end of one call.
func (e callResult) problems(faulty []int) []string {
	var wrong []string
	say := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	if e.isHung {
		say("it did not end within %s", callTimeout)
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

// codes are those that docs/commands.md promises, for a call that got signals: its own, 128+n for each of them, that of a
// command which was killed at the second one.
func (e callResult) codes() []int {
	codes := slices.Clone(e.scenario.codes)
	for _, s := range e.shots {
		sig := s.signal
		if s.isHangup {
			sig = syscall.SIGHUP
		}
		codes = append(codes, 128+int(sig), 128+int(syscall.SIGKILL))
	}
	slices.Sort(codes)
	return slices.Compact(codes)
}
