package forward

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"testing"
	"time"

	"tasks/executor/engine"
	"tasks/internal/composeproject"
	"tasks/planner/observed"
)

// remoteEngine is an engine without a way to the networks of its container.
type remoteEngine struct {
	engine.Engine
	state engine.ContainerState
}

func (e *remoteEngine) InspectContainer(context.Context, string) (engine.ContainerState, error) {
	return e.state, nil
}

func (e *remoteEngine) Dial(context.Context, string, netip.AddrPort) (net.Conn, error) {
	return nil, engine.ErrNoRoute
}

// freePort returns a port of this machine without a listener.
func freePort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return strconv.Itoa(listener.Addr().(*net.TCPAddr).Port)
}

// isOpen reports whether a program listens on a port.
func isOpen(port string) bool {
	listener, err := net.Listen("tcp4", "127.0.0.1:"+port)
	if err != nil {
		return true
	}
	listener.Close()
	return false
}

// published is a running container with a published port.
func published(port string) engine.ContainerState {
	var s engine.ContainerState
	s.ID, s.State, s.StartedAt = "c1", observed.Running, time.Unix(1, 0)
	s.Labels = map[string]string{composeproject.LabelService: "web"}
	s.HostPorts = map[string]string{"80/tcp": port}
	return s
}

// TestForwardListensOnThisMachineOnly: no other machine reaches a forwarded port.
func TestForwardListensOnThisMachineOnly(t *testing.T) {
	port := freePort(t)
	f := &Forwarder{Engine: &remoteEngine{state: published(port)}, Warn: func(text string) { t.Error(text) }}
	if err := f.Forward(t.Context(), "c1"); err != nil {
		t.Fatal(err)
	}
	for _, l := range f.containers["c1"].listeners {
		if !l.Addr().(*net.TCPAddr).IP.IsLoopback() {
			t.Errorf("the address is %s", l.Addr())
		}
	}
	if got := f.Ports("c1", map[string]string{"80/tcp": port}); !isOpen(port) || got["80/tcp"] != port {
		t.Errorf("port %s, open: %t", got, isOpen(port))
	}
	f.Close()
	if isOpen(port) {
		t.Error("the port is open after the end")
	}
	if err := f.Forward(t.Context(), "c1"); err != nil || isOpen(port) {
		t.Errorf("a closed forwarder forwards, error %v", err)
	}
}

// TestForwardTakesAnotherPort: a port of another program stays with the program.
func TestForwardTakesAnotherPort(t *testing.T) {
	taken, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	port := strconv.Itoa(taken.Addr().(*net.TCPAddr).Port)
	var warnings []string
	f := &Forwarder{Engine: &remoteEngine{state: published(port)}, Warn: func(text string) { warnings = append(warnings, text) }}
	defer f.Close()
	if err := f.Forward(t.Context(), "c1"); err != nil {
		t.Fatal(err)
	}
	other := f.Ports("c1", map[string]string{"80/tcp": port})["80/tcp"]
	if other == port || !isOpen(other) || len(warnings) != 1 {
		t.Errorf("port %s, warnings %q", other, warnings)
	}
}

// TestForwardAfterARestart: a container that was started again has another port. The earlier port is free again.
func TestForwardAfterARestart(t *testing.T) {
	ports := []string{freePort(t), freePort(t)}
	e := &remoteEngine{state: published(ports[0])}
	f := &Forwarder{Engine: e, Warn: func(text string) { t.Error(text) }}
	defer f.Close()
	for i, port := range ports {
		e.state = published(port)
		e.state.StartedAt = time.Unix(int64(i), 0)
		if err := f.Forward(t.Context(), "c1"); err != nil {
			t.Fatal(err)
		}
	}
	if open := []bool{isOpen(ports[0]), isOpen(ports[1])}; !slices.Equal(open, []bool{false, true}) {
		t.Errorf("open are %t", open)
	}
}
