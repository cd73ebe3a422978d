package main

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/moby/moby/api/types/container"
)

// callLog takes note of what the program asks of the engine.
type callLog struct {
	mu    sync.Mutex
	calls []string
}

// logCalls has the program reach the engine through a log of its calls: method and path, without version, id and query.
func (a *testApp) logCalls() *callLog {
	a.t.Helper()
	address := socket(a.t, a)
	seen := &callLog{}
	proxy := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: "engine"})
	proxy.Transport = &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", address)
	}}
	particular := regexp.MustCompile(`^/v[0-9.]+|/[0-9a-f]{64}`)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen.mu.Lock()
		seen.calls = append(seen.calls, r.Method+" "+particular.ReplaceAllString(r.URL.Path, ""))
		seen.mu.Unlock()
		proxy.ServeHTTP(w, r)
	}))
	near := a.env
	a.t.Cleanup(func() { server.CloseClientConnections(); server.Close(); a.env = near })
	a.env = append(slices.Clone(near), "DOCKER_HOST=tcp://"+server.Listener.Addr().String())
	return seen
}

// sorted are the calls; which of those that go together comes first is a matter of chance.
func (l *callLog) sorted() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Sorted(slices.Values(l.calls))
}

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
			a := newApp(t, compose, `task "go" {
  service = "app"
  command = ["true"]
}
`)
			a.ok("run", "go")
			for _, service := range []string{"db", "api"} { // our own probe may have been faster than the engine's
				eventually(t, service+" to be healthy", func() bool {
					return !slices.ContainsFunc(a.services(service), func(c container.InspectResponse) bool {
						return c.State.Health != nil && c.State.Health.Status == container.Starting
					})
				})
			}
			log := a.logCalls()
			a.ok("run", "go")
			want := []string{
				"DELETE /containers", "GET /containers/json", "GET /images/" + a.image + "/json", "GET /networks", "GET /volumes", "HEAD /_ping",
				"POST /containers/attach", "POST /containers/create", "POST /containers/start", "POST /containers/wait",
			}
			if diff := cmp.Diff(want, log.sorted()); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
