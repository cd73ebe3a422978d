//go:build linux

package faults

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"tasks/internal/toolbox"
)

// callFaultCase is a case of the campaign of calls: the n-th engine call of a run fails.
type callFaultCase struct {
	scenario string
	cold     bool
	mishap   callFault
	at       int
}

func (c callFaultCase) String() string {
	return fmt.Sprintf("%s, cold=%t: call %d is %s", c.scenario, c.cold, c.at, c.mishap)
}

// callCounts are the largest numbers of engine calls of two runs: with running services, and with services to start.
// Together the scenarios make all kinds of calls. If a run makes fewer calls, nothing fails.
func callCounts() []struct {
	scenario   string
	warm, cold int
} {
	return []struct {
		scenario   string
		warm, cold int
	}{{"one", 28, 48}, {"chain", 36, 60}, {"closing", 34, 60}, {"away", 14, 42}, {"all", 40, 66}, {"watch", 60, 90}, {"private", 66, 66}, {"passing", 40, 66}, {"inside", 28, 46}, {"changed", 44, 58}}
}

// TestCalls fails every engine call in every way. Each time the run must end, report leftovers, and leave no obstacle
// to the next command.
func TestCalls(t *testing.T) {
	t.Parallel()
	toolbox.Require(t)
	all := callFaultCases()
	count := *calls
	if count < 0 || count > len(all) || *only >= 0 {
		count = len(all)
	}
	tried := newTally(t)
	campaign(t, count, *workers, func(p *project, n int) {
		tried.add(string(all[n].mishap), "calls")
		if wrong := p.runCallFault(all[n]); len(wrong) > 0 {
			p.t.Errorf("case %d: %s\n%s\nagain: go test ./faults -run TestCalls -seed %d -only %d", n, all[n], strings.Join(wrong, "\n"), *seed, n)
		}
	})
}

// TestCallsAreCounted checks that no run makes more calls than the campaign has cases, so that each call fails once.
func TestCallsAreCounted(t *testing.T) {
	t.Parallel()
	toolbox.Require(t)
	p := newProject(t)
	for _, c := range callCounts() {
		for cold, most := range map[bool]int{false: c.warm, true: c.cold} {
			p.prepare(cold)
			proxy := newProxy(t, p.engine, "", 0)
			r := p.launch(scenarioOf(c.scenario), nil, "DOCKER_HOST="+proxy.address())
			if scenarioOf(c.scenario).isEndless {
				time.Sleep(runDuration(cold))
				r.send(plannedSignal{signal: syscall.SIGINT})
			}
			r.wait()
			proxy.close()
			if proxy.count > most {
				t.Errorf("%s, cold=%t: %d calls, more than the %d that are tried:\n%s", c.scenario, cold, proxy.count, most, strings.Join(proxy.calls, "\n"))
			}
			p.removeDetached()
		}
	}
}

// callFaultCases returns all cases in a random order.
func callFaultCases() []callFaultCase {
	var all []callFaultCase
	for _, c := range callCounts() {
		for _, m := range callFaults() {
			for at := 1; at <= c.cold; at++ {
				all = append(all, callFaultCase{c.scenario, true, m, at})
				if at <= c.warm {
					all = append(all, callFaultCase{c.scenario, false, m, at})
				}
			}
		}
	}
	random(-1).Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all
}

// runCallFault performs a case, and returns the problems.
func (p *project) runCallFault(c callFaultCase) []string {
	p.t.Helper()
	p.prepare(c.cold)
	proxy := newProxy(p.t, p.engine, c.mishap, c.at)
	defer proxy.close()
	r := p.launch(scenarioOf(c.scenario), nil, "DOCKER_HOST="+proxy.address())
	switch c.mishap {
	case hanging, hangingAfter:
		go interruptWhenHanging(r, proxy)
	case frozen:
		go interruptFrozen(r, proxy, 2+c.at%2)
	}
	e := r.wait()
	proxy.close()
	wrong := p.problemsOf([]callResult{e}, faultCodes(c)...)
	if len(wrong) > 0 {
		wrong = append(wrong, proxy.faultyCall, e.String())
	}
	return wrong
}

// prepare starts or removes the project's services.
func (p *project) prepare(cold bool) {
	p.t.Helper()
	if cold {
		p.tasks("down", "--volumes", "--yes")
	} else {
		p.tasks("run", "one")
	}
}

// interruptWhenHanging acts like a user: Ctrl-C ends a hanging call, and a second Ctrl-C follows.
func interruptWhenHanging(r *runningCall, proxy *proxy) {
	select {
	case <-proxy.hit:
	case <-r.done:
	}
	for r.isAliveAfter(2 * time.Second) {
		r.send(plannedSignal{signal: syscall.SIGINT})
	}
}

// interruptFrozen sends two or three signals to a call whose engine is silent. Two must be enough.
func interruptFrozen(r *runningCall, proxy *proxy, signals int) {
	select {
	case <-proxy.hit:
	case <-r.done:
	}
	for range signals {
		if r.isAliveAfter(time.Second) {
			r.send(plannedSignal{signal: syscall.SIGINT})
		}
	}
}

// faultCodes are the exit codes of a run with a failing engine: failed to start, interrupted, or a command stopped
// after another's failure.
func faultCodes(c callFaultCase) []int {
	codes := []int{125, 143}
	if c.mishap == hanging || c.mishap == hangingAfter || c.mishap == frozen {
		codes = append(codes, 130, 137)
	}
	return codes
}
