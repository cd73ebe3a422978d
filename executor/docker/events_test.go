package docker

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/moby/moby/api/types/events"

	"tasks/executor/engine"
)

func TestEventsOfAStream(t *testing.T) {
	const die = `{"Type":"container","Action":"die","timeNano":7,"Actor":{"ID":"1","Attributes":{"exitCode":"3","com.docker.compose.service":"db"}}}`
	dockerEngine, _ := fakeEngine(t, func(w http.ResponseWriter, r *http.Request) {
		query := r.URL.Query()
		if query.Get("since") == "" || !strings.Contains(query.Get("filters"), "com.docker.compose.project=p") {
			t.Errorf("asked for %v", query)
		}
		answer(w, 200, die+die+`{"Type":"container","Action":"destroy","timeNano":8,"Actor":{"ID":"1"}}`+
			`{"Type":"container","Action":"remove","timeNano":9,"Actor":{"ID":"2"}}`)
	})
	s, err := dockerEngine.Events(t.Context(), "p")
	if err != nil {
		t.Fatal(err)
	}
	var got []engine.Event
	for e := range s.C() {
		got = append(got, e)
	}
	want := []engine.Event{
		{Action: "die", ContainerID: "1", Service: "db", ExitCode: 3},
		{Action: "destroy", ContainerID: "1"},
		{Action: "destroy", ContainerID: "2"}, // of Podman
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("one that comes twice is told once; %s", diff)
	}
	if err := s.Err(); err == nil || !strings.Contains(err.Error(), "closed the connection") {
		t.Errorf("error %v, want one that says that the connection was lost", err)
	}
}

func TestEventsFail(t *testing.T) {
	dockerEngine, _ := fakeEngine(t, func(w http.ResponseWriter, r *http.Request) { answer(w, 500, `{"message":"no"}`) })
	s, err := dockerEngine.Events(t.Context(), "p")
	if err == nil { // the client may report too late for the call itself
		for range s.C() {
			t.Error("an event of a subscription that was refused")
		}
		err = s.Err()
	}
	if err == nil || !strings.Contains(err.Error(), "no") {
		t.Errorf("error %v; want the engine's", err)
	}
}

func TestRecentForgetsInTime(t *testing.T) {
	var r recentEvents
	message := func(nano int64) events.Message { return events.Message{TimeNano: nano, Action: "die"} }
	for i := range int64(100) {
		if r.isRepeated(message(i + 1)) {
			t.Errorf("event %d is taken for an earlier one", i)
		}
	}
	if !r.isRepeated(message(100)) || !r.isRepeated(message(80)) {
		t.Error("a recent event is not remembered")
	}
}
