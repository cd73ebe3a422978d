package enginetest

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/containerd/errdefs"

	"tasks/executor/engine"
	"tasks/internal/prober/wire"
)

// Platform implements [engine.Engine].
func (m *Memory) Platform(ctx context.Context) (os, arch string, err error) {
	late, err := m.recordCall(ctx, "Platform", "")
	if err != nil {
		return "", "", err
	}
	return "linux", "amd64", late
}

// networkAddresses gives the container an address in each of its networks: 10.0.<network>.<container>.
func (m *Memory) networkAddresses(c *memoryContainer) []engine.NetworkAddress {
	if !c.isRunning() {
		return nil
	}
	var all []engine.NetworkAddress
	for i, endpoint := range c.spec.Networks {
		address := netip.AddrFrom4([4]byte{10, 0, byte(i), byte(c.number)})
		all = append(all, engine.NetworkAddress{NetworkID: c.networks[endpoint.Network], Address: address})
	}
	return all
}

// Dial implements [engine.Engine]. Whether anybody listens, the container's environment says.
func (m *Memory) Dial(ctx context.Context, networkID string, address netip.AddrPort) (net.Conn, error) {
	late, err := m.recordCall(ctx, "Dial", address.String())
	if err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, c := range m.containers {
		at := engine.NetworkAddress{NetworkID: networkID, Address: address.Addr()}
		switch {
		case !slices.Contains(m.networkAddresses(c), at):
		case c.behaviour.noRoute:
			return nil, engine.ErrNoRoute
		case c.behaviour.portOpen == never || time.Since(c.process.startedAt) < c.behaviour.portOpen:
			return nil, fmt.Errorf("dial tcp %s: %w", address, syscall.ECONNREFUSED)
		default:
			return &cannedConn{answer: strings.NewReader(c.behaviour.answer)}, late
		}
	}
	return nil, fmt.Errorf("dial tcp %s: %w", address, syscall.EHOSTUNREACH)
}

// cannedConn is a connection to a server that says the same whatever it is asked.
type cannedConn struct {
	net.Conn
	answer io.Reader
}

func (a *cannedConn) Read(p []byte) (int, error)    { return a.answer.Read(p) }
func (a *cannedConn) Write(p []byte) (int, error)   { return len(p), nil }
func (a *cannedConn) SetDeadline(_ time.Time) error { return nil }
func (a *cannedConn) Close() error                  { return nil }

// runProber does what the prober does: it waits until the port of the container whose network it shares is open.
func (m *Memory) runProber(c *memoryContainer, p *process) {
	id, _ := strings.CutPrefix(c.spec.Service.NetworkMode, "container:")
	env := envReader{env: c.spec.Service.Environment}
	wait, why := time.Duration(env.number(wire.Timeout))*time.Millisecond, "connection refused"
	code := wire.GaveUp
	if target := m.find(id); target != nil && target.process != nil && target.behaviour.portOpen != never {
		b := target.behaviour
		open := max(0, b.portOpen-time.Since(target.process.startedAt))
		failure := ""
		if env.text(wire.Kind) == wire.HTTP {
			failure = wire.Verdict(b.answer)
		}
		switch {
		case open <= wait && failure == "":
			wait, code = open, wire.Ready
		case open <= wait:
			why = failure
		}
	}
	if wait > 0 {
		c.print(stdout, strings.Split(env.text(wire.Addresses), "/")[2]+": "+why+"\n")
	}
	m.schedule(c, p, wait, func() { m.endProcess(c, p, code) })
}

// FollowLog implements [engine.Engine]. It looks at the log from time to time.
func (m *Memory) FollowLog(ctx context.Context, id string, line func(string) (more bool)) error {
	var target *memoryContainer
	err := m.withContainer(ctx, "FollowLog", id, func(c *memoryContainer) error {
		if c.behaviour.noLog {
			return fmt.Errorf("configured logging driver does not support reading: %w", errdefs.ErrNotImplemented)
		}
		target = c
		return nil
	})
	const pause = 10 * time.Millisecond
	for told := 0; err == nil; err = waitFault(ctx, nil, pause) {
		lines, ended := m.logLines(target)
		for _, text := range lines[min(told, len(lines)):] {
			if !line(text) {
				return nil
			}
		}
		if ended {
			return nil
		}
		told = len(lines)
	}
	return err
}

// logLines are the whole lines that a container has printed since its start.
func (m *Memory) logLines(c *memoryContainer) (lines []string, ended bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	lines, ended = strings.Split(string(c.log[c.logStart:]), "\n"), c.process == nil
	if last := len(lines) - 1; !ended || lines[last] == "" {
		lines = lines[:last]
	}
	return lines, ended
}

// answer is what a web server in the container says.
func (r *envReader) answer() string {
	status := r.text("PORT_ANSWER")
	if status == "" {
		status = "200 OK"
	}
	return "HTTP/1.1 " + status + "\r\n\r\n"
}

// firstHostPort is where the ports begin that are given to those who leave the choice open.
const firstHostPort = 49152

// hostPorts are those of a container that runs, by "5432/tcp".
func (c *memoryContainer) hostPorts() map[string]string {
	if !c.isRunning() {
		return nil
	}
	given := map[string]string{}
	for i, port := range c.spec.Service.Ports {
		at, _, _ := strings.Cut(port.Published, "-")
		if at == "" {
			at = strconv.Itoa(firstHostPort + c.number*16 + i)
		}
		given[fmt.Sprintf("%d/%s", port.Target, cmp.Or(port.Protocol, "tcp"))] = at
	}
	return given
}
