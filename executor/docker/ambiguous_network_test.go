package docker

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// A start is repeated while the second network of another run has the same name.
func TestStartWaitsForTheSecondNetworkToGo(t *testing.T) {
	var calls atomic.Int32
	engine, _ := fakeEngine(t, func(w http.ResponseWriter, r *http.Request) {
		if calls.Add(1) <= 2 {
			answer(w, http.StatusBadRequest, `{"message": "network app_default is ambiguous (2 matches found on name)"}`)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
	if err := engine.StartContainer(t.Context(), "abc"); err != nil {
		t.Error(err)
	}
	if calls.Load() != 3 {
		t.Errorf("%d calls; want 3", calls.Load())
	}
}

// Two lasting networks are an error in the end. Any other error returns at once.
func TestStartDoesNotWaitForEver(t *testing.T) {
	for _, message := range []string{"network app_default is ambiguous (2 matches found on name)", "no space left"} {
		var calls atomic.Int32
		engine, _ := fakeEngine(t, func(w http.ResponseWriter, r *http.Request) {
			calls.Add(1)
			answer(w, http.StatusBadRequest, `{"message": "`+message+`"}`)
		})
		began := time.Now()
		err := engine.StartContainer(t.Context(), "abc")
		if err == nil || !strings.Contains(err.Error(), message) {
			t.Errorf("error %v; want %q", err, message)
		}
		waited := time.Since(began) > ambiguousTime/2
		if again := calls.Load() > 1; again != waited || again != strings.Contains(message, "ambiguous") {
			t.Errorf("%q: %d calls in %s", message, calls.Load(), time.Since(began))
		}
	}
}
