// Package forward makes the published ports of containers on another machine reachable on this machine.
package forward

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/compose-spec/compose-go/v2/types"

	"tasks/executor/engine"
	"tasks/executor/helper"
	"tasks/internal/composeproject"
	"tasks/internal/prober"
	"tasks/planner"
	"tasks/planner/observed"
)

// Forwarder listens on this machine for the published ports of containers. A Forwarder is safe for concurrent use.
type Forwarder struct {
	Engine engine.Engine
	// Owner is the owner label of this process; empty: none.
	Owner string
	// NewSlug makes the random part of a container's name, 64 hex digits.
	NewSlug func() string
	// Warn gets warnings for the user.
	Warn func(string)

	mu         sync.Mutex
	isClosed   bool
	containers map[string]*target
	// work counts the goroutines of connections.
	work sync.WaitGroup
}

// target is a container with forwarded ports.
type target struct {
	*Forwarder
	state engine.ContainerState
	// ctx ends with the forwarding.
	ctx    context.Context
	cancel context.CancelFunc
	// local maps ports of the container, "80/tcp", to ports of this machine.
	local map[string]string
	// ports are the forwarded ports of the engine's machine.
	ports     []string
	listeners []net.Listener
	// helper starts the helper container at the first connection.
	helper func() (string, error)
}

// dialTimeout bounds the check whether the engine's networks are on this machine.
const dialTimeout = 300 * time.Millisecond

// removeTimeout bounds the removal of a helper container.
const removeTimeout = 10 * time.Second

// Forward forwards the published TCP ports of a running container until Close. A second call renews the forwarding of
// a container that was started again.
func (f *Forwarder) Forward(ctx context.Context, id string) error {
	state, err := f.Engine.InspectContainer(ctx, id)
	if err != nil || !state.State.IsRunning() || len(state.HostPorts) == 0 || f.isReachable(ctx, state) {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if known := f.containers[id]; f.isClosed || known != nil && known.state.StartedAt.Equal(state.StartedAt) {
		return nil
	} else if known != nil {
		known.stop() // the container was started again, perhaps with other ports
		delete(f.containers, id)
	}
	t := &target{Forwarder: f, state: state, local: map[string]string{}}
	t.ctx, t.cancel = context.WithCancel(context.Background())
	t.helper = sync.OnceValues(t.startHelper)
	for _, port := range slices.Sorted(maps.Keys(state.HostPorts)) {
		if err := t.listen(port, state.HostPorts[port]); err != nil {
			t.stop()
			return fmt.Errorf("forward port %s of service %s: %w", port, state.Service(), err)
		}
	}
	if f.containers == nil {
		f.containers = map[string]*target{}
	}
	f.containers[id] = t
	return nil
}

// isReachable reports whether the published ports are ports of this machine already: the engine's networks are here.
func (f *Forwarder) isReachable(ctx context.Context, state engine.ContainerState) bool {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	for _, a := range state.Addresses {
		conn, err := f.Engine.Dial(ctx, a.NetworkID, netip.AddrPortFrom(a.Address, 1))
		if err == nil {
			conn.Close()
		}
		if !errors.Is(err, engine.ErrNoRoute) {
			return true
		}
	}
	return false
}

// listen opens the same port on this machine. If the port is taken, any other port serves.
func (t *target) listen(port, hostPort string) error {
	number, protocol, _ := strings.Cut(port, "/")
	if protocol != "tcp" {
		t.Warn(fmt.Sprintf("port %s of service %s is not forwarded to this machine: only tcp is", port, t.state.Service()))
		return nil
	}
	inside, err := strconv.ParseUint(number, 10, 16)
	if err != nil {
		return err
	}
	for id, other := range t.containers {
		if slices.Contains(other.ports, hostPort) {
			other.stop() // the container of the port was replaced
			delete(t.containers, id)
		}
	}
	listener, err := net.Listen("tcp4", "127.0.0.1:"+hostPort)
	if errors.Is(err, syscall.EADDRINUSE) || errors.Is(err, syscall.EACCES) {
		listener, err = net.Listen("tcp4", "127.0.0.1:0")
	}
	if err != nil {
		return err
	}
	t.listeners = append(t.listeners, listener)
	_, own, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		return err
	}
	if own != hostPort && t.state.Labels[observed.LabelOriginal] == "" { // a private project has no fixed ports
		t.Warn(fmt.Sprintf("port %s of service %s is at 127.0.0.1:%s: port %s of this machine is not free",
			port, t.state.Service(), own, hostPort))
	}
	t.local[port], t.ports = own, append(t.ports, hostPort)
	t.work.Go(func() { t.serve(listener, uint16(inside)) })
	return nil
}

