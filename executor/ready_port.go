package executor

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"syscall"
	"time"

	"tasks/hclspec"
	"tasks/internal/prober"
)

const (
	// dialLimit bounds one try from here: who swallows packets is not reached from here.
	dialLimit = time.Second
	// directLimit is how long it is tried from here while every try is refused. That is an answer of the container's,
	// most likely; should it be one of this machine's firewall, the prober tells better.
	directLimit = 5 * time.Second
	// namespaceDepth is how often a container may share the network of one that shares the network of another.
	namespaceDepth = 8
)

// probePort tries the port of a ready block until it answers: straight from here, which takes a millisecond, where the
// container's network is one of this machine, else by the prober.
func (g *gate) probePort(ctx context.Context, s ContainerState, results chan<- probeResult) {
	endpoints, err := g.endpoints(ctx, s)
	if err != nil {
		send(ctx, results, probeResult{err: err})
		return
	}
	target := prober.Target{
		HTTP: g.ready.Probe == hclspec.HTTPProbe, Host: g.ready.Host, Path: g.ready.Path, Interval: g.ready.Interval, Timeout: g.answer.limit,
	}
	for _, e := range endpoints {
		target.Addresses = append(target.Addresses, netip.AddrPortFrom(e.Address, g.ready.Port))
	}
	if !g.probeDirectly(ctx, endpoints, target, results) {
		g.probeFromInside(ctx, s, target, results)
	}
}

// endpoints are where the service can be expected to answer: at its own addresses or, where it shares the network of
// another container, at those of that one. With the network of the host, or none at all, it is the loopback address.
func (g *gate) endpoints(ctx context.Context, s ContainerState) ([]Endpoint, error) {
	for range namespaceDepth {
		other, shared := strings.CutPrefix(s.NetworkMode, "container:")
		if !shared {
			break
		}
		var err error
		if s, err = g.cfg.Engine.InspectContainer(ctx, other); err != nil {
			return nil, fmt.Errorf("the container whose network it shares: %w", err)
		}
	}
	switch given := g.ready.Address; {
	case given.IsValid():
		for _, e := range s.Endpoints {
			if e.Address == given {
				return []Endpoint{e}, nil
			}
		}
		return []Endpoint{{Address: given}}, nil
	case len(s.Endpoints) > 0:
		return s.Endpoints, nil
	}
	return []Endpoint{{Address: netip.AddrFrom4([4]byte{127, 0, 0, 1})}}, nil
}

// probeDirectly tries from here, and returns false where that is no way.
func (g *gate) probeDirectly(ctx context.Context, endpoints []Endpoint, target prober.Target, results chan<- probeResult) (settled bool) {
	began := time.Now()
	for {
		a := g.attempt(ctx, endpoints, target)
		switch {
		case ctx.Err() != nil:
			return true
		case a.ready:
			send(ctx, results, probeResult{passed: true})
			return true
		case !a.connected && (!a.refused || time.Since(began) >= directLimit):
			return false
		}
		if !send(ctx, results, probeResult{said: a.failure}) || !pause(ctx, target.Interval) {
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

func (g *gate) attempt(ctx context.Context, endpoints []Endpoint, target prober.Target) attempt {
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
func (g *gate) dial(ctx context.Context, network string, at netip.AddrPort, target prober.Target, a *attempt) (failure string) {
	ctx, cancel := context.WithTimeout(ctx, dialLimit)
	defer cancel()
	conn, err := g.cfg.Engine.Dial(ctx, network, at)
	if errors.Is(err, syscall.ECONNREFUSED) {
		a.refused = true
		return syscall.ECONNREFUSED.Error()
	}
	if err != nil {
		return err.Error()
	}
	a.connected = true
	return target.Ask(conn, time.Now().Add(dialLimit))
}
