package readiness

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"syscall"
	"time"

	"tasks/executor/engine"
	"tasks/hclspec"
	"tasks/internal/prober"
)

const (
	// dialTimeout bounds a single direct try. A network without an answer is not reachable directly.
	dialTimeout = time.Second
	// directTimeout bounds the direct tries while every try is refused. The refusal is most likely the container's
	// answer. Where it comes from a firewall of this machine, the helper container tells better.
	directTimeout = 5 * time.Second
	// namespaceDepth bounds a chain of containers with shared network namespaces.
	namespaceDepth = 8
)

// probePort tries the port of a `ready` block until the port answers. A direct try takes a millisecond, where the
// container's network is on this machine. Elsewhere the helper container tries.
func (p blockProbe) probePort(ctx context.Context, s engine.ContainerState, results chan<- probeResult) {
	addresses, err := p.addresses(ctx, s)
	if err != nil {
		sendResult(ctx, results, probeResult{err: err})
		return
	}
	r := p.readiness
	target := prober.Target{
		HTTP: r.Probe == hclspec.HTTPProbe, Host: r.Host, Path: r.Path, Interval: r.Interval, Timeout: p.timeout,
	}
	for _, a := range addresses {
		target.Addresses = append(target.Addresses, netip.AddrPortFrom(a.Address, r.Port))
	}
	if !probeDirectly(ctx, p.env.Engine, addresses, target, results) {
		p.probeWithHelper(ctx, s, target, results)
	}
}

// addresses are the expected addresses of the service: its own, or the addresses of the container with the shared
// network. In the network of the host, or without any network, the loopback address counts.
func (p blockProbe) addresses(ctx context.Context, s engine.ContainerState) ([]engine.NetworkAddress, error) {
	for range namespaceDepth {
		other, shared := strings.CutPrefix(s.NetworkMode, "container:")
		if !shared {
			break
		}
		var err error
		if s, err = p.env.Engine.InspectContainer(ctx, other); err != nil {
			return nil, fmt.Errorf("the container whose network it shares: %w", err)
		}
	}
	switch given := p.readiness.Address; {
	case given.IsValid():
		for _, a := range s.Addresses {
			if a.Address == given {
				return []engine.NetworkAddress{a}, nil
			}
		}
		return []engine.NetworkAddress{{Address: given}}, nil
	case len(s.Addresses) > 0:
		return s.Addresses, nil
	}
	return []engine.NetworkAddress{{Address: netip.AddrFrom4([4]byte{127, 0, 0, 1})}}, nil
}

// probeDirectly tries from this process, and reports false where a direct try is impossible.
func probeDirectly(
	ctx context.Context, e engine.Engine, addresses []engine.NetworkAddress, target prober.Target,
	results chan<- probeResult,
) (isDecided bool) {
	began := time.Now()
	for {
		a := tryAll(ctx, e, addresses, target)
		switch {
		case ctx.Err() != nil:
			return true
		case a.isReady:
			sendResult(ctx, results, probeResult{passed: true})
			return true
		case !a.isConnected && (!a.isRefused || time.Since(began) >= directTimeout):
			return false
		}
		if !sendResult(ctx, results, probeResult{output: a.failure}) || !pauseFor(ctx, target.Interval) {
			return true
		}
	}
}

// attempt is the result of a direct try at all addresses.
type attempt struct {
	isReady bool
	// isConnected and isRefused report whether an address accepted or refused the connection.
	isConnected, isRefused bool
	failure                string
}

func tryAll(ctx context.Context, e engine.Engine, addresses []engine.NetworkAddress, target prober.Target) attempt {
	var a attempt
	var failures []string
	for i, at := range target.Addresses {
		failure := a.try(ctx, e, addresses[i].NetworkID, at, target)
		if failure == "" {
			return attempt{isReady: true, isConnected: true}
		}
		failures = append(failures, fmt.Sprintf("%s: %s", at, failure))
	}
	a.failure = strings.Join(failures, "; ")
	return a
}

// try tries a single address. An empty failure is success.
func (a *attempt) try(
	ctx context.Context, e engine.Engine, network string, at netip.AddrPort, target prober.Target,
) (failure string) {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	conn, err := e.Dial(ctx, network, at)
	if errors.Is(err, syscall.ECONNREFUSED) {
		a.isRefused = true
		return syscall.ECONNREFUSED.Error()
	}
	if err != nil {
		return err.Error()
	}
	a.isConnected = true
	return target.Check(conn, time.Now().Add(dialTimeout))
}
