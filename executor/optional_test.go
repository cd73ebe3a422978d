package executor_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"tasks/executor/engine"
	"tasks/planner"
	"tasks/planner/observed"
)

const optional = `
services:
  web: {image: web, depends_on: {cache: {condition: CONDITION, required: false}, db: {condition: service_started}}}
  cache: {image: cache, environment: {SETTINGS}}
  db: {image: db}
`

// imageless is an engine for which no registry has the image of cache.
type imageless struct{ engine.Engine }

var errNoRegistry = errors.New("no registry answers")

func (e imageless) PullImage(ctx context.Context, ref, platform string, progress func(string)) (observed.Image, error) {
	if ref == "cache" {
		return observed.Image{}, errNoRegistry
	}
	return e.Engine.PullImage(ctx, ref, platform, progress)
}

// cacheless is an engine that cannot make the container of cache.
type cacheless struct{ engine.Engine }

func (e cacheless) CreateContainer(ctx context.Context, spec planner.ContainerSpec) (string, error) {
	if spec.Name == "app-cache-1" {
		return "", errNoRegistry
	}
	return e.Engine.CreateContainer(ctx, spec)
}

// What may be missing is warned of, and the run goes on.
func TestOptionalDependencyThatFails(t *testing.T) {
	asItIs := func(e engine.Engine) engine.Engine { return e }
	for name, test := range map[string]struct {
		condition, settings, warned string
		engine                      func(engine.Engine) engine.Engine
	}{
		"no image":          {"service_started", "A: b", "warned image/cache", func(e engine.Engine) engine.Engine { return imageless{e} }},
		"cannot be made":    {"service_started", "A: b", "warned container/cache", func(e engine.Engine) engine.Engine { return cacheless{e} }},
		"does not start":    {"service_started", "START_FAIL: '127'", "warned start/cache", asItIs},
		"unhealthy":         {"service_healthy", "UNHEALTHY_AFTER: 2s, PROBE_OK_AFTER: 1h", "warned wait/cache/service_healthy", asItIs},
		"no healthcheck":    {"service_healthy", "A: b", "warned wait/cache/service_healthy", asItIs},
		"never healthy":     {"service_healthy", "HEALTHY_AFTER: 10h", "warned wait/cache/service_healthy", asItIs},
		"ends with failure": {"service_completed_successfully", "EXIT_CODE: '3'", "warned wait/cache/service_completed_successfully", asItIs},
	} {
		t.Run(name, func(t *testing.T) {
			yaml := strings.NewReplacer("CONDITION", test.condition, "SETTINGS", test.settings).Replace(optional)
			inVirtualTime(t, yaml, []string{"web"}, func(r *rig) {
				plan := r.plan(oneOff("test", "web"))
				r.assertCode(r.sessionOn(test.engine(r.engine)).Run(r.t.Context(), plan, nil), 0)
				r.assertWarned(test.warned)
				if starts := r.engine.CallsOf("StartContainer"); starts[len(starts)-1] != "app-web-run-000000000001" {
					t.Errorf("started %q: not the task last", starts)
				}
			})
		})
	}
}

// A container that is paused is unpaused, not started.
func TestPausedDependency(t *testing.T) {
	inVirtualTime(t, webAndDB, []string{"web"}, func(r *rig) {
		r.assertCode(r.run(oneOff("test", "web")), 0)
		r.engine.Pause("app-db-1")
		r.assertCode(r.run(oneOff("test", "web")), 0)
		if unpaused := r.engine.CallsOf("UnpauseContainer"); len(unpaused) != 1 {
			t.Errorf("unpaused %q", unpaused)
		}
		r.assertWarned("done start/db unpause")
		r.assertRemaining(up...)
	})
}

// A service that had to complete, and has failed the last time, is run again.
func TestFailedCompletionIsTriedAgain(t *testing.T) {
	yaml := "services: {web: {image: web, depends_on: {setup: {condition: service_completed_successfully}}}, setup: {image: setup, environment: {EXIT_CODE: '3'}}}"
	inVirtualTime(t, yaml, []string{"web"}, func(r *rig) {
		r.assertCode(r.run(oneOff("test", "web")), 125)
		r.assertCode(r.run(oneOff("test", "web")), 125)
		if starts := r.engine.CallsOf("StartContainer"); len(starts) != 2 {
			t.Errorf("started %q; want the service twice", starts)
		}
	})
}
