package executor

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
	// dialTimeout bounds one try from here: who swallows packets is not reached from here.
	dialTimeout = time.Second
	// directTimeout is how long it is tried from here while every try is refused. That is an answer of the container's,
	// most likely; should it be one of this machine's firewall, the prober tells better.
	directTimeout = 5 * time.Second
	// namespaceDepth is how often a container may share the network of one that shares the network of another.
	namespaceDepth = 8
)

// probePort tries the port of a ready block until it answers: straight from here, which takes a millisecond, where the
// container's network is one of this machine, else by the prober.
func (g *serviceWaiter) probePort(ctx context.Context, s engine.ContainerState, results chan<- probeResult) {
	endpoints, err := g.addresses(ctx, s)
	if err != nil {
		sendResult(ctx, results, probeResult{err: err})
		return
	}
	target := prober.Target{
		HTTP: g.readiness.Probe == hclspec.HTTPProbe, Host: g.readiness.Host, Path: g.readiness.Path, Interval: g.readiness.Interval, Timeout: g.probeGoal.timeout,
	}
	for _, e := range endpoints {
		target.Addresses = append(target.Addresses, netip.AddrPortFrom(e.Address, g.readiness.Port))
	}
	if !g.probeDirectly(ctx, endpoints, target, results) {
		g.probeWithHelper(ctx, s, target, results)
	}
}

// addresses are where the service can be expected to answer: at its own addresses or, where it shares the network of
// another container, at those of that one. With the network of the host, or none at all, it is the loopback address.
func (g *serviceWaiter) addresses(ctx context.Context, s engine.ContainerState) ([]engine.NetworkAddress, error) {
	for range namespaceDepth {
		other, shared := strings.CutPrefix(s.NetworkMode, "container:")
		if !shared {
			break
		}
		var err error
		if s, err = g.Engine.InspectContainer(ctx, other); err != nil {
			return nil, fmt.Errorf("the container whose network it shares: %w", err)
		}
	}
	switch given := g.readiness.Address; {
	case given.IsValid():
		for _, e := range s.Addresses {
			if e.Address == given {
				return []engine.NetworkAddress{e}, nil
			}
		}
		return []engine.NetworkAddress{{Address: given}}, nil
	case len(s.Addresses) > 0:
		return s.Addresses, nil
	}
	return []engine.NetworkAddress{{Address: netip.AddrFrom4([4]byte{127, 0, 0, 1})}}, nil
}

// probeDirectly tries from here, and returns false where that is no way.
func (g *serviceWaiter) probeDirectly(ctx context.Context, endpoints []engine.NetworkAddress, target prober.Target, results chan<- probeResult) (isDecided bool) {
	began := time.Now()
	for {
		a := g.attempt(ctx, endpoints, target)
		switch {
		case ctx.Err() != nil:
			return true
		case a.ready:
			sendResult(ctx, results, probeResult{passed: true})
			return true
		case !a.connected && (!a.refused || time.Since(began) >= directTimeout):
			return false
		}
		if !sendResult(ctx, results, probeResult{output: a.failure}) || !pauseFor(ctx, target.Interval) {
			return true
		}
	}
}

// attempt is one try from here at all addresses.
type attempt struct {
	ready bool
	// connected and refused say that an address was reached, and what it answered.
	connected, refused bool
	failure            string
}

func (g *serviceWaiter) attempt(ctx context.Context, endpoints []engine.NetworkAddress, target prober.Target) attempt {
	var a attempt
	var failures []string
	for i, at := range target.Addresses {
		failure := g.dial(ctx, endpoints[i].NetworkID, at, target, &a)
		if failure == "" {
			return attempt{ready: true, connected: true}
		}
		failures = append(failures, fmt.Sprintf("%s: %s", at, failure))
	}
	a.failure = strings.Join(failures, "; ")
	return a
}

// dial tries one address.
func (g *serviceWaiter) dial(ctx context.Context, network string, at netip.AddrPort, target prober.Target, a *attempt) (failure string) {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	conn, err := g.Engine.Dial(ctx, network, at)
	if errors.Is(err, syscall.ECONNREFUSED) {
		a.refused = true
		return syscall.ECONNREFUSED.Error()
	}
	if err != nil {
		return err.Error()
	}
	a.connected = true
	return target.Check(conn, time.Now().Add(dialTimeout))
}
