package docker

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/containerd/errdefs"

	"tasks/executor/engine"
)

// fakeEngine answers like an engine of API 1.41, by handle.
func fakeEngine(t *testing.T, handle http.HandlerFunc) (*Engine, *atomic.Int32) {
	t.Helper()
	var pings atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/_ping" {
			pings.Add(1)
			w.Header().Set("Api-Version", "1.41")
			return
		}
		handle(w, r)
	}))
	t.Cleanup(server.Close)
	env := variables("DOCKER_HOST", "tcp://"+strings.TrimPrefix(server.URL, "http://"), "DOCKER_CONFIG", t.TempDir())
	dockerEngine, err := Connect(Options{Getenv: env})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { dockerEngine.Close() })
	return dockerEngine, &pings
}

func answer(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	fmt.Fprint(w, body)
}

func TestUnreachable(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := "tcp://" + listener.Addr().String()
	listener.Close()
	for _, host := range []string{"unix://" + filepath.Join(t.TempDir(), "none.sock"), closed} {
		dockerEngine, err := Connect(Options{Getenv: variables("DOCKER_HOST", host)})
		if err != nil {
			t.Fatal(err)
		}
		_, err = dockerEngine.InspectContainer(t.Context(), "x")
		unreachable, ok := errors.AsType[*UnreachableError](err)
		if !ok || unreachable.Address != host || unreachable.Unwrap() == nil {
			t.Errorf("error %v, want an UnreachableError of %s", err, host)
			continue
		}
		if text := err.Error(); !strings.Contains(text, host) || !strings.Contains(text, "DOCKER_HOST") {
			t.Errorf("error %q does not say what was tried, and what to do", text)
		}
	}
}

func TestNegotiatesOnce(t *testing.T) {
	dockerEngine, pings := fakeEngine(t, func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, "/v1.41/") {
			t.Errorf("request to %s, want version 1.41", r.URL.Path)
		}
		answer(w, 200, "[]")
	})
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if _, err := dockerEngine.ProjectContainers(t.Context(), "p"); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := pings.Load(); n != 1 {
		t.Errorf("%d pings, want 1", n)
	}
}

func TestFixedVersionNeedsNoPing(t *testing.T) {
	var path atomic.Value
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path.Store(r.URL.Path)
		answer(w, 200, "[]")
	}))
	defer server.Close()
	host := "tcp://" + strings.TrimPrefix(server.URL, "http://")
	dockerEngine, err := Connect(Options{Getenv: variables("DOCKER_HOST", host, "DOCKER_API_VERSION", "1.42")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := dockerEngine.ProjectContainers(t.Context(), "p"); err != nil {
		t.Fatal(err)
	}
	if got := path.Load(); got != "/v1.42/containers/json" {
		t.Errorf("the one request went to %v", got)
	}
}

func TestErrorsAreWordedAndClassed(t *testing.T) {
	tests := []struct {
		status             int
		notFound, conflict bool
	}{
		{404, true, false}, {409, false, true}, {500, false, false},
	}
	for _, test := range tests {
		dockerEngine, _ := fakeEngine(t, func(w http.ResponseWriter, r *http.Request) {
			answer(w, test.status, `{"message":"it cannot be"}`)
		})
		err := dockerEngine.StartContainer(t.Context(), "db")
		if engine.IsNotFound(err) != test.notFound || engine.IsConflict(err) != test.conflict {
			t.Errorf("%d: not found %t, conflict %t", test.status, engine.IsNotFound(err), engine.IsConflict(err))
		}
		if want := "start container db: it cannot be"; err.Error() != want {
			t.Errorf("error %q, want %q", err, want)
		}
	}
}

func TestCauseOfTheContext(t *testing.T) {
	arrived := make(chan struct{}, 1)
	dockerEngine, _ := fakeEngine(t, func(w http.ResponseWriter, r *http.Request) {
		arrived <- struct{}{}
		<-r.Context().Done()
	})
	stop := errors.New("stop")
	ctx, cancel := context.WithCancelCause(t.Context())
	go func() { <-arrived; cancel(stop) }()
	if err := dockerEngine.StartContainer(ctx, "db"); !errors.Is(err, stop) {
		t.Errorf("error %v, want the cause", err)
	}
}

func TestUpgradeError(t *testing.T) {
	is := map[string]func(error) bool{"404": errdefs.IsNotFound, "409": errdefs.IsConflict, "400": errdefs.IsInvalidArgument}
	for status, class := range is {
		if err := upgradeError(errors.New("unable to upgrade to tcp, received " + status)); !class(err) {
			t.Errorf("%s: the class of %v is wrong", status, err)
		}
	}
	other := errors.New("other")
	if got := upgradeError(other); got != other {
		t.Errorf("%v became %v", other, got)
	}
	if got := upgradeError(nil); got != nil {
		t.Errorf("nil became %v", got)
	}
}

func TestLingering(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	outlives, stop := lingeringContext(ctx)
	cancel()
	select {
	case <-outlives.Done():
		t.Error("the context ended with its parent")
	case <-time.After(50 * time.Millisecond):
	}
	stop()
	if outlives.Err() == nil {
		t.Error("the context continues after the stop")
	}
}

func TestClockSkew(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 600, time.UTC)
	tests := map[time.Duration]time.Duration{0: 0, -time.Second: 0, time.Second: 0, time.Hour: time.Hour, -time.Minute: -time.Minute}
	for off, want := range tests {
		if got := clockSkew(now.Add(off), now); got != want {
			t.Errorf("%v off is %v, want %v", off, got, want)
		}
	}
}

func TestWordsOfPodman(t *testing.T) {
	for text, want := range map[string]bool{
		`can only create exec sessions on running containers: container state improper`: true,
		`the container name "a" is already in use by 1: that name is already in use`:    true,
		`no such container`: false,
	} {
		if got := errdefs.IsConflict(classifyByMessage(errors.New(text))); got != want {
			t.Errorf("%s: a conflict: %t", text, got)
		}
	}
}
