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

// attack is one case of the campaign of signals: calls of one project, at the same time.
type signalCase struct {
	isCold bool
	calls  []signalledCall
	// psAfter is when `tasks ps` is called beside them; 0: it is not.
	psAfter time.Duration
}

// signalledCall is one of the calls: when it begins, and what it gets.
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

// TestSignals: runs end as they should, and leave nothing, whatever signal comes at whatever moment.
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

// drawShots draws one signal, or two, or three.
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

// runSignalCase performs a case, and says what is wrong afterwards.
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

// codesBesideCrash are more exit codes that calls may end with where one of several is killed, or made to give up what it has
// asked the engine for: what the engine still does of that, in less than two seconds, may be in the other's way.
func codesBesideCrash(a signalCase) []int {
	for _, c := range a.calls {
		dying := len(c.shots) > 1 || slices.ContainsFunc(c.shots, func(s plannedSignal) bool { return s.signal == syscall.SIGKILL })
		if dying && len(a.calls) > 1 {
			return []int{125}
		}
	}
	return nil
}
