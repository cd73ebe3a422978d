package docker

import (
	"net/http"
	"strings"
	"testing"
)

// Compose v2 makes containers with an exposed range of ports. The client library cannot read a range.
func TestContainerThatExposesARange(t *testing.T) {
	engine, _ := fakeEngine(t, func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, "/v1.41/containers/db/json") {
			answer(w, http.StatusNotFound, `{"message": "no such page"}`)
			return
		}
		answer(w, http.StatusOK, `{"Id": "c1", "Name": "/db", "State": {"Status": "running", "Health": {"Status": "healthy"}},
			"Config": {"ExposedPorts": {"9100-9102/udp": {}}, "Labels": {"l": "1"}, "Healthcheck": {"Test": ["CMD", "x"], "Interval": 9000000000}},
			"NetworkSettings": {"Ports": {"9100-9102/udp": null, "80/tcp": [{"HostIp": "0.0.0.0", "HostPort": "8080"}]}, "Networks": {"n": {"NetworkID": "n1"}}}}`)
	})
	state, err := engine.InspectContainer(t.Context(), "db")
	if err != nil {
		t.Fatal(err)
	}
	if state.ID != "c1" || state.Name != "db" || state.Health != "healthy" || state.Labels["l"] != "1" || state.Probe == nil || state.Networks["n"] != "n1" || state.HostPorts["80/tcp"] != "8080" {
		t.Errorf("got %+v", state)
	}
}
