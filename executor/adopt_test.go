package executor_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/containerd/errdefs"

	"tasks/executor/engine"
	"tasks/planner"
)

// reserved is an engine on which somebody else is just making the dependency: its name is taken, but there is nothing to see
// for a while.
type reserved struct {
	engine.Engine
	after time.Duration
}

func (e reserved) CreateContainer(ctx context.Context, spec planner.ContainerSpec) (string, error) {
	if spec.OneOff {
		return e.Engine.CreateContainer(ctx, spec)
	}
	time.AfterFunc(e.after, func() { _, _ = e.Engine.CreateContainer(context.WithoutCancel(ctx), spec) })
	return "", errdefs.ErrConflict
}

func TestServiceCreatedByAnotherProcess(t *testing.T) {
	inVirtualTime(t, webAndDB, []string{"web"}, func(r *rig) {
		plan := r.plan(oneOff("migrate", "web"))
		r.assertCode(r.sessionOn(reserved{r.engine, 2 * time.Second}).Run(r.t.Context(), plan, nil), 0)
		r.assertRemaining(up...)
	})
}

func TestServiceNeverCreatedByAnotherProcess(t *testing.T) {
	inVirtualTime(t, webAndDB, []string{"web"}, func(r *rig) {
		plan := r.plan(oneOff("migrate", "web"))
		began := time.Now()
		r.assertCode(r.sessionOn(reserved{r.engine, time.Hour}).Run(r.t.Context(), plan, nil), 125)
		if took := time.Since(began); took > 2*time.Minute {
			t.Errorf("waited %s", took)
		}
		r.assertRemaining("network app_default")
	})
}

// foreign is an engine on which the dependency's name belongs to a container of nobody's project.
type foreign struct{ engine.Engine }

func (e foreign) CreateContainer(ctx context.Context, spec planner.ContainerSpec) (string, error) {
	if spec.OneOff {
		return e.Engine.CreateContainer(ctx, spec)
	}
	spec.Labels = nil
	if _, err := e.Engine.CreateContainer(ctx, spec); err != nil {
		return "", err
	}
	return "", errdefs.ErrConflict
}

func TestServiceNameInUseOutsideTheProject(t *testing.T) {
	inVirtualTime(t, webAndDB, []string{"web"}, func(r *rig) {
		plan := r.plan(oneOff("migrate", "web"))
		began := time.Now()
		result := r.sessionOn(foreign{r.engine}).Run(r.t.Context(), plan, nil)
		r.assertCode(result, 125)
		const want = "the name app-db-1 is taken: container app-db-1 belongs to no compose project"
		if result.Err == nil || !strings.Contains(result.Err.Error(), want) {
			t.Errorf("error %v", result.Err)
		}
		if took := time.Since(began); took > time.Second {
			t.Errorf("waited %s for somebody who is not there", took)
		}
	})
}
