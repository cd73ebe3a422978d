package toolbox

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/moby/moby/client"
)

// TestNetworkKeptByTheEngine checks the two cases of a refused removal: a network without containers is kept by a defect
// of the engine, and a network with a container is not.
func TestNetworkKeptByTheEngine(t *testing.T) {
	for _, c := range []struct {
		containers string
		isKept     bool
	}{
		{`{}`, true},
		{`{"ep-1":{"Name":"gone"}}`, true},
		{`{"0123":{"Name":"running"}}`, false},
	} {
		var disconnected []string
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			switch {
			case r.Method == http.MethodDelete:
				w.WriteHeader(http.StatusForbidden)
				_, _ = w.Write([]byte(`{"message":"error while removing network: network n has active endpoints"}`))
			case strings.HasSuffix(r.URL.Path, "/disconnect"):
				disconnected = append(disconnected, r.URL.Path)
			default:
				_, _ = w.Write([]byte(`{"Name":"n","Id":"n1","Containers":` + c.containers + `}`))
			}
		}))
		api, err := client.New(client.WithHost("tcp://"+server.Listener.Addr().String()), client.WithAPIVersion("1.41"))
		if err != nil {
			t.Fatal(err)
		}
		err = removeNetwork(t.Context(), api, "n1")
		if err == nil || errors.Is(err, errKeptByEngine) != c.isKept {
			t.Errorf("%s: %v, want kept by the engine: %v", c.containers, err, c.isKept)
		}
		if want := strings.Contains(c.containers, "ep-"); (len(disconnected) > 0) != want {
			t.Errorf("%s: disconnected %q, want a call: %v", c.containers, disconnected, want)
		}
		server.Close()
	}
}
