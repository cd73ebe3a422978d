package executor_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"tasks/executor/engine"
	"tasks/executor/enginetest"
	"tasks/hclspec"
)

// forgetful is an engine whose first wait loses its container.
type forgetful struct {
	*enginetest.Memory
	waits atomic.Int64
}

func (f *forgetful) Wait(ctx context.Context, id string) (<-chan engine.Exit, error) {
	exits, err := f.Memory.Wait(ctx, id)
	if err != nil || f.waits.Add(1) > 1 {
		return exits, err
	}
	lost := make(chan engine.Exit, 1)
	time.AfterFunc(time.Second, func() { lost <- engine.Exit{Err: errors.New("connection reset")} })
	return lost, nil
}

// removeContainers removes all containers, as another program would.
func (r *rig) removeContainers() {
	for _, line := range r.engine.Remaining() {
		if name, isContainer := strings.CutPrefix(line, "container "); isContainer {
			name, _, _ = strings.Cut(name, " ")
			if err := r.engine.RemoveContainer(context.Background(), name, engine.RemoveVolumes); err != nil {
				r.t.Error(err)
			}
		}
	}
}

// TestLostContainer: a command whose container another program removes has failed, or runs once more, as its task says.
func TestLostContainer(t *testing.T) {
	const removed = "another program has removed its container"
	tests := map[string]struct {
		retries, isForgetful bool
		removals             int
		interrupt            bool
		retry                hclspec.Retry
		code, containers     int
		notice               string
	}{
		"fails":             {removals: 1, code: 137, containers: 1},
		"runs once more":    {retries: true, removals: 1, containers: 2, notice: "warned task/t lost, it may have run: " + removed + "; it runs once more"},
		"but not twice":     {retries: true, removals: 2, code: 137, containers: 2},
		"beside its retry":  {retries: true, removals: 2, retry: hclspec.Retry{Attempts: 2, Backoff: 1}, containers: 3},
		"the engine forgot": {retries: true, isForgetful: true, containers: 2, notice: "warned task/t lost, it may have run: the engine lost the container: connection reset; it runs once more"},
		"and fails":         {isForgetful: true, code: 125, containers: 1},
		"an interrupt":      {retries: true, interrupt: true, removals: 1, code: 130, containers: 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			inVirtualTime(t, "services: {web: {image: web, environment: {SLEEP: 5s}}}\n", []string{"web"}, func(r *rig) {
				task := oneOff("t", "web")
				task.RetriesLost, task.Retry = test.retries, test.retry
				plan := r.plan(task)
				for i := range test.removals {
					r.after(time.Duration(2+3*i)*time.Second, r.removeContainers)
				}
				if test.interrupt {
					r.after(1500*time.Millisecond, func() { r.signals <- syscall.SIGINT })
				}
				var e engine.Engine = r.engine
				if test.isForgetful {
					e = &forgetful{Memory: r.engine}
				}
				r.assertCode(r.sessionOn(e).Run(r.t.Context(), plan, r.signals), test.code)
				if got := r.engine.CallsOf("CreateContainer"); len(got) != test.containers {
					t.Errorf("containers %q; want %d", got, test.containers)
				}
				if test.notice != "" && !r.observer.has(test.notice) {
					t.Errorf("no %q in\n%s", test.notice, strings.Join(r.observer.lines(), "\n"))
				}
				r.assertRemaining("network app_default")
			})
		})
	}
}

// TestRemovedContainerIsTold: the failure says why the command was killed.
func TestRemovedContainerIsTold(t *testing.T) {
	inVirtualTime(t, "services: {web: {image: web, environment: {SLEEP: 5s}}}\n", []string{"web"}, func(r *rig) {
		r.after(2*time.Second, r.removeContainers)
		result := r.run(oneOff("t", "web"))
		r.assertCode(result, 137)
		if len(result.Failures) != 1 || result.Failures[0].ExitReason != "another program has removed its container" {
			t.Errorf("failures %v", result.Failures)
		}
	})
}
