package toolbox

import (
	"context"
	"crypto/rand"
	"net"
	"testing"
	"time"

	"github.com/moby/moby/client"
)

// SameNetwork skips a test that needs the engine in the network of this process: for published ports to be reached from
// here, and what listens here on 127.0.0.1 from there. It is for tests of just that; such an engine elsewhere, in a virtual
// machine or a network namespace of its own, is no mistake.
func SameNetwork(t testing.TB) {
	t.Helper()
	if !SharesNetwork(t) {
		t.Skip("SKIPPED, NOT TESTED: the engine is in another network than this process; run the tests there")
	}
}

// SharesNetwork says whether the engine is in the network of this process: the bridge that it makes for a network is seen
// here. It makes a network, and removes it.
func SharesNetwork(t testing.TB) bool {
	t.Helper()
	cli := Client(t)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute) // a half-made network has no owner
	defer cancel()
	created, err := cli.NetworkCreate(ctx, "tasks-test-"+rand.Text(), client.NetworkCreateOptions{Driver: "bridge"})
	if err != nil {
		t.Fatalf("making a network, to see where the engine is: %v", err)
	}
	_, lookupErr := net.InterfaceByName("br-" + created.ID[:12])
	if _, err := cli.NetworkRemove(ctx, created.ID, client.NetworkRemoveOptions{}); err != nil {
		t.Errorf("removing network %s: %v", created.ID, err)
	}
	return lookupErr == nil
}