// stop ends the forwarding. The ports of this machine are free afterwards.
func (t *target) stop() {
	t.cancel()
	for _, listener := range t.listeners {
		listener.Close()
	}
}

// serve accepts connections until the end of the forwarding.
func (t *target) serve(listener net.Listener, port uint16) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		t.work.Go(func() {
			defer conn.Close()
			stop := context.AfterFunc(t.ctx, func() { conn.Close() })
			defer stop()
			if err := t.tunnel(conn, port); err != nil && t.ctx.Err() == nil {
				t.Warn(fmt.Sprintf("port %d of service %s is not forwarded: %v", port, t.state.Service(), err))
			}
		})
	}
}

// tunnel connects a connection of this machine to a port of the container, through a command in the helper container.
func (t *target) tunnel(conn net.Conn, port uint16) error {
	id, err := t.helper()
	if err != nil {
		return err
	}
	var addresses []netip.AddrPort
	for _, a := range t.state.Addresses {
		addresses = append(addresses, netip.AddrPortFrom(a.Address, port))
	}
	env := types.MappingWithEquals{}
	for name, value := range prober.ConnectEnviron(addresses) {
		env[name] = &value
	}
	command := engine.ExecCommand{Command: []string{prober.Path}, Env: env}
	stream, err := t.Engine.StartExec(t.ctx, id, command, engine.AttachOptions{Stdin: true})
	if err != nil {
		return err
	}
	defer stream.Close()
	stop := context.AfterFunc(t.ctx, func() { stream.Close() })
	defer stop()
	t.work.Go(func() {
		_, _ = io.Copy(stream, conn) // either end may close the connection
		_ = stream.CloseWrite()
	})
	_ = stream.Copy(conn, io.Discard) // the same
	return nil
}

// startHelper starts a container in the network of the target. The container ends with the connection to its stdin,
// and so with this process.
func (t *target) startHelper() (string, error) {
	program, err := helper.Program(t.ctx, t.Engine, prober.HoldEnviron())
	if err != nil {
		return "", err
	}
	project, service := t.state.Labels[composeproject.LabelProject], t.state.Service()
	slug := t.NewSlug()
	spec := planner.ProbeContainer(project, service, slug, &t.state.Container, program)
	spec.Name = project + "-" + service + "-ports-" + slug[:12]
	spec.StdinOpen, spec.OneOff = true, true
	if t.Owner != "" {
		spec.Labels[observed.LabelStarter] = t.Owner
	}
	id, err := t.Engine.CreateContainer(t.ctx, spec)
	if id != "" {
		t.work.Add(1)
		context.AfterFunc(t.ctx, func() {
			defer t.work.Done()
			ctx, cancel := context.WithTimeout(context.Background(), removeTimeout)
			defer cancel()
			if err := t.Engine.RemoveContainer(ctx, id, engine.RemoveVolumes); err != nil {
				t.Warn(err.Error())
			}
		})
	}
	if err != nil {
		return "", err
	}
	stream, err := t.Engine.Attach(t.ctx, id, engine.AttachOptions{Stdin: true})
	if err != nil {
		return "", err
	}
	context.AfterFunc(t.ctx, func() { stream.Close() })
	return id, t.Engine.StartContainer(t.ctx, id)
}

// Ports returns the ports of this machine for the published ports of a container.
func (f *Forwarder) Ports(id string, published map[string]string) map[string]string {
	f.mu.Lock()
	defer f.mu.Unlock()
	known := f.containers[id]
	if known == nil {
		return published
	}
	ports := maps.Clone(published)
	for port, local := range known.local {
		if ports[port] != "" {
			ports[port] = local
		}
	}
	return ports
}

// Close ends all forwarding, and removes the helper containers.
func (f *Forwarder) Close() {
	f.mu.Lock()
	f.isClosed = true
	for _, t := range f.containers {
		t.stop()
	}
	f.mu.Unlock()
	f.work.Wait()
}
