//go:build linux

package faults

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestOwnEngineUnderWatch: after a restart or a crash of the engine, a watch reruns the task for a change.
func TestOwnEngineUnderWatch(t *testing.T) {
	startOwnEngine(t)
	for name, commands := range map[string][]string{"restart": {"again"}, "crash": {"crash", "again"}} {
		t.Run(name, func(t *testing.T) {
			p := newProject(t)
			p.isOnlyUser = true
			p.prepare(false)
			r := p.launch(scenario{name: "watch", args: []string{"watch", "one"}, codes: []int{0}}, nil)
			r.awaitSuccess(t, func() {})
			for _, command := range commands {
				ownEngine(t, command)
			}
			n := 0
			r.awaitSuccess(t, func() {
				n++
				p.write("changed.txt", fmt.Sprint(n))
			})
			r.send(plannedSignal{signal: syscall.SIGINT})
			e := r.wait()
			if wrong := p.problemsOf([]callResult{e}); len(wrong) > 0 || e.code != 0 {
				t.Errorf("%s\n%s", strings.Join(wrong, "\n"), e)
			}
		})
	}
}

// awaitSuccess repeats a change until a further run succeeds. A run beside a starting engine may fail.
func (r *runningCall) awaitSuccess(t *testing.T, change func()) {
	t.Helper()
	const success = "exit code 0; waiting for changes"
	before := strings.Count(r.output.String(), success)
	for range 20 {
		change()
		for range 20 {
			if strings.Count(r.output.String(), success) > before {
				return
			}
			if !r.isAliveAfter(250 * time.Millisecond) {
				t.Fatalf("the watch has ended\n%s", r.output.String())
			}
		}
	}
	t.Fatalf("no run succeeds\n%s", r.output.String())
}
