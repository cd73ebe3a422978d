package executor_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"tasks/executor"
	"tasks/executor/engine"
	"tasks/planner"
)

// delayed is an engine that does something else before it stops or renames a container.
type delayed struct {
	engine.Engine
	beforeStop, beforeRename func()
}

func (d delayed) StopContainer(ctx context.Context, id string, grace *time.Duration) error {
	d.beforeStop()
	return d.Engine.StopContainer(ctx, id, grace)
}

func (d delayed) RenameContainer(ctx context.Context, id, name string) error {
	d.beforeRename()
	return d.Engine.RenameContainer(ctx, id, name)
}

func nothing() {}

// changed makes a run of webAndDB, changes its dependency, and hands over what another run then plans.
func changed(t *testing.T, test func(r *rig, plan func() *planner.Plan)) {
	t.Helper()
	after := load(t, strings.Replace(webAndDB, "PROBE_OK_AFTER: 1s", "PROBE_OK_AFTER: 2s", 1), []string{"web"})
	inVirtualTime(t, webAndDB, []string{"web"}, func(r *rig) {
		r.assertCode(r.run(oneOff("migrate", "web")), 0)
		r.project = after
		test(r, func() *planner.Plan { return r.plan(oneOff("migrate", "web")) })
		r.assertRemaining(up...)
	})
}

// checkout is a session that has no locks in common with another one.
func (r *rig) checkout(engine engine.Engine, name string) *executor.Session {
	return executor.NewSession(executor.Config{
		Engine: engine, Host: r.host, Locks: &memoryLocks{}, Observer: r.observer,
		NewSlug: func() string { return fmt.Sprintf("%s%052x", name, 0) },
	})
}

func TestServiceThatAnotherCheckoutIsReplacing(t *testing.T) {
	changed(t, func(r *rig, plan func() *planner.Plan) {
		slow := delayed{r.engine, func() { time.Sleep(5 * time.Second) }, nothing}
		first, second := plan(), plan()
		var both sync.WaitGroup
		both.Go(func() { r.assertCode(r.checkout(slow, "00000000000a").Run(r.t.Context(), first, nil), 0) })
		both.Go(func() {
			time.Sleep(time.Second)
			r.assertCode(r.checkout(r.engine, "00000000000b").Run(r.t.Context(), second, nil), 0)
		})
		both.Wait()
		if replaced := len(r.engine.CallsOf("RenameContainer")); replaced != 1 {
			t.Errorf("replaced %d times", replaced)
		}
	})
}

func TestServiceThatAnotherCheckoutNeverReplaces(t *testing.T) {
	changed(t, func(r *rig, plan func() *planner.Plan) {
		stuck := make(chan struct{})
		slow := delayed{r.engine, func() { <-stuck }, nothing}
		first, second := plan(), plan()
		var one sync.WaitGroup
		one.Go(func() { r.assertCode(r.checkout(slow, "00000000000a").Run(r.t.Context(), first, nil), 0) })
		time.Sleep(time.Second)
		result := r.checkout(r.engine, "00000000000b").Run(r.t.Context(), second, nil)
		if r.assertCode(result, 125); result.Err == nil || !strings.Contains(result.Err.Error(), "service db: replacing its container") {
			t.Errorf("error %v", result.Err)
		}
		close(stuck)
		one.Wait()
	})
}

func TestServiceWhoseNameAnotherCheckoutTakes(t *testing.T) {
	changed(t, func(r *rig, plan func() *planner.Plan) {
		first, second := plan(), plan()
		meddler := delayed{r.engine, nothing, func() {
			r.assertCode(r.checkout(r.engine, "00000000000b").Run(r.t.Context(), second, nil), 0)
		}}
		r.assertCode(r.checkout(meddler, "00000000000a").Run(r.t.Context(), first, nil), 0)
	})
}
