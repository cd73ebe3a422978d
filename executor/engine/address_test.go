package engine

import "testing"

func TestIsLocalAddress(t *testing.T) {
	for address, want := range map[string]bool{
		"unix:///run/docker.sock": true, "tcp://127.0.0.1:2375": false, "ssh://me@builder": false, "": false,
	} {
		if IsLocalAddress(address) != want {
			t.Errorf("%q: %t", address, !want)
		}
	}
}
