package toolbox

import (
	"context"
	"crypto/rand"
	"net"
	"testing"
	"time"

	"github.com/moby/moby/client"
)

// SameNetwork skips a test unless the engine shares the network of this process. The test then reaches published ports,
// and containers reach listeners on 127.0.0.1. An engine in a virtual machine or another network namespace is no
// mistake, so use SameNetwork only in tests of exactly this.
func SameNetwork(t testing.TB) {
	t.Helper()
	if !SharesNetwork(t) {
		t.Skip("SKIPPED, NOT TESTED: the engine is in another network than this process; run the tests there")
	}
}

// SharesNetwork reports whether the engine shares the network of this process: this process then sees the bridge of a
// new network. The function creates a network and removes it.
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
