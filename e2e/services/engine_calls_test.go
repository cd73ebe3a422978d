//go:build unix

package services_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/moby/moby/api/types/container"

	"tasks/internal/testing/apptest"
)

// TestWarmOneOffAsksLittle: one look at what there is, and the calls that every one-off needs. Services that are up cost
// no call of their own, however many there are and whatever is waited for.
func TestWarmOneOffAsksLittle(t *testing.T) {
	t.Parallel()
	const healthy = ", healthcheck: {test: [CMD, 'true'], interval: 1s}"
	for name, compose := range map[string]string{
		"one dependency": `services:
  db: {image: '@image', command: [serve, -tcp, ':5432']}
  app: {image: '@image', depends_on: [db]}
`,
		"a chain of healthy ones": `services:
  db: {image: '@image', command: [serve, -tcp, ':5432']` + healthy + `}
  api: {image: '@image', command: [serve, -tcp, ':5432'], depends_on: {db: {condition: service_healthy}}` + healthy + `}
  app: {image: '@image', depends_on: {api: {condition: service_healthy}}}
`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := apptest.NewApp(t, compose, `task "go" {
  service = "app"
  command = ["true"]
}
`)
			a.Ok("run", "go")
			for _, service := range []string{"db", "api"} { // our own probe may have been faster than the engine's
				apptest.Eventually(t, service+" to be healthy", func() bool {
					return !slices.ContainsFunc(a.Services(service), func(c container.InspectResponse) bool {
						return c.State.Health != nil && c.State.Health.Status == container.Starting
					})
				})
			}
			log := a.LogCalls()
			a.Ok("run", "go")
			want := []string{
				"DELETE /containers", "GET /containers/json", "GET /images/" + a.Image + "/json", "GET /networks", "GET /volumes", "HEAD /_ping",
				"POST /containers/attach", "POST /containers/create", "POST /containers/start", "POST /containers/wait",
			}
			if diff := cmp.Diff(want, log.Sorted()); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
