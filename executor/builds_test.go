package executor_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tasks/executor/engine"
	"tasks/planner"
	"tasks/planner/observed"
)

// slowBuilds is an engine whose builds take a second each. It tells when each began.
type slowBuilds struct {
	engine.Engine
	begun time.Time
	told  chan string
}

func (e slowBuilds) BuildImage(ctx context.Context, img *planner.Image, progress func(string)) (observed.Image, error) {
	e.told <- fmt.Sprintf("%s after %s", img.Ref, time.Since(e.begun))
	time.Sleep(time.Second)
	return e.Engine.BuildImage(ctx, img, progress)
}

// TestBuilds: services with the same image share the build. A build waits for its contexts and for the builds of
// services in depends_on. All other builds run at the same time.
func TestBuilds(t *testing.T) {
	const yaml = `services:
  app: {build: ., depends_on: [one, two, same, above]}
  one: {image: shared, build: .}
  same: {image: shared, build: .}
  two: {build: .}
  above: {build: {context: ., additional_contexts: {below: "service:below"}}}
  below: {build: .}
`
	inVirtualTime(t, yaml, []string{"app"}, func(r *rig) {
		e := slowBuilds{r.engine, time.Now(), make(chan string, 10)}
		r.assertCode(r.sessionOn(e).Run(r.t.Context(), r.plan(oneOff("x", "app")), r.signals), 0)
		close(e.told)
		var got []string
		for line := range e.told {
			got = append(got, line)
		}
		slices.Sort(got)
		want := "app-above after 1s, app-app after 2s, app-below after 0s, app-two after 0s, shared after 0s"
		if text := strings.Join(got, ", "); text != want {
			t.Errorf("built %s; want %s", text, want)
		}
	})
}
