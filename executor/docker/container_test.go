package docker

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/google/go-cmp/cmp"

	"tasks/executor/engine"
	"tasks/planner"
)

// script is an engine with answers by "METHOD path", and records the requests.
type script struct {
	mu      sync.Mutex
	answers map[string]func(http.ResponseWriter)
	asked   []string
}

func (s *script) handle(w http.ResponseWriter, r *http.Request) {
	key := r.Method + " " + strings.TrimPrefix(r.URL.Path, "/v1.41")
	s.mu.Lock()
	s.asked = append(s.asked, key)
	reply := s.answers[key]
	s.mu.Unlock()
	if reply == nil {
		answer(w, 404, `{"message":"no such thing"}`)
		return
	}
	reply(w)
}

func says(status int, body string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) { answer(w, status, body) }
}

func twoNetworks() planner.ContainerSpec {
	return planner.ContainerSpec{
		Name: "p-job", Image: "img",
		Service:  types.ServiceConfig{Name: "job"},
		Networks: []planner.Endpoint{{Key: "a", Network: "p_a"}, {Key: "b", Network: "p_b"}},
	}
}

func TestHalfMadeContainerIsRemoved(t *testing.T) {
	s := &script{answers: map[string]func(http.ResponseWriter){
		"POST /containers/create":    says(201, `{"Id":"c1"}`),
		"POST /networks/p_b/connect": says(500, `{"message":"no room"}`),
		"DELETE /containers/c1":      says(204, ""),
	}}
	dockerEngine, _ := fakeEngine(t, s.handle)
	id, err := dockerEngine.CreateContainer(t.Context(), twoNetworks())
	if id != "" || err == nil || !strings.Contains(err.Error(), "create container p-job: connect network p_b: ") {
		t.Errorf("id %q, error %v; want none, and an error that names the network", id, err)
	}
	want := []string{"POST /containers/create", "POST /networks/p_b/connect", "DELETE /containers/c1"}
	if diff := cmp.Diff(want, s.asked); diff != "" {
		t.Error(diff)
	}
}

func TestHalfMadeContainerThatStaysIsTold(t *testing.T) {
	s := &script{answers: map[string]func(http.ResponseWriter){
		"POST /containers/create":    says(201, `{"Id":"c1"}`),
		"POST /networks/p_b/connect": says(500, `{"message":"no room"}`),
		"DELETE /containers/c1":      says(500, `{"message":"stuck"}`),
	}}
	dockerEngine, _ := fakeEngine(t, s.handle)
	id, err := dockerEngine.CreateContainer(t.Context(), twoNetworks())
	if id != "c1" || err == nil || !strings.Contains(err.Error(), "no room") || !strings.Contains(err.Error(), "stuck") {
		t.Errorf("id %q, error %v; want c1, and both reasons", id, err)
	}
}

// TestCancelledCreationIsNotLost cancels during the creation. The container exists, so the id must come back.
func TestCancelledCreationIsNotLost(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	stop := errors.New("stop")
	s := &script{answers: map[string]func(http.ResponseWriter){
		"POST /containers/create": func(w http.ResponseWriter) {
			cancel(stop)
			answer(w, 201, `{"Id":"c1"}`)
		},
		"DELETE /containers/c1": says(204, ""),
	}}
	dockerEngine, _ := fakeEngine(t, s.handle)
	id, err := dockerEngine.CreateContainer(ctx, planner.ContainerSpec{Name: "p-job", Image: "img", Service: types.ServiceConfig{ContainerSpec: types.ContainerSpec{NetworkMode: "none"}}})
	if id != "c1" || err != nil {
		t.Errorf("id %q, error %v; want c1 and none", id, err)
	}
	ctx, cancel = context.WithCancelCause(t.Context())
	defer cancel(nil)
	dockerEngine, _ = fakeEngine(t, s.handle)
	id, err = dockerEngine.CreateContainer(ctx, twoNetworks())
	if id != "" || !errors.Is(err, stop) {
		t.Errorf("id %q, error %v; want none and the cause, as the second network cannot be connected any more", id, err)
	}
	if last := s.asked[len(s.asked)-1]; last != "DELETE /containers/c1" {
		t.Errorf("the last request is %s, want the removal", last)
	}
}

func TestWarningsAreTold(t *testing.T) {
	s := &script{answers: map[string]func(http.ResponseWriter){
		"POST /containers/create": says(201, `{"Id":"c1","Warnings":["no swap"]}`),
	}}
	dockerEngine, _ := fakeEngine(t, s.handle)
	var warnings []string
	dockerEngine.warn = func(text string) { warnings = append(warnings, text) }
	spec := planner.ContainerSpec{Name: "p-job", Image: "img", Service: types.ServiceConfig{ContainerSpec: types.ContainerSpec{NetworkMode: "none"}}}
	if _, err := dockerEngine.CreateContainer(t.Context(), spec); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"container p-job: no swap"}, warnings); diff != "" {
		t.Error(diff)
	}
}

func TestRemovalUnderWayIsWaitedFor(t *testing.T) {
	answers := []func(http.ResponseWriter){
		says(409, `{"message":"removal of container c1 is already in progress"}`),
		says(409, `{"message":"removal of container c1 is already in progress"}`),
		says(404, `{"message":"No such container: c1"}`),
	}
	asked := 0
	dockerEngine, _ := fakeEngine(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("force") != "1" || r.URL.Query().Get("v") != "" {
			t.Errorf("asked with %v; want force, and the volumes kept", r.URL.Query())
		}
		answers[asked](w)
		asked++
	})
	if err := dockerEngine.RemoveContainer(t.Context(), "c1", engine.KeepVolumes); err != nil || asked != 3 {
		t.Errorf("%d requests, error %v; want 3 and none", asked, err)
	}
}

func TestOtherConflictsOfARemovalAreErrors(t *testing.T) {
	dockerEngine, _ := fakeEngine(t, func(w http.ResponseWriter, r *http.Request) { answer(w, 409, `{"message":"stuck"}`) })
	if err := dockerEngine.RemoveContainer(t.Context(), "c1", engine.RemoveVolumes); !engine.IsConflict(err) {
		t.Errorf("error %v, want a conflict", err)
	}
}
