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
type attack struct {
	cold  bool
	calls []attacked
	// ps is when `tasks ps` is called beside them; 0: it is not.
	ps time.Duration
}

// attacked is one of the calls: when it begins, and what it gets.
type attacked struct {
	scenario scenario
	after    time.Duration
	shots    []shot
}

func (a attack) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "cold=%t ps=%s", a.cold, a.ps)
	for _, c := range a.calls {
		fmt.Fprintf(&b, "; %s after %s %v", c.scenario.name, c.after, c.shots)
	}
	return b.String()
}

// TestSignals: runs end as they should, and leave nothing, whatever signal comes at whatever moment.
func TestSignals(t *testing.T) {
	t.Parallel()
	campaign(t, *runs, *workers, func(p *project, n int) {
		a := draw(random(n))
		if wrong := p.attack(a); len(wrong) > 0 {
			p.t.Errorf("run %d: %s\n%s\nagain: go test ./faults -run TestSignals -seed %d -only %d", n, a, strings.Join(wrong, "\n"), *seed, n)
		}
	})
}

func draw(r *rand.Rand) attack {
	a := attack{cold: r.IntN(4) == 0}
	a.calls = []attacked{{scenario: pick(r, scenarios())}}
	a.calls[0].shots = drawShots(r, a.calls[0].scenario, lasting(a.cold))
	if r.IntN(3) == 0 {
		a.calls = append(a.calls, attacked{scenario: pick(r, scenarios()), after: below(r, time.Second)})
		if r.IntN(2) == 0 {
			a.calls[1].shots = drawShots(r, a.calls[1].scenario, lasting(a.cold))
		}
		if r.IntN(2) == 0 {
			a.ps = below(r, 2*lasting(a.cold))
		}
	}
	return a
}

// drawShots draws one signal, or two, or three.
func drawShots(r *rand.Rand, s scenario, within time.Duration) []shot {
	first := shot{after: below(r, within), sig: pick(r, []syscall.Signal{syscall.SIGKILL, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP})}
	first.group = r.IntN(3) == 0
	if s.terminal && r.IntN(3) == 0 {
		return []shot{{after: first.after, hangup: true}}
	}
	shots := []shot{first}
	for len(shots) < 3 && r.IntN(3) == 0 {
		next := shots[len(shots)-1]
		next.after += below(r, 500*time.Millisecond)
		next.sig = pick(r, []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGKILL})
		shots = append(shots, next)
	}
	return shots
}

// attack performs a case, and says what is wrong afterwards.
func (p *project) attack(a attack) []string {
	p.t.Helper()
	if a.cold {
		p.tasks("down", "--volumes", "--yes")
	}
	var under []*running
	began := time.Now()
	for _, c := range a.calls {
		time.Sleep(time.Until(began.Add(c.after)))
		under = append(under, p.launch(c.scenario, c.shots))
	}
	if a.ps > 0 {
		time.Sleep(time.Until(began.Add(a.ps)))
		p.tasks("ps")
	}
	var calls []ended
	for _, r := range under {
		calls = append(calls, r.wait())
	}
	wrong := p.verdict(calls, besideTheDying(a)...)
	if len(wrong) > 0 {
		for _, e := range calls {
			wrong = append(wrong, e.String())
		}
	}
	return wrong
}

// besideTheDying are more exit codes that calls may end with where one of several is killed, or made to give up what it has
// asked the engine for: what the engine still does of that, in less than two seconds, may be in the other's way.
func besideTheDying(a attack) []int {
	for _, c := range a.calls {
		dying := len(c.shots) > 1 || slices.ContainsFunc(c.shots, func(s shot) bool { return s.sig == syscall.SIGKILL })
		if dying && len(a.calls) > 1 {
			return []int{125}
		}
	}
	return nil
}
