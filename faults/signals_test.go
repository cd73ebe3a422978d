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
	// stranger is a parallel call from elsewhere; nil: none.
	stranger *strangerCall
}

// signalledCall is a call with its start time and signals.
type signalledCall struct {
	scenario scenario
	after    time.Duration
	shots    []plannedSignal
	unread   unreadStreams
}

// kinds are the kinds of the case, for the tally.
func (a signalCase) kinds() (kinds []string) {
	for _, c := range a.calls {
		switch {
		case c.unread.stderr:
			kinds = append(kinds, "blocked readers of stdout and stderr")
		case c.unread.stdout:
			kinds = append(kinds, "a blocked reader of stdout")
		}
		for _, s := range c.shots {
			kinds = append(kinds, "signal: "+s.kind())
		}
		if len(c.shots) == 0 {
			kinds = append(kinds, "a run without a signal, beside others")
		}
	}
	if a.stranger != nil {
		kinds = append(kinds, "beside "+string(a.stranger.kind)+": "+strings.Join(a.stranger.args, " "))
	}
	if a.psAfter > 0 {
		kinds = append(kinds, "beside tasks ps")
	}
	return append(kinds, "cases")
}

func (a signalCase) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "cold=%t ps=%s", a.isCold, a.psAfter)
	for _, c := range a.calls {
		fmt.Fprintf(&b, "; %s after %s %v", c.scenario.name, c.after, c.shots)
	}
	if a.stranger != nil {
		fmt.Fprintf(&b, "; %s", a.stranger)
	}
	return b.String()
}

// TestSignals checks that runs end properly and leave nothing, after any signal at any time.
func TestSignals(t *testing.T) {
	t.Parallel()
	tried := newTally(t)
	campaign(t, *runs, *workers, func(p *project, n int) {
		a := drawSignalCase(random(n))
		tried.add(a.kinds()...)
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
	switch r.IntN(8) {
	case 0:
		a.calls[0] = drawUnread(r, runDuration(a.isCold))
	case 1, 2:
		a.stranger = drawStranger(r, 2*runDuration(a.isCold))
		if r.IntN(3) > 0 {
			a.calls = a.calls[:1]
			if !a.calls[0].scenario.isEndless {
				a.calls[0].shots = nil // a living run
			}
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
		under = append(under, p.launchUnread(c.scenario, c.shots, c.unread))
	}
	strange := make(chan []string, 1)
	go func() {
		if a.stranger == nil {
			strange <- nil
			return
		}
		time.Sleep(time.Until(began.Add(a.stranger.after)))
		strange <- a.stranger.call(p)
	}()
	if a.psAfter > 0 {
		time.Sleep(time.Until(began.Add(a.psAfter)))
		p.tasks("ps")
	}
	var calls []callResult
	for _, r := range under {
		calls = append(calls, r.wait())
	}
	wrong := <-strange
	if a.stranger != nil && a.stranger.args[0] == "run" && len(codesBesideCrash(a)) > 0 {
		wrong = nil // the call may have met the end of the other
	}
	wrong = append(wrong, p.problemsOf(calls, codesBesideCrash(a)...)...)
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
		if dying && (len(a.calls) > 1 || a.stranger != nil) {
			return []int{125}
		}
	}
	return nil
}
