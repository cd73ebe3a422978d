//go:build linux

package faults

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// signalCase is a case of the campaign of signals: simultaneous calls of a project.
type signalCase struct {
	isCold bool
	calls  []signalledCall
	// psAfter is the time of a parallel call of `tasks ps`; 0 means no call.
	psAfter time.Duration
}

// signalledCall is a call with its start time and signals.
type signalledCall struct {
	scenario scenario
	after    time.Duration
	shots    []plannedSignal
}

func (a signalCase) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "cold=%t ps=%s", a.isCold, a.psAfter)
	for _, c := range a.calls {
		fmt.Fprintf(&b, "; %s after %s %v", c.scenario.name, c.after, c.shots)
	}
	return b.String()
}

// TestSignals checks that runs end properly and leave nothing, after any signal at any time.
func TestSignals(t *testing.T) {
	t.Parallel()
	campaign(t, *runs, *workers, func(p *project, n int) {
		a := drawSignalCase(random(n))
		if wrong := p.runSignalCase(a); len(wrong) > 0 {
			p.t.Errorf("run %d: %s\n%s\nagain: go test ./faults -run TestSignals -seed %d -only %d", n, a, strings.Join(wrong, "\n"), *seed, n)
		}
	})
}

func drawSignalCase(r *rand.Rand) signalCase {
	a := signalCase{isCold: r.IntN(4) == 0}
	a.calls = []signalledCall{{scenario: choose(r, scenarios())}}
	a.calls[0].shots = drawShots(r, a.calls[0].scenario, runDuration(a.isCold))
	if r.IntN(3) == 0 {
		a.calls = append(a.calls, signalledCall{scenario: choose(r, scenarios()), after: randomBelow(r, time.Second)})
		if r.IntN(2) == 0 {
			a.calls[1].shots = drawShots(r, a.calls[1].scenario, runDuration(a.isCold))
		}
		if r.IntN(2) == 0 {
			a.psAfter = randomBelow(r, 2*runDuration(a.isCold))
		}
	}
	return a
}

// drawShots returns one to three random signals.
func drawShots(r *rand.Rand, s scenario, within time.Duration) []plannedSignal {
	first := plannedSignal{after: randomBelow(r, within), signal: choose(r, []syscall.Signal{syscall.SIGKILL, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP})}
	first.toGroup = r.IntN(3) == 0
	if s.needsTerminal && r.IntN(3) == 0 {
		return []plannedSignal{{after: first.after, isHangup: true}}
	}
	shots := []plannedSignal{first}
	for len(shots) < 3 && r.IntN(3) == 0 {
		next := shots[len(shots)-1]
		next.after += randomBelow(r, 500*time.Millisecond)
		next.signal = choose(r, []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGKILL})
		shots = append(shots, next)
	}
	return shots
}

// runSignalCase performs a case, and returns the problems.
func (p *project) runSignalCase(a signalCase) []string {
	p.t.Helper()
	if a.isCold {
		p.tasks("down", "--volumes", "--yes")
	}
	var under []*runningCall
	began := time.Now()
	for _, c := range a.calls {
		time.Sleep(time.Until(began.Add(c.after)))
		under = append(under, p.launch(c.scenario, c.shots))
	}
	if a.psAfter > 0 {
		time.Sleep(time.Until(began.Add(a.psAfter)))
		p.tasks("ps")
	}
	var calls []callResult
	for _, r := range under {
		calls = append(calls, r.wait())
	}
	wrong := p.problemsOf(calls, codesBesideCrash(a)...)
	if len(wrong) > 0 {
		for _, e := range calls {
			wrong = append(wrong, e.String())
		}
	}
	return wrong
}

// codesBesideCrash are additional exit codes of calls beside a killed call, or beside a call that abandoned engine
// requests. The engine may still execute such requests for less than two seconds, and disturb the other call.
func codesBesideCrash(a signalCase) []int {
	for _, c := range a.calls {
		dying := len(c.shots) > 1 || slices.ContainsFunc(c.shots, func(s plannedSignal) bool { return s.signal == syscall.SIGKILL })
		if dying && len(a.calls) > 1 {
			return []int{125}
		}
	}
	return nil
}
