package docker

import (
	"errors"
	"strconv"
	"testing"
)

// TestParseTakenPort: the messages of engines about a taken port, and messages about other things.
func TestParseTakenPort(t *testing.T) {
	for text, want := range map[string]string{
		"driver failed programming external connectivity on endpoint x (abc): Bind for 127.0.0.1:8080 failed: port is already allocated": "127.0.0.1 8080 tcp",
		"Bind for 0.0.0.0:53 failed: port is already allocated":                                                                          " 53 tcp",
		"Error starting userland proxy: listen tcp4 0.0.0.0:8080: bind: address already in use":                                          " 8080 tcp",
		"Error starting userland proxy: listen tcp6 [::1]:8080: bind: address already in use":                                            "::1 8080 tcp",
		"Error starting userland proxy: listen udp4 127.0.0.1:53: bind: address already in use":                                          "127.0.0.1 53 udp",
		"failed to set up container networking: driver failed: failed to bind host port 0.0.0.0:8080/tcp: address already in use":        " 8080 tcp",
		"failed to bind host port for 127.0.0.1:8080:172.17.0.2:80/udp: address already in use":                                          "127.0.0.1 8080 udp",
		"failed to bind host port [::]:8080/tcp: address already in use":                                                                 " 8080 tcp",
		"listen tcp4 0.0.0.0:80: bind: permission denied":                                                                                "none",
		"no such container": "none",
		"Bind for nonsense:8080 failed: port is already allocated":        "none",
		"Bind for 127.0.0.1:99999 failed: port is already allocated":      "none",
		"network app_default: Pool overlaps with other one on this space": "none",
	} {
		got := "none"
		if taken := parseTakenPort(errors.New(text)); taken != nil {
			got = taken.HostIP + " " + strconv.Itoa(taken.Port) + " " + taken.Protocol
		}
		if got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
	if parseTakenPort(nil) != nil {
		t.Error("an error without an error")
	}
}
