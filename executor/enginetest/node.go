package enginetest

import (
	"context"
	"sync"
	"testing"

	"tasks/planner"
)

// Node is an engine in memory as a node of several engines.
type Node struct{ *Memory }

// NewNode makes a node without objects. Violations of the protocol fail the test.
func NewNode(t testing.TB, name string) Node {
	m := New(t)
	m.name = name + " "
	return Node{m}
}

// Silence makes all calls hang until answer is called or their context ends, as on a lost machine.
func (n Node) Silence() (answer func()) {
	gate := make(chan struct{})
	n.setSilence(gate)
	return sync.OnceFunc(func() {
		n.setSilence(nil)
		close(gate)
	})
}

func (n Node) setSilence(gate chan struct{}) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.silence = gate
}

// Ping asks for an answer.
func (n Node) Ping(ctx context.Context) error {
	_, err := n.recordCall(ctx, "Ping", "")
	return err
}

// Address returns an address that names the node.
func (n Node) Address() string { return "tcp://" + n.name }

// APIVersion returns the version of the API.
func (n Node) APIVersion(context.Context) (string, error) { return "1.41", nil }

// Check accepts all plans.
func (n Node) Check(context.Context, *planner.Plan) error { return nil }

// DetachKeys returns no keys.
func (n Node) DetachKeys() (string, error) { return "", nil }
